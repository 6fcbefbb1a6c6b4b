package behorig

# METADATA
# title: role-allowed
# description: A role is given in the kinds of unit, and for the forms of employment, that it is for.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.15"]
#   message:
#     sv: "{role} i {system} är inte till för {unit}, utan för: {kinds}"
#     en: "{role} in {system} is not for {unit}, but for: {kinds}"
#   hint:
#     sv: "välj en annan roll, eller rätta enheten; ska rollen användas där, fråga systemägaren {owner}"
#     en: "choose another role, or mend the unit; if the role is to be used there, ask the system owner {owner}"
#   cases:
#     form:
#       message:
#         sv: "{role} i {system} är inte till för anställningsformen {form}, utan för: {forms}"
#         en: "{role} in {system} is not for {form}, but for: {forms}"
#       hint:
#         sv: "välj en annan roll, eller rätta anställningens form om den är fel; fråga annars systemägaren {owner}"
#         en: "choose another role, or mend the employment's form if it is wrong; else ask the system owner {owner}"
#   why:
#     sv: "Behörighet begränsas till det som arbetsuppgiften kräver (patientdatalagen 4 kap. 2 §)"
#     en: "Access is limited to what the work requires (patientdatalagen ch. 4 § 2)"
#   bad: |
#     - {unit: stab, form: permanent, from: 2026-12-01, access: [{system: intraphone, role: omvardnadspersonal}]}
#   good: |
#     - {unit: hemtjanst-norr, form: permanent, from: 2026-12-01, access: [{system: intraphone, role: omvardnadspersonal}]}
deny contains {
	"rule": "role-allowed", "case": "kind", "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "owner": grant.role.owner,
		"unit": grant.unit.name, "kinds": grant.role.unitKinds,
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in input.grants
	grant.role.unitKinds != []
	grant.unit.known
	not role_allowed_kind(grant)
}

deny contains {
	"rule": "role-allowed", "case": "form", "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "owner": grant.role.owner,
		"form": object.get(grant.employment, "form", ""), "forms": grant.role.forms,
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in input.grants
	grant.role.forms != []
	not role_allowed_form(grant)
}

role_allowed_kind(grant) if grant.unit.kind in grant.role.unitKinds

role_allowed_form(grant) if grant.employment.form in grant.role.forms
