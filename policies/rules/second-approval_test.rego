package behorig_test

test_second_approval_one if {
	said("second-approval", patched(order, {"/order/changes/0/privileged": true, "/order/changes/0/approvers": ["omar"]})) == {{
		"rule": "second-approval", "file": "people/anna.yaml", "path": "employments/0/access/0", "grants": [],
		"params": {"role": "Sjuksköterska i Lifecare", "count": 1, "may": ["karin", "omar"]},
	}}
}

test_second_approval_orderer_and_holder_do_not_count if {
	values := {"/order/changes/0/privileged": true, "/order/changes/0/approvers": ["karin", "anna", "omar"]}
	count(said("second-approval", patched(order, values))) == 1
}

test_second_approval_near_misses if {
	privileged := {"/order/changes/0/privileged": true}
	every values in [
		object.union(privileged, {"/order/changes/0/approvers": ["omar", "maria"]}),
		object.union(privileged, {"/order/changes/0/gained": false}),
		object.union(privileged, {"/kind": "person"}),
		{"/order/changes/0/approvers": []},
	] {
		count(said("second-approval", patched(order, values))) == 0
	}
}
