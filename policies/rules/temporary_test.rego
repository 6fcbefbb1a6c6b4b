package behorig_test

test_temporary_until if {
	said("temporary", changed({"/grants/0": lent, "/grants/0/ownUntil": false, "/grants/0/days": 9999999})) == {{
		"rule": "temporary", "case": "until", "path": "employments/0/access/0", "grants": [0],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "unit": "Västerhöjd", "days": 9999999, "max": 90},
	}}
}

test_temporary_reason if said_case("temporary", changed({"/grants/0": lent, "/grants/0/reason": ""})) == {"reason"}

test_temporary_long if said_case("temporary", changed({"/grants/0": lent, "/grants/0/days": 91})) == {"long"}

test_temporary_identity if said_case("temporary", changed({"/grants/0": lent, "/person/sealed": false})) == {"identity"}

test_temporary_extended_at_home if {
	said_case("temporary", changed({"/grants/0/extended": true, "/person/sealed": false})) == {"until", "reason", "identity"}
}

test_temporary_near_misses if {
	every values in [
		{"/grants/0": lent, "/grants/0/days": 90},
		{"/grants/0": lent, "/grants/0/home": true, "/grants/0/extended": true},
		{"/person/sealed": false},
	] {
		count(said("temporary", changed(values))) == 0
	}
}
