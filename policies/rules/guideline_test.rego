package behorig_test

never := {"/person/edition": "", "/person/read": 9999999, "/person/readDate": ""}

test_guideline_unread if {
	said("guideline", changed(never)) == {{
		"rule": "guideline", "case": "unread", "path": "employments/0/access/0", "grants": [0],
		"params": {
			"role": "Sjuksköterska", "system": "Lifecare", "on": "d1000", "guideline": "Riktlinjen", "edition": "B",
			"had": "", "read": "",
		},
	}}
}

test_guideline_unread_has_no_grace if {
	said_case("guideline", changed(object.union(never, {"/settings/graceUntil": 1000}))) == {"unread"}
}

test_guideline_later if said_case("guideline", changed({"/person/read": 1001})) == {"later"}

test_guideline_old if {
	said_case("guideline", changed({"/person/edition": "A", "/settings/graceUntil": 999})) == {"old"}
}

test_guideline_near_misses if {
	every values in [
		{"/person/read": 1000},
		{"/person/edition": "A", "/settings/graceUntil": 1000},
		{"/person/edition": "", "/settings/edition": ""},
		{"/person/edition": "", "/grants/0/role/guideline": false},
		{"/person/read": 1001, "/grants/0/on": 1001},
	] {
		count(said("guideline", changed(values))) == 0
	}
}
