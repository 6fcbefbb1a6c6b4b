package behorig_test

# taken is a line that frida, an owner of the settings, has adopted.
taken := {
	"file": "people/anna.yaml", "path": "employments/0/access/0", "person": "anna", "untilDate": "d1100",
	"orderers": ["frida"], "approvers": [], "may": ["bo", "frida"],
}

adoption(values) := patched(order, {"/order/adopted": [patched(taken, values)]})

test_adopted_by_no_owner if {
	said("adopted", adoption({"/orderers": ["karin"]})) == {{
		"rule": "adopted", "case": "owner", "file": "people/anna.yaml", "path": "employments/0/access/0", "grants": [],
		"params": {"until": "d1100", "may": ["bo", "frida"]},
	}}
}

test_adopted_by_whom if {
	every values in [
		{"/orderers": ["frida", "karin"]},
		{"/orderers": ["frida", ""]},
		{"/orderers": []},
		{"/orderers": ["karin"], "/approvers": ["karin"]},
		{"/person": "frida"},
		{"/orderers": ["karin"], "/approvers": ["frida"], "/person": "frida"},
	] {
		said_case("adopted", adoption(values)) == {"owner"}
	}
	said_case("adopted", adoption({"/may": []})) == {"nobody"}
	said_case("adopted", adoption({"/may": ["frida"], "/person": "frida"})) == {"nobody"}
}

# adopted is a grant until a day that one line adopts, with another of the same line beside it.
adopted(until) := changed({"/grants": [
	object.union(grant, {"adopted": true, "until": until, "untilDate": "last"}),
	object.union(grant, {"id": 1, "adopted": true, "until": until, "untilDate": "last", "role": object.union(plain, {"conflicts": []})}),
]})

test_adopted_far if {
	said("adopted", adopted(1181)) == {{
		"rule": "adopted", "case": "far", "path": "employments/0/access/0", "grants": [0, 1],
		"params": {"until": "last", "max": 180},
	}}
}

# What is near enough on a day is so on the next.
test_adopted_stays_near if {
	every day in numbers.range(1000, 1180) {
		count(said("adopted", patched(adopted(1180), {"/today": day}))) == 0
	}
}

test_adopted_near_misses if {
	count(said("adopted", adopted(1180))) == 0
	count(said("adopted", person)) == 0
	every values in [{}, {"/orderers": ["karin"], "/approvers": ["bo"]}, {"/orderers": ["bo", "frida"]}] {
		count(said("adopted", adoption(values))) == 0
	}
	count(said("adopted", patched(adoption({"/orderers": ["karin"]}), {"/kind": "person"}))) == 0
}
