package schema_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/schema"
)

// No fault in the file of somebody protected quotes what stands there, wherever the flag stands and however it is written.
func TestProtectedFaultsQuoteNothing(t *testing.T) {
	t.Parallel()
	values := []string{"Distinct Name", "Distinct Näme ", "distinct.login", "SE5560000000-DISTINCT"}
	for _, flag := range []string{"protected: true", "protected: yes", "protected: ja", "protected: \"true\"", "protected: [true]"} {
		for _, line := range []string{"name: ' %s'", "name: [%s]", "login: 'x %s'", "employeeId: 'x %s'", "hsaId: 'x%s'", "email: 'x %s'", "email: [%s@example.org]", "identity: '%s'", "cards: '%s'", "nmae: ' %s'", "'%s': x", "employments: [{unit: '%s!', form: '%s', from: '%s', title: ' %s'}]", "guideline: %s", "items: [{kind: '%s', label: ' %s', issued: '%s'}]", "licences: ['%s']"} {
			for _, value := range values {
				text := strings.ReplaceAll(line, "%s", value)
				for _, raw := range []string{flag + "\n" + text + "\n", text + "\n" + flag + "\n"} {
					_, err := personOf([]byte(raw))
					if err == nil {
						t.Fatalf("%q: got no fault, want one", raw)
					}
					for _, f := range err.(schema.Faults) {
						if said := f.What.Sv + f.What.En + f.Do.Sv + f.Do.En; strings.Contains(strings.ToLower(said), "istinct") {
							t.Errorf("%q: got %q, want nothing of the file", raw, said)
						}
					}
				}
			}
		}
	}
	if _, err := personOf([]byte("name: ' Distinct'\nprotected: false\n")); err == nil || !strings.Contains(err.Error(), "Distinct") {
		t.Errorf("got %v of somebody who is not protected, want the value quoted", err)
	}
}

// What people write freely holds no number in clear once it is read; an account that must not be touched keeps its name.
func TestMask(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Anna 19900101-2385 Ek":     "Anna ••••••••••••• Ek",
		"199001012385":              "••••••••••••",
		"900101-2385, 900101+9802.": "•••••••••••, •••••••••••.",
		"199001012386":              "199001012386",
		"IMEI 356938035643809":      "IMEI 356938035643809",
		"":                          "",
	} {
		if got := schema.Mask(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	p, err := personOf([]byte("name: Bo 199001012385\nlogin: \"199001012385\"\n"))
	if err != nil || p.Name != "Bo ••••••••••••" || p.Login != "199001012385" {
		t.Errorf("got %q, %q, %v; want the name masked and the login whole", p.Name, p.Login, err)
	}
	p, err = personOf([]byte("name: Bo\nemployeeId: \"9001012386\"\n"))
	if err != nil || p.EmployeeID != "9001012386" {
		t.Errorf("got %q, %v; want the number, whose check digit does not fit", p.EmployeeID, err)
	}
	_, err = personOf([]byte("name: Bo\nemployments: [{unit: \"199001012385\", form: permanent, from: 2026-01-01}]\n"))
	if err == nil || strings.Contains(err.Error(), "1990") {
		t.Errorf("got %v of a key that is a number in clear, want a fault that does not show it", err)
	}
}

// What others write of somebody protected names them neither whole nor in part; of anybody else it stays.
func TestBlot(t *testing.T) {
	t.Parallel()
	p := schema.Person{Name: "Vendela von Exempelgren-Ek", Login: "vend4242", HSAID: "SE5560000000-X1", EmployeeID: "vend4242-104", Protected: true}
	if got, want := p.Blot("VENDELA exempelgren (vend4242, Vend4242-104, se5560000000-x1) till Norr"), "… … (…, …, …) till Norr"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Email = "vex@example.org"
	if got, want := p.Blot("vex@example.org, VEX och vex@example.com till Norr"), "…, … och …@example.com till Norr"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.EmployeeID = "7"
	if got, want := p.Blot("7 till Norr 17, nr 7: 2027"), "… till Norr 17, nr …: 2027"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Protected = false
	if got := p.Blot("Vendela"); got != "Vendela" {
		t.Errorf("got %q, want it as it was", got)
	}
	if got := (&schema.Person{Name: "Å", Protected: true}).Blot("Å till Norr"); got != "Å till Norr" {
		t.Errorf("got %q, want it as it was", got)
	}
}
