package behorig_test

test_analysis_missing if {
	said("analysis", patched(organisation, {
		"/catalogue/0/analysed": false, "/catalogue/0/review": 9999999,
		"/catalogue/0/reviewDate": "",
	})) == {{
		"rule": "analysis", "case": "missing", "file": "systems/lifecare.yaml", "path": "roles/ssk", "grants": ["lifecare/ssk"],
		"params": {"role": "Sjuksköterska", "system": "Lifecare", "owner": "maria.ek", "review": ""},
	}}
}

test_analysis_stale if said_case("analysis", patched(organisation, {"/catalogue/0/review": 999})) == {"stale"}

test_analysis_near_misses if {
	every values in [{"/catalogue/0/review": 1000}, {"/catalogue/0/review": 999, "/kind": "person"}] {
		count(said("analysis", patched(organisation, values))) == 0
	}
}
