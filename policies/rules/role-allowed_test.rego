package behorig_test

test_role_allowed_kind if {
	said("role-allowed", changed({"/grants/0/unit/kind": "stab", "/grants/0/unit/name": "Staben"})) == {{
		"rule": "role-allowed", "case": "kind", "path": "employments/0/access/0", "grants": [0],
		"params": {
			"role": "Sjuksköterska", "system": "Lifecare", "owner": "frida.lind", "unit": "Staben",
			"kinds": ["sabo"],
		},
	}}
}

test_role_allowed_form if {
	said("role-allowed", changed({"/grants/0/employment/form": "hourly"})) == {{
		"rule": "role-allowed", "case": "form", "path": "employments/0/access/0", "grants": [0],
		"params": {
			"role": "Sjuksköterska", "system": "Lifecare", "owner": "frida.lind", "form": "hourly",
			"forms": ["permanent", "substitute"],
		},
	}}
}

test_role_allowed_near_misses if {
	every values in [
		{"/grants/0/unit/kind": "stab", "/grants/0/role/unitKinds": []},
		{"/grants/0/unit/kind": "stab", "/grants/0/role/unitKinds": ["sabo", "stab"]},
		{"/grants/0/unit/kind": "", "/grants/0/unit/known": false},
		{"/grants/0/employment/form": "hourly", "/grants/0/role/forms": []},
		{"/grants/0/employment/form": "substitute"},
	] {
		count(said("role-allowed", changed(values))) == 0
	}
}
