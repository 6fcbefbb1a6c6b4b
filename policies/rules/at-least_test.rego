package behorig_test

test_at_least_too_few if {
	said("at-least", patched(organisation, {"/catalogue/0/holders": 1, "/catalogue/0/atLeast": 2})) == {{
		"rule": "at-least", "file": "systems/lifecare.yaml", "path": "roles/ssk", "grants": [],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "owner": "frida.lind", "holders": 1, "least": 2},
	}}
}

test_at_least_near_misses if {
	every values in [
		{"/catalogue/0/holders": 2, "/catalogue/0/atLeast": 2},
		{"/catalogue/0/holders": 0, "/catalogue/0/atLeast": 0},
		{"/catalogue/0/holders": 0, "/kind": "person"},
	] {
		count(said("at-least", patched(organisation, values))) == 0
	}
}
