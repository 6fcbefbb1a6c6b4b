package local

# METADATA
# title: no-lent-keys
# description: Digital keys are loaded for the employment's own unit; who is lent to another borrows a key there.
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.15", "7.2"]
#   message:
#     sv: "{role} i {system} laddas bara för den egna enheten, inte för {unit}"
#     en: "{role} in {system} is loaded for one's own unit alone, not for {unit}"
#   hint:
#     sv: "ta bort raden; medarbetaren kvitterar ut en lånenyckel hos {unit}"
#     en: "remove the line; the co-worker signs out a spare key at {unit}"
#   why:
#     sv: "En nyckel till brukares hem ska gå att följa till en enhet (Falkenbergs egen regel, påhittad)"
#     en: "A key to clients' homes is to be followed to one unit (Falkenberg's own rule, made up)"
#   bad: |
#     - {system: swedlock, role: nyckel, unit: hemtjanst-soder, until: 2026-12-23, reason: Lånas ut}
#   good: |
#     - {system: swedlock, role: nyckel}
deny contains {
	"rule": "no-lent-keys", "path": grant.path,
	"params": {"role": grant.role.name, "system": grant.role.systemName, "unit": grant.unit.name},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in input.grants
	grant.role.system == "swedlock"
	not at_home(grant)
}

at_home(grant) if grant.home
