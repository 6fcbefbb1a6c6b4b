package behorig_test

test_items_missing if {
	said("items", changed({"/person/items": []})) == {{
		"rule": "items", "case": "missing", "path": "employments/0/access/0", "grants": [0],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "desk": "soc-it", "item": "digital-key", "on": "d1000"},
	}}
}

test_items_missing_on_the_day if {
	every values in [
		{"/person/items/0/issued": 1001},
		{"/person/items/0/returned": 1000},
		{"/person/items/0/kind": "phone"},
	] {
		said_case("items", changed(values)) == {"missing"}
	}
}

test_items_unreturned if {
	said("items", changed({"/person/ended": true, "/grants": []})) == {{
		"rule": "items", "case": "unreturned", "path": "items/0", "grants": [],
		"params": {"item": "digital-key", "label": "SW-88"},
	}}
}

test_items_near_misses if {
	every values in [
		{"/person/items/0/issued": 1000},
		{"/person/items/0/returned": 1001},
		{"/person/items": [], "/grants/0/role/items": []},
		{"/person/ended": true, "/grants": [], "/person/items/0/returned": 1000},
		{"/person/ended": true, "/grants": [], "/person/items/0/issued": 1001},
	] {
		count(said("items", changed(values))) == 0
	}
}
