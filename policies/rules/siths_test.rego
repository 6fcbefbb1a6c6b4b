package behorig_test

test_siths_none if {
	said("siths", changed({"/person/cards": []})) == {{
		"rule": "siths", "case": "none", "path": "employments/0/access/0", "grants": [0],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "level": 3, "on": "d1000", "until": ""},
	}}
}

test_siths_falkenberg_card_is_none if {
	said_case("siths", changed({"/person/cards/0/siths": false, "/person/cards/0/kind": "falkenberg"})) == {"none"}
}

test_siths_level if said_case("siths", changed({"/person/cards/0/loa": 2})) == {"level"}

test_siths_expired if {
	some denial in said("siths", changed({"/person/cards/0/until": 999, "/person/cards/0/untilDate": "d999"}))
	denial.case == "expired"
	denial.params.until == "d999"
}

test_siths_expired_by_the_grants_day if said_case("siths", changed({"/grants/0/on": 2001})) == {"expired"}

test_siths_near_misses if {
	every values in [
		{"/person/cards/0/until": 1000},
		{"/grants/0/on": 2000},
		{"/person/cards/0/loa": 2, "/grants/0/role/siths": 2},
		{"/person/cards": [], "/grants/0/role/siths": 0},
	] {
		count(said("siths", changed(values))) == 0
	}
}
