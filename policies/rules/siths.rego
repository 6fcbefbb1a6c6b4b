package behorig

# METADATA
# title: siths
# description: A role that requires a SITHS card is for those whose card has the level of assurance and is valid on the day.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.17"]
#   message:
#     sv: "{role} i {system} kräver SITHS-kort, och medarbetaren har inget"
#     en: "{role} in {system} requires a SITHS card, and the co-worker has none"
#   hint:
#     sv: "beställ ett kort hos kortdisken (räkna med två veckor) och skriv in det under cards"
#     en: "order a card at the card desk (allow two weeks) and enter it under cards"
#   cases:
#     level:
#       message:
#         sv: "{role} i {system} kräver SITHS-kort av tillitsnivå {level}, och medarbetarens kort har lägre"
#         en: "{role} in {system} requires a SITHS card of level of assurance {level}, and the co-worker's card has a lower one"
#       hint:
#         sv: "beställ ett kort av nivå {level} hos kortdisken (räkna med två veckor), eller rätta loa under cards"
#         en: "order a card of level {level} at the card desk (allow two weeks), or mend loa under cards"
#     expired:
#       message:
#         sv: "SITHS-kortet gäller till och med {until}, men {role} i {system} behöver det den {on}"
#         en: "the SITHS card is valid until {until}, but {role} in {system} needs it on {on}"
#       hint:
#         sv: "beställ ett nytt kort hos kortdisken (räkna med två veckor) och skriv in det under cards"
#         en: "order a new card at the card desk (allow two weeks) and enter it under cards"
#   why:
#     sv: "System med patientuppgifter kräver stark autentisering: SITHS-kort (HSLF-FS 2016:40 4 kap.)"
#     en: "Systems with patient data require strong authentication: a SITHS card (HSLF-FS 2016:40 ch. 4)"
#   bad: |
#     cards:
#       - {kind: falkenberg, validUntil: 2030-01-31}
#   good: |
#     cards:
#       - {kind: siths, loa: 3, validUntil: 2030-01-31}
deny contains {
	"rule": "siths", "case": siths_case(grant), "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "level": grant.role.siths,
		"on": object.get(grant, "onDate", ""), "until": siths_last,
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in siths_grants
	not siths_ok(grant)
}

# Found once, for this rule and others.
siths_grants := [grant | some grant in input.grants; grant.role.siths > 0]

siths_ok(grant) if {
	some card in siths_cards
	card.loa >= grant.role.siths
	card.until >= grant.on
}

siths_cards contains card if {
	some card in input.person.cards
	card.siths
}

default siths_last := ""

siths_last := max({card.untilDate | some card in siths_cards})

siths_case(grant) := "none" if {
	count(siths_cards) == 0
} else := "level" if {
	some card in siths_cards
	card.until >= grant.on
} else := "expired"
