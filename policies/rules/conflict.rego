package behorig

# METADATA
# title: conflict
# description: Two roles that must not be one person's are not held on the same day.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.3"]
#   message:
#     sv: "{role} i {system} och {other} i {otherSystem} får inte finnas hos samma person samtidigt"
#     en: "{role} in {system} and {other} in {otherSystem} must not be one person's at the same time"
#   hint:
#     sv: "ta bort den ena, eller skriv until så att {other} slutar före {from}"
#     en: "remove one of them, or write until so that {other} ends before {from}"
#   why:
#     sv: "Den som ger behörighet i ett system använder den inte själv: arbetsuppgifter hålls isär (ISO/IEC 27002 5.3; Migrationsverkets villkor)"
#     en: "Whoever gives access in a system does not use it as well: duties are kept apart (ISO/IEC 27002 5.3; Migrationsverket's terms)"
#   bad: |
#     - {system: migrationsverket, role: administrator}
#     - {system: migrationsverket, role: anvandare}
#   good: |
#     - {system: migrationsverket, role: administrator, until: 2026-12-31}
#     - {system: migrationsverket, role: anvandare, from: 2027-01-01}
deny contains {
	"rule": "conflict", "path": later.path,
	"params": {
		"role": later.role.name, "system": later.role.systemName, "from": object.get(later, "fromDate", ""),
		"other": earlier.role.name, "otherSystem": earlier.role.systemName,
	},
	"grants": [later.id],
} if {
	input.kind == "person"
	some later in input.grants
	some id in later.role.conflicts
	some earlier in input.grants
	earlier.role.id == id
	earlier.id != later.id
	not conflict_apart(earlier, later)
	not conflict_apart(later, earlier)
	not conflict_first(later, earlier)
}

conflict_apart(one, other) if one.until < other.from

conflict_first(one, other) if {
	one.adopted == other.adopted
	[one.from, one.id] < [other.from, other.id]
}

# What is adopted is held already, whatever its line's first day: it is the order that comes to it.
conflict_first(one, other) if {
	one.adopted
	other.adopted == false
}
