package behorig

# METADATA
# title: hsa-id
# description: A role that requires an HSA-id is for those who have one.
# scope: rule
# schemas:
#   - input: schema.input
# custom:
#   severity: deny
#   effect: withhold
#   controls: ["5.16"]
#   message:
#     sv: "{role} i {system} kräver HSA-id, och medarbetaren har inget"
#     en: "{role} in {system} requires an HSA-id, and the co-worker has none"
#   hint:
#     sv: "be den som sköter HSA-katalogen lägga upp medarbetaren, och skriv numret under hsaId"
#     en: "ask whoever keeps the HSA catalogue to enter the co-worker, and write the number under hsaId"
#   why:
#     sv: "Nationella tjänster läser vem medarbetaren är ur HSA-katalogen; utan HSA-id går det inte att logga in"
#     en: "National services read who the co-worker is from the HSA catalogue; without an HSA-id there is no signing in"
#   bad: |
#     name: Anna Lindqvist
#   good: |
#     name: Anna Lindqvist
#     hsaId: SE5560000000-A1B2
deny contains {
	"rule": "hsa-id", "path": grant.path,
	"params": {"role": grant.role.name, "system": grant.role.systemName},
	"grants": [grant.id],
} if {
	input.kind == "person"
	not hsa_id_given
	some grant in input.grants
	grant.role.hsaId
}

hsa_id_given if input.person.hsaId != ""
