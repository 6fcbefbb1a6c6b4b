package behorig

# METADATA
# title: employment
# description: Access lies within its employment, and an employment for a time has an end.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["6.5", "5.18"]
#   message:
#     sv: "raden sträcker sig utanför anställningen {from}–{until}; de dagarna ges ingenting"
#     en: "the line reaches outside the employment {from}–{until}; nothing is given on those days"
#   hint:
#     sv: "rätta radens from och until, eller ta bort dem så följer raden anställningen"
#     en: "mend the line's from and until, or remove them and the line follows the employment"
#   cases:
#     end:
#       message:
#         sv: "anställningen som {form} från {from} har ingen sista dag"
#         en: "the employment as {form} from {from} has no last day"
#       hint:
#         sv: "skriv until på anställningen; förläng den när dagen närmar sig"
#         en: "write until on the employment; extend it when the day draws near"
#   why:
#     sv: "Behörigheten upphör när anställningen eller uppdraget gör det (patientdatalagen 4 kap. 2 §; dataskyddsförordningen artikel 32)"
#     en: "Access ends when the employment or assignment does (patientdatalagen ch. 4 § 2; GDPR article 32)"
#   bad: |
#     - {unit: hemtjanst-norr, form: substitute, from: 2026-12-01}
#   good: |
#     - {unit: hemtjanst-norr, form: substitute, from: 2026-12-01, until: 2027-05-31}
deny contains {
	"rule": "employment", "case": "outside", "path": access.path,
	"params": {"from": object.get(employment, "fromDate", ""), "until": object.get(employment, "untilDate", "")},
	"grants": [],
} if {
	input.kind == "person"
	some employment in input.employments
	some access in employment.access
	not access.outside == false
}

deny contains {
	"rule": "employment", "case": "end", "path": employment.path,
	"params": {"form": object.get(employment, "form", ""), "from": object.get(employment, "fromDate", "")},
	"grants": [grant.id | some grant in input.grants; grant.employment.path == employment.path],
} if {
	input.kind == "person"
	some employment in input.employments
	not employment_ends(employment)
	not employment_lasting(employment)
}

employment_ends(employment) if employment.until < 9999999

employment_lasting(employment) if employment.form in {"permanent", "hourly", "elected"}
