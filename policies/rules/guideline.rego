package behorig

# METADATA
# title: guideline
# description: A role that requires the guideline is for those who have read the edition in force, or an older one in its grace.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.15", "5.18"]
#   message:
#     sv: "{role} i {system} kräver att medarbetaren har läst {guideline}, och det är inte noterat"
#     en: "{role} in {system} requires that the co-worker has read {guideline}, and that is not recorded"
#   hint:
#     sv: "låt medarbetaren läsa den och skriv edition: \"{edition}\" och dagen under guideline"
#     en: "have the co-worker read it and write edition: \"{edition}\" and the day under guideline"
#   cases:
#     later:
#       message:
#         sv: "{guideline} är noterad som läst först {read}, men {role} i {system} gäller från {on}"
#         en: "{guideline} is recorded as read on {read} only, but {role} in {system} holds from {on}"
#       hint:
#         sv: "rätta dagen under guideline, eller låt behörigheten börja tidigast {read}"
#         en: "mend the day under guideline, or let the access begin on {read} at the earliest"
#     old:
#       message:
#         sv: "{role} i {system} kräver utgåva {edition} av {guideline}, men medarbetaren har läst {had}"
#         en: "{role} in {system} requires edition {edition} of {guideline}, but the co-worker has read {had}"
#       hint:
#         sv: "låt medarbetaren läsa den nya utgåvan och skriv edition: \"{edition}\" och dagen under guideline"
#         en: "have the co-worker read the new edition and write edition: \"{edition}\" and the day under guideline"
#   why:
#     sv: "Innan behörighet beställs ska medarbetaren ha läst kommunens riktlinje för informationssäkerhet"
#     en: "Before access is ordered the co-worker must have read the municipality's guideline on information security"
#   bad: |
#     guideline: {edition: "2023-01", read: 2023-02-14}
#   good: |
#     guideline: {edition: "2025-03", read: 2026-11-20}
deny contains {
	"rule": "guideline", "case": guideline_case(grant), "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "on": object.get(grant, "onDate", ""),
		"guideline": object.get(input, ["settings", "guidelineName"], ""), "edition": object.get(input, ["settings", "edition"], ""),
		"had": object.get(input, ["person", "edition"], ""), "read": object.get(input, ["person", "readDate"], ""),
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	not guideline_none
	some grant in input.grants
	grant.role.guideline
	not guideline_ok(grant)
}

guideline_none if input.settings.edition == ""

guideline_ok(grant) if {
	input.person.edition == input.settings.edition
	input.person.read <= grant.on
}

guideline_ok(grant) if {
	guideline_read(grant)
	grant.on <= input.settings.graceUntil
}

guideline_read(grant) if {
	input.person.edition != ""
	input.person.read <= grant.on
}

guideline_case(grant) := "old" if {
	guideline_read(grant)
} else := "later" if {
	input.person.edition != ""
} else := "unread"
