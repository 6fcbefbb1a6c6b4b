package behorig_test

test_employment_outside if {
	said("employment", changed({"/employments/0/access/0/outside": true, "/employments/0/untilDate": "d1200"})) == {{
		"rule": "employment", "case": "outside", "path": "employments/0/access/0", "grants": [],
		"params": {"from": "d800", "until": "d1200"},
	}}
}

test_employment_end if {
	every form in ["substitute", "student", "agency", "consultant"] {
		said("employment", changed({"/employments/0/form": form})) == {{
			"rule": "employment", "case": "end", "path": "employments/0", "grants": [0],
			"params": {"form": form, "from": "d800"},
		}}
	}
}

test_employment_end_stops_its_own_grants_only if {
	other := object.union(grant, {"id": 1, "employment": object.union(employment, {"path": "employments/1"})})
	some denial in said("employment", changed({"/employments/0/form": "agency", "/grants": [grant, other]}))
	denial.grants == [0]
}

test_employment_near_misses if {
	every values in [
		{"/employments/0/form": "substitute", "/employments/0/until": 1200},
		{"/employments/0/form": "hourly"},
		{"/employments/0/form": "elected"},
	] {
		count(said("employment", changed(values))) == 0
	}
}
