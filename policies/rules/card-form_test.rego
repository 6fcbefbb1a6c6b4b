package behorig_test

employed(form, from, until) := object.union(employment, {"form": form, "from": from, "until": until, "days": (until - from) + 1})

test_card_form_grant if {
	said("card-form", changed({
		"/employments/0": employed("hourly", 1000, 1119), "/person/cards": [],
		"/grants/0/employment": employed("hourly", 1000, 1119),
	})) == {{
		"rule": "card-form", "path": "employments/0/access/0", "grants": [0],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "form": "hourly"},
	}}
}

test_card_form_card if {
	said("card-form", changed({
		"/employments/0": employed("hourly", 1000, 1119),
		"/grants": [],
	})) == {{
		"rule": "card-form", "case": "card", "path": "cards/0", "grants": [],
		"params": {"card": "siths"},
	}}
}

test_card_form_falkenberg_card if {
	card := {"path": "cards/0", "kind": "falkenberg", "siths": false, "loa": 0, "until": 1000, "untilDate": "d1000"}
	said_case("card-form", changed({"/person/cards/0": card, "/grants": []})) == {"card"}
}

test_card_form_substitute_of_ninety_days if {
	count(said("card-form", changed({"/employments/0": employed("substitute", 1000, 1089), "/person/cards": []}))) == 1
}

test_card_form_employment_is_not_in_force_on_the_day if {
	every days in [[800, 999], [1001, 2000]] {
		of := {"/employments/0": employed("permanent", days[0], days[1]), "/person/cards": []}
		count(said("card-form", changed(of))) == 1
	}
}

test_card_form_near_misses if {
	hourly := employed("hourly", 1000, 1119)
	every values in [
		{"/employments/0": employed("substitute", 1000, 1090)},
		{"/employments/0": employed("permanent", 1000, 1000)},
		{"/employments": [hourly, employed("permanent", 800, 1000)]},
		{"/employments/0": hourly, "/settings/cards": {}},
		{"/employments/0": hourly, "/grants": [], "/person/cards/0/until": 999},
		{"/employments/0": hourly, "/grants": [], "/person/ended": true},
		{"/employments/0": hourly, "/grants": [], "/person/cards/0/kind": "siths-reserve"},
		{"/employments/0": employed("permanent", 1001, 2000), "/grants": []},
		{"/employments/0": hourly, "/grants": [], "/person/cards/0/kind": "falkenberg"},
		{
			"/employments/0": hourly, "/person/cards": [],
			"/settings/cards": object.union(settings.cards, {"siths-reserve": {"moreThanDays": {"hourly": 30}}}),
		},
	] {
		count(said("card-form", changed(values))) == 0
	}
}
