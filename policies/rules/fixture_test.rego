package behorig_test

import data.behorig

# said is what one rule says of an input.
said(rule, of) := {denial | some denial in behorig.deny with input as of; denial.rule == rule}

# changed is the valid person with values put in their places: "/grants/0/on" to 100.
changed(values) := patched(person, values)

patched(whole, values) := json.patch(whole, [{"op": "replace", "path": path, "value": value} | some path, value in values])

# Today is day 1000 of everything here, and the limits are round.
settings := {
	"edition": "B", "editionFrom": 900, "graceUntil": 930, "guidelineName": "Riktlinjen",
	"temporaryDays": 90, "hourlyDays": 120, "adoptedDays": 180, "licenceDays": 365, "warnDays": 60,
	"cards": {
		"siths": {"moreThanDays": {"permanent": 0, "substitute": 90}},
		"falkenberg": {"moreThanDays": {"hourly": 0}},
	},
}

role := {
	"known": true, "id": "lifecare/ssk", "system": "lifecare", "systemName": "Lifecare", "role": "ssk", "name": "Sjuksköterska",
	"owner": "frida.lind", "desk": "soc-it", "unitKinds": ["sabo"], "forms": ["permanent", "substitute"], "guideline": true, "siths": 3,
	"hsaId": true, "licences": ["sjukskoterska"], "items": ["digital-key"], "conflicts": ["lifecare/admin"], "privileged": false,
}

# plain asks for nothing and conflicts with role.
plain := object.union(role, {
	"id": "lifecare/admin", "role": "admin", "name": "Administratör", "unitKinds": [], "forms": [], "guideline": false, "siths": 0,
	"hsaId": false, "licences": [], "items": [], "conflicts": ["lifecare/ssk"],
})

unit := {"known": true, "key": "vast", "name": "Västerhöjd", "kind": "sabo"}

employment := {
	"path": "employments/0", "unit": "vast", "title": "", "form": "permanent", "from": 800, "until": 9999999, "days": 9999999,
	"fromDate": "d800", "untilDate": "",
	"access": [{"path": "employments/0/access/0", "outside": false, "fromDate": "", "untilDate": ""}],
}

grant := {
	"id": 0, "path": "employments/0/access/0", "role": role, "unit": unit, "employment": employment, "package": "", "home": true,
	"extended": false, "adopted": false, "reason": "", "ownUntil": false, "active": true, "on": 1000, "onDate": "d1000", "from": 800,
	"until": 9999999, "fromDate": "d800", "untilDate": "", "days": 9999999,
}

person := {
	"version": 1, "kind": "person", "today": 1000, "todayDate": "d1000", "settings": settings,
	"person": {
		"key": "anna", "hsaId": "SE5560000000-A1", "sealed": true, "edition": "B", "read": 950, "readDate": "d950",
		"ended": false, "lastDay": 9999999, "lastDate": "", "protected": false,
		"cards": [{"path": "cards/0", "kind": "siths", "siths": true, "loa": 3, "until": 2000, "untilDate": "d2000"}],
		"licences": [{
			"path": "licences/0", "profession": "sjukskoterska", "checked": 900, "checkedDate": "d900",
			"until": 1265, "untilDate": "d1265",
		}],
		"items": [{"path": "items/0", "kind": "digital-key", "label": "SW-88", "issued": 800, "returned": 9999999}],
	},
	"employments": [employment], "grants": [grant], "unknown": [], "twice": [], "catalogue": [],
	"order": {"commits": [], "changes": [], "approvers": [], "clear": [], "adopted": []},
}

# lent is a grant to another unit for two weeks, all in order.
lent := object.union(grant, {
	"home": false, "ownUntil": true, "reason": "Nattpass", "from": 990, "until": 1060, "days": 71,
	"fromDate": "d990", "untilDate": "d1060",
})

holding := {
	"file": "systems/lifecare.yaml", "path": "roles/ssk", "role": role, "atLeast": 1, "holders": 1, "analysed": true,
	"review": 1000, "reviewDate": "d1000", "owner": "maria.ek",
}

organisation := object.union(person, {"kind": "organisation", "grants": [], "employments": [], "catalogue": [holding]})

# ordered is a change that karin, the unit's manager, has signed.
ordered := {
	"file": "people/anna.yaml", "path": "employments/0/access/0", "what": "grant", "person": "anna", "name": "Västerhöjd",
	"orderers": ["karin"], "approvers": [], "may": ["karin", "omar"], "lapsed": ["lena"], "gained": true, "privileged": false,
	"role": "Sjuksköterska i Lifecare",
}

commit := {"id": "0123456789", "signer": "karin", "problem": ""}

order := object.union(person, {
	"kind": "order", "grants": [], "employments": [],
	"order": {"commits": [commit], "changes": [ordered], "approvers": [], "clear": [], "adopted": []},
})

test_fixture_has_nothing_against_it if {
	count(behorig.deny) == 0 with input as person
	count(behorig.deny) == 0 with input as organisation
	count(behorig.deny) == 0 with input as order
}

test_fixture_lent_is_in_order if count(behorig.deny) == 0 with input as changed({"/grants/0": lent, "/grants/0/until": 1061})

# said_case is the cases of what one rule says.
said_case(rule, of) := {denial.case | some denial in said(rule, of)}
