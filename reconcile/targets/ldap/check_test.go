package ldap

import (
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

const good = `targets:
  dir:
    kind: ldap
    url: ldaps://dc1.kommun.test
    bindDN: CN=behorig,DC=x
    passwordEnv: LDAP_PASSWORD
    protect: [behorig]
    users: {base: "OU=P,DC=x", filter: "(objectClass=user)", match: [hsaId, login], hsaId: extensionAttribute1}
    groups: {base: "OU=G,DC=x", placeholder: "CN=empty,DC=x"}
    accounts: {create: true, rdn: "CN={login}", attributes: {description: "{name}"}}
systems:
  a:
    target: dir
    account: {group: "CN=a,OU=G,DC=x"}
    roles: {r: ["CN=a-r-{unit},OU=G,DC=x", "CN=all,OU=G,DC=x"], s: ["CN={system}-{role},OU={unit},OU=G,DC=x"]}
  b:
    target: dir
    assignment: {base: "OU=U,DC=x", rdn: "CN={hsaId}-{unit}-{role}", classes: [top, uppdrag], attributes: {hsaIdentity: "{hsaId}", ou: "{unit}", description: "{role}", slut: "{until}"}}
`

// Each fault is found from the files alone, in both languages, at its place, with what to write instead.
func TestCheck(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"ldaps://dc1", "ldap://dc1", "targets.yaml:4:10: the address will not do: ldap is not encrypted"},
		{"    url: ldaps://dc1.kommun.test\n", "", "url or urlEnv is missing"},
		{"    url: ldaps", "    startTLS: true\n    url: ldap", ""},
		{"passwordEnv: LDAP_PASSWORD", "timeout: 5s", "passwordEnv or passwordFile is missing"},
		{"passwordEnv: LDAP_PASSWORD", "passwordEnv: LDAP_PASSWORD\n    passwordFile: x", "are both given"},
		{"    bindDN: CN=behorig,DC=x\n", "", "bindDN is missing"},
		{`"OU=P,DC=x"`, `"Personal"`, `"Personal" is no DN`},
		{`"(objectClass=user)"`, `"(objectClass=user"`, "the filter cannot be read"},
		{", hsaId: extensionAttribute1", "", "hsaId has no attribute"},
		{"match: [hsaId", "match: [sid", "match cannot be"},
		{`rdn: "CN={login}"`, `rdn: "CN={sid}"`, "{sid} is not known here"},
		{`rdn: "CN={login}"`, `rdn: "CN={login},OU=x"`, "it is not one part"},
		{`description: "{name}"`, `description: "{namn}"`, "{namn} is not known here"},
		{"accounts: {create: true,", "accounts: {", "it is used only when accounts are made"},
		{"accounts: {create: true,", "accounts: {create: true, lock: {attribute: x},", "attribute and locked belong together"},
		{"accounts: {create: true,", "accounts: {create: true, disable: later,", "disable cannot be"},
		{"r: [\"CN=a-r-{unit},", "q: [\"CN=a-r-{unit},", `role "q" does not exist in a`},
		{"r: [\"CN=a-r-{unit},", "q: [\"CN=a-r-{unit},", "role r has no groups"},
		{"CN=a-r-{unit},", "CN=a-r,", "the role is given per unit, and no group has {unit}"},
		{"CN=a-r-{unit},OU=G", "CN=a-r-{unit},OU=H", "is not below groups.base"},
		{"CN=a-r-{unit},", "CN=a-r-{unitt},", "{unitt} is not known here"},
		{"CN=a-r-{unit},", "CN=a-r-{unit,", "has a brace alone"},
		{"CN=a-r-{unit},OU=G,DC=x", "a-r", "will not do"},
		{`"CN=a-r-{unit},OU=G,DC=x", "CN=all,OU=G,DC=x"`, `"CN=a-s,OU={unit},OU=G,DC=x"`, "a/r in u a group that nothing else has"},
		{`"CN=all,OU=G,DC=x"`, `"CN=a,OU=G,DC=x"`, "the account of a a group that nothing else has"},
		{`groups: {base: "OU=G,DC=x", `, `groups: {`, "users/base or groups/base is missing"},
		{"    assignment: {", "    roles: {r: [x]}\n    assignment: {", "roles and assignment are both given"},
		{`hsaIdentity: "{hsaId}", `, "", "no attribute says whose the entry is"},
		{`ou: "{unit}", `, "", "no attribute says what unit the entry is for"},
		{`description: "{role}", `, "", "no attribute says what role the entry gives"},
		{`description: "{role}", `, `description: "{role}-{unit}", `, "several places"},
		{`classes: [top, uppdrag]`, `roles: {r: x, s: X}, classes: [top, uppdrag]`, "roles s and r are written alike"},
		{`classes: [top, uppdrag]`, `roles: {q: x}, classes: [top, uppdrag]`, `role "q" does not exist in b`},
		{`rdn: "CN={hsaId}`, `rdn: "CN={hsa}`, "{hsa} is not known here"},
		{`classes: [top, uppdrag]`, `clases: [top, uppdrag]`, "classes"},
	} {
		text := good
		if c.old != "" {
			text = strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatalf("%q is not in the text", c.old)
			}
		}
		config := targettest.Config(t, targettest.Repository(t, text, nil), "dir", t.TempDir(), "a", "b")
		faults := Check(config)
		var all []string
		for _, f := range faults {
			all = append(all, f.Error())
			if f.What.Sv == "" || f.Do.Sv == "" || f.Line == 0 {
				t.Errorf("%q for %q: got %+v, want both languages and a place", c.new, c.old, f)
			}
		}
		switch {
		case c.want == "" && len(faults) > 0:
			t.Errorf("%q for %q: got %v, want none", c.new, c.old, all)
		case c.want != "" && !slices.ContainsFunc(all, func(f string) bool { return strings.Contains(f, c.want) }):
			t.Errorf("%q for %q: got %v, want %s", c.new, c.old, all, c.want)
		}
	}
}

// Two systems' entries in one folder need something that tells them apart.
func TestCheckTellsEntriesApart(t *testing.T) {
	one := `{target: dir, assignment: {base: "OU=U,DC=x", rdn: "CN={hsaId}", classes: [x], attributes: {hsaIdentity: "{hsaId}", ou: "{unit}", description: "{role}"MORE}ROLES}}`
	head := good[:strings.Index(good, "systems:")]
	for _, c := range []struct {
		more [2]string
		ok   bool
	}{
		{[2]string{"", ""}, false},
		{[2]string{`, l: "{system}"`, `, l: "{system}"`}, true},
		{[2]string{`, l: npö`, `, l: pascal`}, true},
		{[2]string{`, l: npö`, `, l: NPÖ`}, false},
		{[2]string{`ROLES, roles: {r: x, s: z}`, ``}, true},
		{[2]string{`ROLES, roles: {r: x, s: R}`, ``}, false},
	} {
		text := head + "systems:\n"
		for i, s := range []string{"a", "b"} {
			more, roles, _ := strings.Cut(c.more[i], "ROLES")
			text += "  " + s + ": " + strings.NewReplacer("MORE", more, "ROLES", roles).Replace(one) + "\n"
		}
		config := targettest.Config(t, targettest.Repository(t, text, nil), "dir", t.TempDir(), "a", "b")
		if faults := Check(config); (len(faults) == 0) != c.ok {
			t.Errorf("%v: got %v, want none: %v", c.more, faults, c.ok)
		}
	}
}

// All faults come at once.
func TestCheckTellsAll(t *testing.T) {
	text := strings.NewReplacer("ldaps://dc1", "ldap://dc1", "match: [hsaId", "match: [sid", "CN=a-r-{unit},", "CN=a-r,", `ou: "{unit}", `, "").Replace(good)
	config := targettest.Config(t, targettest.Repository(t, text, nil), "dir", t.TempDir(), "a", "b")
	if got := len(Check(config)); got != 4 {
		t.Errorf("got %d faults, want 4: %v", got, Check(config))
	}
}
