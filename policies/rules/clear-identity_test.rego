package behorig_test

test_clear_identity if {
	found := [{"file": "people/a.yaml", "line": 3, "column": 9, "where": "file", "id": ""}]
	said("clear-identity", patched(order, {"/order/clear": found})) == {{
		"rule": "clear-identity", "case": "file", "file": "people/a.yaml", "path": "", "grants": [],
		"params": {"id": "", "line": 3, "column": 9},
	}}
}

test_clear_identity_near_misses if {
	count(said("clear-identity", order)) == 0
	count(said("clear-identity", patched(order, {"/kind": "person", "/order/clear": [{"file": "", "line": 1, "column": 1, "where": "branch", "id": ""}]}))) == 0
}
