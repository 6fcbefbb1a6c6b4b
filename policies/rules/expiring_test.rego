package behorig_test

test_expiring_card if {
	every until in [1000, 1060] {
		said("expiring", changed({"/person/cards/0/until": until, "/person/cards/0/untilDate": "soon"})) == {{
			"rule": "expiring", "case": "card", "path": "cards/0", "grants": [],
			"params": {"until": "soon"},
		}}
	}
}

test_expiring_sooner if {
	said("expiring", changed({"/grants/0/until": 2001, "/grants/0/untilDate": "d2001"})) == {{
		"rule": "expiring", "case": "sooner", "path": "employments/0/access/0", "grants": [],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "until": "d2001", "card": "d2000"},
	}}
}

test_expiring_temporary if {
	said("expiring", changed({"/grants/0": lent})) == {{
		"rule": "expiring", "case": "temporary", "path": "employments/0/access/0", "grants": [],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "unit": "Västerhöjd", "until": "d1060"},
	}}
}

# Once for the line, whether it is temporary too or not.
test_expiring_adopted if {
	every line in [grant, lent] {
		taken_over := object.union(line, {"adopted": true, "until": 1060, "untilDate": "d1060"})
		said("expiring", changed({"/grants": [taken_over, object.union(taken_over, {"id": 1})]})) == {{
			"rule": "expiring", "case": "adopted", "path": "employments/0/access/0", "grants": [],
			"params": {"until": "d1060"},
		}}
	}
}

test_expiring_licence if {
	said("expiring", changed({"/person/licences/0/until": 1060, "/person/licences/0/untilDate": "d1060"})) == {{
		"rule": "expiring", "case": "licence", "path": "licences/0", "grants": [],
		"params": {"profession": "sjukskoterska", "until": "d1060"},
	}}
}

test_expiring_employment if {
	said("expiring", changed({"/employments/0/until": 1000, "/employments/0/untilDate": "d1000"})) == {{
		"rule": "expiring", "case": "employment", "path": "employments/0", "grants": [],
		"params": {"form": "permanent", "until": "d1000"},
	}}
}

another(until, loa) := {"path": "cards/1", "kind": "siths", "siths": true, "loa": loa, "until": until, "untilDate": "another"}

test_expiring_card_that_another_does_not_cover if {
	every card in [another(1060, 3), another(2000, 2)] {
		soon := object.union(person.person.cards[0], {"until": 1050})
		some denial in said("expiring", changed({"/person/cards": [soon, card]}))
		denial.path == "cards/0"
	}
}

test_expiring_near_misses if {
	soon := object.union(person.person.cards[0], {"until": 1050})
	every values in [
		{"/person/cards/0/until": 1061},
		{"/person/cards/0/until": 1050, "/grants/0/until": 1050},
		{"/person/cards/0/until": 1050, "/grants/0/role/siths": 0},
		{"/person/cards/0/until": 999},
		{"/person/cards/0/until": 1050, "/person/cards/0/siths": false},
		{"/person/cards": [soon, another(1061, 3)]},
		{"/grants/0/until": 2000},
		{"/grants/0/until": 1500, "/person/cards/0/until": 999},
		{"/grants/0": lent, "/grants/0/until": 1061},
		{"/grants/0/adopted": true, "/grants/0/until": 1061},
		{"/grants/0/adopted": true, "/grants/0/until": 999},
		{"/grants/0": lent, "/grants/0/active": false},
		{"/grants/0/until": 1030},
		{"/person/licences/0/until": 1061},
		{"/person/licences/0/until": 1060, "/grants": []},
		{"/employments/0/until": 1061},
		{"/employments/0/until": 999},
		{"/employments/0/until": 1010, "/employments/0/from": 1001},
	] {
		count(said("expiring", changed(values))) == 0
	}
}
