package behorig

# METADATA
# title: hourly
# description: Access of hourly staff is renewed every so often.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.18", "6.5"]
#   message:
#     sv: "{role} i {system} gäller i mer än {max} dagar från {from}, vilket är för länge för en timavlönad"
#     en: "{role} in {system} holds for more than {max} days from {from}, which is too long for hourly staff"
#   hint:
#     sv: "skriv until på raden eller anställningen, högst {max} dagar bort, och förnya med nya dagar så länge medarbetaren arbetar"
#     en: "write until on the line or the employment, {max} days away at most, and renew with new days as long as the co-worker works"
#   why:
#     sv: "Behörighet följs upp regelbundet (HSLF-FS 2016:40 4 kap.); timavlönades förnyas var fjärde månad"
#     en: "Access is reviewed regularly (HSLF-FS 2016:40 ch. 4); that of hourly staff is renewed every four months"
#   bad: |
#     - {unit: hemtjanst-norr, form: hourly, from: 2026-06-01}
#   good: |
#     - {unit: hemtjanst-norr, form: hourly, from: 2026-06-01, until: 2026-08-31}
deny contains {
	"rule": "hourly", "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName,
		"from": object.get(grant, "fromDate", ""), "max": object.get(input, ["settings", "hourlyDays"], ""),
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in input.grants
	grant.employment.form == "hourly"
	not hourly_ok(grant)
}

hourly_ok(grant) if grant.days <= input.settings.hourlyDays
