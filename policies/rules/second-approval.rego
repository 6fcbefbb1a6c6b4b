package behorig

# METADATA
# title: second-approval
# description: A privileged role takes two approvals beside the order.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: none
#   firm: true
#   controls: ["5.3", "8.2"]
#   message:
#     sv: "{role} är en privilegierad roll och behöver två godkännanden utöver beställningen; {count} finns"
#     en: "{role} is a privileged role and needs two approvals beside the order; there is {count}"
#   hint:
#     sv: "be två personer som varken beställt eller ska ha rollen att godkänna, till exempel {may}"
#     en: "ask two people who neither ordered it nor are to hold it to approve, for instance {may}"
#   why:
#     sv: "Privilegierade rättigheter begränsas och beviljas av fler än en (ISO/IEC 27002 8.2, 5.3)"
#     en: "Privileged rights are restricted and granted by more than one (ISO/IEC 27002 8.2, 5.3)"
#   bad: |
#     - {system: migrationsverket, role: administrator}   # approved by one
#   good: |
#     - {system: migrationsverket, role: administrator}   # approved by karin.berg and omar.haddad
deny contains {
	"rule": "second-approval", "file": change.file, "path": change.path,
	"params": {"role": change.role, "count": count(second_approval_by(change)), "may": [who | some who in change.may; who != change.person]},
	"grants": [],
} if {
	input.kind == "order"
	some change in input.order.changes
	change.privileged
	change.gained
	not second_approval_ok(change)
}

second_approval_ok(change) if count(second_approval_by(change)) >= 2

second_approval_by(change) := {who |
	some who in change.approvers
	who != change.person
	not who in change.orderers
}
