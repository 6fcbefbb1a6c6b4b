package behorig

# METADATA
# title: adopted
# description: Access that was there before the repository is adopted by an owner of the settings alone, and for a time in which it can be reviewed.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: keep
#   firm: true
#   controls: ["5.3", "5.18"]
#   message:
#     sv: "raden tas över (adopted) till och med {until}, och det får bara den som äger inställningarna göra, för någon annan än sig själv"
#     en: "the line is adopted until {until}, which only an owner of the settings may do, for somebody else than themselves"
#   hint:
#     sv: "be någon av dessa signera eller godkänna: {may}; ta annars bort adopted, så bedöms raden som vilken beställning som helst"
#     en: "ask one of these to sign or approve it: {may}; else remove adopted, and the line is judged like any other order"
#   cases:
#     nobody:
#       hint:
#         sv: "ta bort adopted, så bedöms raden som vilken beställning som helst; ska den tas över, skriv först in någon annan än medarbetaren under owners: settings i behorig.yaml på målgrenen"
#         en: "remove adopted, and the line is judged like any other order; if it is to be adopted, first enter somebody else than the co-worker under owners: settings in behorig.yaml on the target branch"
#     far:
#       message:
#         sv: "den övertagna raden gäller till och med {until}, mer än {max} dagar bort, så den blir inte sedd över i tid"
#         en: "the adopted line holds until {until}, more than {max} days away, so it is not reviewed in time"
#       hint:
#         sv: "skriv en tidigare until, högst {max} dagar bort, och se över raden till dess"
#         en: "write an earlier until, {max} days away at most, and review the line by then"
#   why:
#     sv: "Behörighet som fanns före införandet tas över en gång, öppet och för en tid, och följs sedan upp (HSLF-FS 2016:40 4 kap., ISO/IEC 27002 5.18); den som fritt kunde skriva adopted kom förbi övriga regler"
#     en: "Access from before the introduction is taken over once, in the open and for a time, and then reviewed (HSLF-FS 2016:40 ch. 4, ISO/IEC 27002 5.18); whoever could write adopted freely would get round the other rules"
#   bad: |
#     # signed by karin.berg, who owns no settings
#     - {system: lifecare, role: utforare, adopted: true, until: 2027-05-30}
#   good: |
#     # the same, signed or approved by frida.lind, an owner of the settings
#     - {system: lifecare, role: utforare, adopted: true, until: 2027-05-30}
deny contains {
	"rule": "adopted", "case": adopted_case(adoption), "file": adoption.file, "path": adoption.path,
	"params": {"until": adoption.untilDate, "may": ordered_by_others(adoption)},
	"grants": [],
} if {
	input.kind == "order"
	some adoption in input.order.adopted
	not ordered_by_ok(adoption)
}

deny contains {
	"rule": "adopted", "case": "far", "path": grant.path,
	"params": {"until": object.get(grant, "untilDate", ""), "max": object.get(input, ["settings", "adoptedDays"], "")},
	"grants": [other.id | some other in input.grants; other.path == grant.path],
} if {
	input.kind == "person"
	some grant in adopted_grants
	not adopted_soon(grant)
}

# A grant that does not say whether it is adopted is. The distance is from the day judged, not from the line's first day: that may be many years
# back, and what is near enough once stays so.
adopted_grants := [grant | some grant in input.grants; not grant.adopted == false]

adopted_soon(grant) if grant.until - input.today <= input.settings.adoptedDays

adopted_case(adoption) := "nobody" if {
	ordered_by_others(adoption) == []
} else := "owner"
