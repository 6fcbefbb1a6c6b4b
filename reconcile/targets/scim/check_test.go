package scim_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/scim"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestCheck(t *testing.T) {
	const good = "kind: scim, url: https://scim.example/v2, tokenEnv: T"
	groups := `{target: t, roles: {r: {group: "{system}-r-{unit}"}, s: {value: "s-{unit}"}}}`
	for _, c := range []struct {
		name, target, a, b string
		faults             []string // each a part of one, in order
	}{
		{"right", good, groups, groups, []string{`"s-u" already means a/s`}}, // two systems, one value
		{"right alone", good, groups, `{target: other}`, nil},
		{
			"all options", `kind: scim, urlEnv: U, caFile: ca.pem, timeout: 5s, externalId: hsaId, match: [externalId, employeeNumber, userName], create: false, createGroups: true, protect: [svc], oauth: {tokenUrl: "https://t.example/token", clientId: x, clientSecretFile: s, scope: a b, send: body}, user: {userName: "{login}@x", displayName: "{name}", name: "{name}", email: "{login}@x", employeeNumber: "{employeeId}"}`,
			`{target: t, account: {group: "{system}"}, attribute: entitlements, roles: {r: {group: "r-{unit}"}, s: {value: "s-{unit}"}}}`, `{target: other}`, nil,
		},
		{"no token, no address", "kind: scim", groups, `{target: other}`, []string{"url or urlEnv is missing", "tokenEnv or tokenFile is missing"}},
		{"plain http", "kind: scim, url: http://scim.example, tokenEnv: T", groups, `{target: other}`, []string{"http is not encrypted"}},
		{"plain http to oneself", "kind: scim, url: http://127.0.0.1:1, tokenEnv: T", groups, `{target: other}`, nil},
		{"tokens by plain http", "kind: scim, urlEnv: U, oauth: {tokenUrl: http://t.example, clientId: x, clientSecretEnv: S}", groups, `{target: other}`, []string{"http is not encrypted"}},
		{"token and oauth", good + ", oauth: {tokenUrl: https://t.example, clientId: x, clientSecretEnv: S}", groups, `{target: other}`, []string{"oauth stands beside"}},
		{"oauth of nothing", "kind: scim, urlEnv: U, oauth: {scope: x}", groups, `{target: other}`, []string{"oauth/tokenUrl or", "oauth/clientId or", "oauth/clientSecretEnv or"}},
		{"unknown option", good + ", pagesize: 4", groups, `{target: other}`, []string{`"pagesize"`}},
		{"templates", good + `, user: {userName: "{name}", displayName: "{nome}", email: "{"}`, groups, `{target: other}`, []string{"{nome} is not known here", "has a brace alone", "does not tell one person from another"}},
		{"no roles", good, "{target: t}", `{target: other}`, []string{"roles is missing"}},
		{"a role that the catalogue lacks", good, `{target: t, roles: {r: {group: "r-{unit}"}, s: {group: "s-{unit}"}, ss: {group: x}}}`, `{target: other}`, []string{`role "ss" is unknown in a; write s`}},
		{"both and neither", good, `{target: t, roles: {r: {group: "r-{unit}", value: "r-{unit}"}, s: {}}}`, `{target: other}`, []string{"role r is to have a group or a value", "role s is to have a group or a value"}},
		{"two roles, one group", good, `{target: t, roles: {r: {group: "g-{unit}"}, s: {group: "G-{unit}"}}}`, `{target: other}`, []string{`"G-u" already means a/r`}},
		{"a role is the account", good, `{target: t, account: {group: g-u}, roles: {r: {group: "g-{unit}"}, s: {group: "s-{unit}"}}}`, `{target: other}`, []string{`"g-u" already means the account of a`}},
		{"no unit", good, `{target: t, roles: {r: {group: r}, s: {group: "s-{unit}-{enhet}"}}}`, `{target: other}`, []string{"does not tell units apart", "{enhet} is not known here"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			yaml := "targets:\n  other: {kind: register}\n  t: {" + c.target + "}\nsystems:\n  a: " + c.a + "\n  b: " + c.b + "\n"
			systems := []string{"a", "b"}
			if strings.Contains(c.b, "other") {
				systems = systems[:1]
			}
			faults := scim.Check(targettest.Config(t, targettest.Repository(t, yaml, nil), "t", "", systems...))
			for i, f := range faults {
				if i >= len(c.faults) || !strings.Contains(f.Error(), c.faults[i]) {
					t.Errorf("got %v, want %q", f, c.faults)
				}
				if f.File == "" || f.Line == 0 || f.What.Sv == "" || f.Do.Sv == "" || f.Do.En == "" {
					t.Errorf("got %+v, want a place, and what to do, in both languages", f)
				}
			}
			if len(faults) < len(c.faults) {
				t.Errorf("got %v, want %q", faults, c.faults)
			}
		})
	}
}
