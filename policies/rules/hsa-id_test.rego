package behorig_test

test_hsa_id_missing if {
	said("hsa-id", changed({"/person/hsaId": ""})) == {{
		"rule": "hsa-id", "path": "employments/0/access/0", "grants": [0],
		"params": {"role": "Sjuksköterska", "system": "Lifecare"},
	}}
}

test_hsa_id_near_misses if {
	every values in [{"/person/hsaId": "SE5560000000-B"}, {"/person/hsaId": "", "/grants/0/role/hsaId": false}] {
		count(said("hsa-id", changed(values))) == 0
	}
}
