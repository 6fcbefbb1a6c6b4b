package behorig

# METADATA
# title: analysis
# description: A role has a needs-and-risk analysis, reviewed in time.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: warn
#   effect: keep
#   controls: ["5.15"]
#   message:
#     sv: "{role} i {system} saknar behovs- och riskanalys; den ges inte till fler"
#     en: "{role} in {system} has no needs-and-risk analysis; it is given to nobody new"
#   hint:
#     sv: "be {owner} göra den och skriv datum, nästa översyn och ansvarig under analysis"
#     en: "ask {owner} to make it and write its date, next review and owner under analysis"
#   cases:
#     stale:
#       message:
#         sv: "behovs- och riskanalysen av {role} i {system} skulle ha setts över senast {review}; rollen ges inte till fler"
#         en: "the needs-and-risk analysis of {role} in {system} was to be reviewed by {review}; the role is given to nobody new"
#       hint:
#         sv: "be {owner} se över den och skriv de nya dagarna under analysis"
#         en: "ask {owner} to review it and write the new days under analysis"
#   why:
#     sv: "Behörighet tilldelas efter en behovs- och riskanalys (HSLF-FS 2016:40 4 kap. 2 §)"
#     en: "Access is given after a needs-and-risk analysis (HSLF-FS 2016:40 ch. 4 § 2)"
#   bad: |
#     omvardnad-app: {name: "Omvårdnadspersonal, appen"}
#   good: |
#     omvardnad-app: {name: "Omvårdnadspersonal, appen", analysis: {date: 2026-03-01, review: 2027-03-01, owner: frida.lind}}
deny contains {
	"rule": "analysis", "case": analysis_case(holding), "file": holding.file, "path": holding.path,
	"params": {
		"role": holding.role.name, "system": holding.role.systemName,
		"owner": holding.owner, "review": object.get(holding, "reviewDate", ""),
	},
	"grants": [holding.role.id],
} if {
	input.kind == "organisation"
	some holding in input.catalogue
	not analysis_ok(holding)
}

analysis_ok(holding) if {
	holding.analysed
	holding.review >= input.today
}

analysis_case(holding) := "stale" if {
	holding.analysed
} else := "missing"
