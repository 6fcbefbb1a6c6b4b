package behorig

# METADATA
# title: items
# description: A role that needs a thing is for those to whom it has been issued, and whoever has left has returned theirs.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: warn
#   effect: keep
#   controls: ["5.11"]
#   message:
#     sv: "{role} i {system} kräver {item}, men ingen utlämning är noterad den {on}"
#     en: "{role} in {system} requires {item}, but none is recorded as issued on {on}"
#   hint:
#     sv: "lämna ut och skriv in under items; beställ annars hos servicedesken {desk}"
#     en: "issue it and enter it under items; else order it from the service desk {desk}"
#   cases:
#     unreturned:
#       message:
#         sv: "alla anställningar är slut, men detta är inte återlämnat: {item} {label}"
#         en: "all employments have ended, but this has not been returned: {item} {label}"
#       hint:
#         sv: "ta emot det och skriv dagen som returned; är det borta, anmäl det till servicedesken"
#         en: "take it back and write the day as returned; if it is lost, report it to the service desk"
#   why:
#     sv: "Telefon, digital nyckel, SITHS-kort och Falkenbergskort lämnas tillbaka när anställningen slutar"
#     en: "Phone, digital key, SITHS card and Falkenberg card are returned when the employment ends"
#   bad: |
#     items:
#       - {kind: digital-key, label: SW-88, issued: 2026-12-01}
#   good: |
#     items:
#       - {kind: digital-key, label: SW-88, issued: 2026-12-01, returned: 2027-01-31}
deny contains {
	"rule": "items", "case": "missing", "path": grant.path,
	"params": {
		"role": grant.role.name, "system": grant.role.systemName, "desk": grant.role.desk,
		"item": kind, "on": object.get(grant, "onDate", ""),
	},
	"grants": [grant.id],
} if {
	input.kind == "person"
	some grant in input.grants
	some kind in grant.role.items
	not items_held(kind, grant)
}

deny contains {
	"rule": "items", "case": "unreturned", "path": object.get(item, "path", "items"),
	"params": {"item": object.get(item, "kind", ""), "label": object.get(item, "label", "")},
	"grants": [],
} if {
	input.kind == "person"
	not input.person.ended == false
	some item in input.person.items
	not items_returned(item)
}

items_held(kind, grant) if {
	some item in input.person.items
	item.kind == kind
	item.issued <= grant.on
	item.returned > grant.on
}

items_returned(item) if item.returned < 9999999

items_returned(item) if item.issued > input.today # not issued yet
