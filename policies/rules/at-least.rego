package behorig

# METADATA
# title: at-least
# description: A role that somebody must always hold has enough holders.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: keep
#   controls: ["8.2"]
#   message:
#     sv: "{role} i {system} har {holders} innehavare, och minst {least} ska finnas"
#     en: "{role} in {system} is held by {holders}, and at least {least} must hold it"
#   hint:
#     sv: "ge någon annan rollen innan den sista lämnar den; fråga systemägaren {owner} vem"
#     en: "give the role to somebody else before the last one leaves it; ask the system owner {owner} whom"
#   why:
#     sv: "Utan administratör kan ingen ge eller ta bort behörighet i systemet; Migrationsverket kräver att minst en finns kvar"
#     en: "Without an administrator nobody can give or revoke access in the system; Migrationsverket requires that one remains"
#   bad: |
#     administrator: {atLeast: 1}   # and nobody orders it
#   good: |
#     administrator: {atLeast: 1}   # ordered by karin.berg and omar.haddad
deny contains {
	"rule": "at-least", "file": holding.file, "path": holding.path,
	"params": {
		"role": holding.role.name, "system": holding.role.systemName, "owner": holding.role.owner,
		"holders": object.get(holding, "holders", 0), "least": holding.atLeast,
	},
	"grants": [],
} if {
	input.kind == "organisation"
	some holding in input.catalogue
	holding.atLeast > 0
	not at_least_held(holding)
}

# No grant is stopped: giving the role is the remedy. What would take it away is held back by the guard.
at_least_held(holding) if holding.holders >= holding.atLeast
