package behorig

# METADATA
# title: licence
# description: A role for a licensed profession is for those whose licence has been checked, and not too long ago.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.15", "5.18"]
#   message:
#     sv: "{role} i {system} kräver legitimation ({licences}), och ingen är noterad"
#     en: "{role} in {system} requires a licence ({licences}), and none is recorded"
#   hint:
#     sv: "kontrollera legitimationen i Socialstyrelsens register HOSP och skriv yrke och dag under licences"
#     en: "check the licence in Socialstyrelsen's register HOSP and write profession and day under licences"
#   cases:
#     unchecked:
#       message:
#         sv: "legitimationen kontrollerades senast {checked}, och {role} i {system} kräver en kontroll som inte är äldre än {days} dagar den {on}"
#         en: "the licence was last checked on {checked}, and {role} in {system} requires a check no older than {days} days on {on}"
#       hint:
#         sv: "kontrollera den igen i Socialstyrelsens register HOSP och skriv dagen under checked"
#         en: "check it again in Socialstyrelsen's register HOSP and write the day under checked"
#     future:
#       message:
#         sv: "legitimationen är noterad som kontrollerad först {checked}, men {role} i {system} gäller från {on}"
#         en: "the licence is recorded as checked on {checked} only, but {role} in {system} holds from {on}"
#       hint:
#         sv: "rätta dagen under checked, eller låt behörigheten börja senare"
#         en: "mend the day under checked, or let the access begin later"
#   why:
#     sv: "Behörighet till patientuppgifter begränsas till det som arbetsuppgiften kräver (patientdatalagen 4 kap. 2 §)"
#     en: "Access to patient data is limited to what the work requires (patientdatalagen ch. 4 § 2)"
#   bad: |
#     licences:
#       - {profession: sjukskoterska, checked: 2021-03-01}
#   good: |
#     licences:
#       - {profession: sjukskoterska, checked: 2026-10-01}
deny contains {
	"rule": "licence", "case": licence_case(grant), "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "licences": grant.role.licences,
		"on": object.get(grant, "onDate", ""), "checked": licence_checked(grant), "days": object.get(input, ["settings", "licenceDays"], 0),
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in input.grants
	grant.role.licences != []
	not licence_ok(grant)
}

licence_ok(grant) if {
	some licence in input.person.licences
	licence.profession in grant.role.licences
	licence.checked <= grant.on
	licence.until >= grant.on
}

licence_of(grant) := [licence |
	some licence in input.person.licences
	licence.profession in grant.role.licences
]

licence_checked(grant) := max(array.concat([""], [object.get(licence, "checkedDate", "") | some licence in licence_of(grant)]))

licence_case(grant) := "missing" if {
	count(licence_of(grant)) == 0
} else := "unchecked" if {
	some licence in licence_of(grant)
	licence.checked <= grant.on
} else := "future"
