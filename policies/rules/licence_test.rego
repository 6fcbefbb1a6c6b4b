package behorig_test

test_licence_missing if {
	said("licence", changed({"/person/licences": []})) == {{
		"rule": "licence", "case": "missing", "path": "employments/0/access/0", "grants": [0],
		"params": {
			"role": "Sjuksköterska", "system": "Lifecare", "licences": ["sjukskoterska"], "on": "d1000", "checked": "",
			"days": 365,
		},
	}}
}

test_licence_of_another_profession if {
	said_case("licence", changed({"/person/licences/0/profession": "lakare"})) == {"missing"}
}

test_licence_unchecked if {
	some denial in said("licence", changed({"/person/licences/0/until": 999}))
	denial.case == "unchecked"
	denial.params.checked == "d900"
}

test_licence_future if said_case("licence", changed({"/person/licences/0/checked": 1001})) == {"future"}

test_licence_near_misses if {
	every values in [
		{"/person/licences/0/until": 1000},
		{"/person/licences/0/checked": 1000},
		{"/person/licences": [], "/grants/0/role/licences": []},
		{"/person/licences/0/profession": "lakare", "/grants/0/role/licences": ["sjukskoterska", "lakare"]},
	] {
		count(said("licence", changed(values))) == 0
	}
}
