package local_test

import data.local

# data.fixture.person has one grant and nothing against it; behorig policy test --help says what else there is.
key := json.patch(data.fixture.person, [{"op": "replace", "path": "/grants/0/role/system", "value": "swedlock"}])

lent := json.patch(key, [{"op": "replace", "path": "/grants/0/home", "value": false}])

test_a_key_for_another_unit if {
	some denial in local.deny with input as lent
	denial.rule == "no-lent-keys"
	denial.grants == [0]
	denial.params.unit == "Västerhöjd"
}

test_a_key_for_the_own_unit if count(local.deny) == 0 with input as key

test_other_access_for_another_unit if {
	elsewhere := json.patch(lent, [{"op": "replace", "path": "/grants/0/role/system", "value": "lifecare"}])
	count(local.deny) == 0 with input as elsewhere
}
