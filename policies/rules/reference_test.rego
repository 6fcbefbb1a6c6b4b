package behorig_test

unknown := {
	"file": "people/anna.yaml", "path": "employments/0/access/0/role", "noun": "role", "value": "skk", "nearest": "ssk",
	"grants": [0],
}

test_reference_person if {
	said("reference", changed({"/unknown": [unknown]})) == {{
		"rule": "reference", "case": "nearest", "file": "people/anna.yaml", "path": "employments/0/access/0/role",
		"params": {"noun": "role", "value": "skk", "nearest": "ssk"}, "grants": [0],
	}}
}

test_reference_case_by_noun if {
	some noun in ["system", "role", "unit", "package", "person", "target"]
	said_case("reference", changed({"/unknown": [object.union(unknown, {"noun": noun, "nearest": ""})]})) == {noun}
}

test_reference_organisation_has_no_grants if {
	some denial in said("reference", patched(organisation, {"/unknown": [unknown]}))
	denial.grants == []
}

test_reference_unbound if {
	of := object.union(unknown, {"file": "targets.yaml", "path": "systems", "noun": "target", "nearest": ""})
	said_case("reference", patched(organisation, {"/unknown": [of]})) == {"unbound"}
}

test_reference_twice if {
	every noun in ["login", "hsaId", "employeeId"] {
		said("reference", patched(organisation, {"/twice": [{
			"file": "people/anna.yaml", "path": noun,
			"noun": noun, "person": "anna", "other": "bo",
		}]})) == {{
			"rule": "reference", "case": noun, "file": "people/anna.yaml", "path": noun,
			"params": {"person": "anna", "other": "bo"}, "grants": [],
		}}
	}
}

test_reference_near_misses if {
	count(said("reference", person)) == 0
	count(said("reference", organisation)) == 0
}
