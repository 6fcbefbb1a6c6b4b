package behorig_test

# both is a person with two conflicting roles: the valid one from 800, until a day, and the other from a day.
both(until, from) := changed({"/grants": [
	object.union(grant, {"until": until}),
	object.union(grant, {"id": 1, "path": "employments/0/access/1", "role": plain, "from": from, "fromDate": "later"}),
]})

test_conflict_later if {
	said("conflict", both(1200, 1200)) == {{
		"rule": "conflict", "path": "employments/0/access/1", "grants": [1],
		"params": {
			"role": "Administratör", "system": "Lifecare", "from": "later",
			"other": "Sjuksköterska", "otherSystem": "Lifecare",
		},
	}}
}

test_conflict_ties_fall_to_the_later_line if {
	some denial in said("conflict", both(9999999, 800))
	denial.grants == [1]
}

test_conflict_the_later_may_stand_first if {
	some denial in said("conflict", both(9999999, 700))
	denial.grants == [0]
}

# An adopted role is held already: the order is the later, whatever its days. Of two that are adopted, the later is.
test_conflict_adopted if {
	every values, id in {
		{"/grants/0/adopted": true, "/grants/1/from": 700}: 1,
		{"/grants/1/adopted": true}: 0,
		{"/grants/0/adopted": true, "/grants/1/adopted": true}: 1,
	} {
		every denial in said("conflict", patched(both(1200, 1100), values)) {
			denial.grants == [id]
		}
		count(said("conflict", patched(both(1200, 1100), values))) == 1
	}
}

test_conflict_near_misses if {
	count(said("conflict", both(1200, 1201))) == 0
	count(said("conflict", changed({"/grants/0/role/conflicts": ["lifecare/ssk"]}))) == 0
	count(said("conflict", changed({"/grants": [grant, object.union(grant, {"id": 1})]}))) == 0
}
