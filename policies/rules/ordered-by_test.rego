package behorig_test

test_ordered_by_another_units_manager if {
	said("ordered-by", patched(order, {"/order/changes/0/orderers": ["maria"]})) == {{
		"rule": "ordered-by", "case": "unit", "file": "people/anna.yaml", "path": "employments/0/access/0", "grants": [],
		"params": {"name": "Västerhöjd", "may": ["karin", "omar"], "lapsed": [], "orderers": ["maria"]},
	}}
}

test_ordered_by_cases if {
	every case, values in {
		"unit": {"/order/changes/0/orderers": ["karin", "maria"]},
		"self": {"/order/changes/0/person": "karin"},
		"lapsed": {"/order/changes/0/orderers": ["lena"]},
		"nobody": {"/order/changes/0/orderers": ["karin", ""]},
	} {
		said_case("ordered-by", patched(order, values)) == {case}
	}
	said_case("ordered-by", patched(order, {"/order/changes/0/orderers": []})) == {"nobody"}
	said_case("ordered-by", patched(order, {"/order/changes/0/orderers": ["maria"], "/order/changes/0/approvers": ["maria"]})) == {"unit"}
	said_case("ordered-by", patched(order, {"/order/changes/0/person": "omar", "/order/changes/0/orderers": ["maria"], "/order/changes/0/approvers": ["omar"]})) == {"unit"}
}

test_ordered_by_an_unsigned_commit if {
	unsigned := {"/order/commits/0/problem": "unsigned"}
	said("ordered-by", patched(order, unsigned)) == {{
		"rule": "ordered-by", "case": "commit", "file": "", "path": "0123456789", "grants": [],
		"params": {"id": "0123456789", "problem": "unsigned"},
	}}
	said_case("ordered-by", patched(order, object.union(unsigned, {"/order/changes": []}))) == {"commit"}
	count(said("ordered-by", patched(order, object.union(unsigned, {"/order/changes/0/approvers": ["omar"]})))) == 0
	count(said("ordered-by", patched(order, object.union(unsigned, {"/order/changes": [], "/order/approvers": ["omar"]})))) == 0
}

test_ordered_by_near_misses if {
	every values in [
		{"/order/changes/0/orderers": ["karin", "omar"]},
		{"/order/changes/0/orderers": ["maria"], "/order/changes/0/approvers": ["omar"]},
		{"/order/changes/0/orderers": [""], "/order/changes/0/approvers": ["karin"]},
		{"/order/changes/0/orderers": ["maria"], "/kind": "person"},
	] {
		count(said("ordered-by", patched(order, values))) == 0
	}
}
