package behorig_test

test_hourly_long if {
	said("hourly", changed({"/grants/0/employment/form": "hourly", "/grants/0/days": 121})) == {{
		"rule": "hourly", "path": "employments/0/access/0", "grants": [0],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "from": "d800", "max": 120},
	}}
}

test_hourly_without_end if count(said("hourly", changed({"/grants/0/employment/form": "hourly"}))) == 1

test_hourly_near_misses if {
	every values in [
		{"/grants/0/employment/form": "hourly", "/grants/0/days": 120},
		{"/grants/0/employment/form": "substitute", "/grants/0/days": 121},
	] {
		count(said("hourly", changed(values))) == 0
	}
}
