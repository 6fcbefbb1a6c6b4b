package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

const (
	group      = "CN=combine-utforare-hemtjanst-norr,OU=Grupper,DC=example,DC=test"
	grupper    = "OU=Grupper,DC=example,DC=test"
	personal   = "OU=Personal,DC=example,DC=test"
	uppdrag    = "ou=assignments,dc=example,dc=test"
	leaver     = "anna.lindqvist"
	leaverFile = "people/hsl/anna.lindqvist.yaml"
)

// The whole municipality against all six kinds at once: given, nothing to do, changed by hand, and left.
func TestProduction(t *testing.T) {
	p := startProduction(t)
	p.run("targets", "test")

	first := p.json("apply")
	count := map[string]int{}
	for _, o := range first.Outcomes {
		count[o.System]++
	}
	t.Logf("changes by system: %v", count)
	for _, system := range []string{"combine", "citrix", "npo", "pascal", "appva-mcss", "qlikview-lis", "intraphone", "lifecare", "df-respons", "swedlock", "smartcard", "v-katalogen"} {
		if count[system] == 0 {
			t.Errorf("%s: got no change, want some", system)
		}
	}
	p.holds(first.Outcomes)
	if t.Failed() {
		return // what follows builds on it
	}

	if again := p.json("apply"); len(again.Changes)+len(again.Outcomes)+len(again.Unread)+len(again.Unordered) != 0 {
		t.Errorf("second apply: got %+v, want nothing to do", again)
	}
	tickets := p.tickets("Creator = 'behorig'")

	p.byHand()
	p.leaves(tickets)
}

// holds compares what the first run says that it did with what the systems hold.
func (p *production) holds(made []changed) {
	p.Helper()
	said := map[string][]string{}
	for _, o := range made {
		kind := "role"
		if o.Role == "" {
			kind = "account"
		}
		said[o.System+" "+kind] = append(said[o.System+" "+kind], o.Person)
	}
	number := func(what string, got, want int) {
		p.Helper()
		if got != want {
			p.Errorf("%s: got %d, want %d", what, got, want)
		}
	}
	number("members of Combine's sign-in group", len(p.search(p.directory, "CN=combine,"+grupper, "(objectClass=group)", "member")), len(said["combine account"]))
	members := 0
	for _, role := range []string{"utforare", "handlaggare", "chef", "avgift", "admin"} {
		members += len(p.search(p.directory, grupper, "(|(cn=combine-"+role+"-*)(cn=combine-"+role+"))", "member"))
	}
	number("members of Combine's role groups", members, len(said["combine role"]))
	number("uppdrag of NPÖ and Pascal", len(p.search(p.uppdr, uppdrag, "(objectClass=behorigAssignment)", "cn")), len(said["npo role"])+len(said["pascal role"]))
	number("users of Appva", len(p.active()), len(said["appva-mcss account"]))
	number("rows of section access", len(p.column(`SELECT login FROM section_access`)), len(said["qlikview-lis role"]))
	number("lines to IntraPhone, with the header", len(p.lines("intraphone")), 1+len(said["intraphone account"])+len(said["intraphone role"]))
	orders := 0
	for _, system := range []string{"swedlock", "smartcard", "migrationsverket", "senior-alert", "svedem", "v-katalogen"} {
		orders += len(said[system+" account"])
	}
	number("tickets", p.tickets("Creator = 'behorig'"), orders)
	raw, err := os.ReadFile(p.responsAccounts)
	if err != nil {
		p.Fatal(err)
	}
	var accounts map[string]map[string]any
	if err := json.Unmarshal(raw, &accounts); err != nil {
		p.Fatal(err)
	}
	number("accounts of DF Respons", len(accounts["df-respons"]), len(said["df-respons account"]))
}

// byHand is what happens when somebody changes a managed group past us.
func (p *production) byHand() {
	p.Helper()
	members := func() []string { return p.search(p.directory, group, "(objectClass=group)", "member") }
	modify := func(change func(*ldap.ModifyRequest, string), dn string) {
		p.Helper()
		m := ldap.NewModifyRequest(group, nil)
		change(m, dn)
		if err := p.directory.Modify(m); err != nil {
			p.Fatal(err)
		}
	}
	before := members()
	if len(before) < 2 {
		p.Fatalf("%s: got %v, want some members", group, before)
	}
	everybody := p.search(p.directory, personal, "(objectClass=user)", "distinguishedName")
	outsider := everybody[slices.IndexFunc(everybody, func(dn string) bool { return !slices.Contains(before, dn) })]
	login := p.search(p.directory, outsider, "(objectClass=user)", "sAMAccountName")[0]

	modify(func(m *ldap.ModifyRequest, dn string) { m.Add("member", []string{dn}) }, outsider)
	drift := p.run("drift")
	if !strings.Contains(drift, p.nameOf(login)) {
		p.Errorf("drift: got nothing of %s, who was added by hand, in\n%s", login, drift)
	}
	left := p.json("apply")
	if len(left.Changes) != 0 || len(left.Unordered) != 1 || left.Unordered[0].System != "combine" || !slices.Contains(members(), outsider) {
		p.Errorf("apply: got changes %v, unordered %v, want the member left and said", left.Changes, left.Unordered)
	}
	p.edit("systems/combine.yaml", "desk: soc-it\n", "desk: soc-it\nauthoritative: true\n")
	if taken := p.json("apply"); len(taken.Changes) != 1 || taken.Changes[0].Verb != "revoke" || slices.Contains(members(), outsider) {
		p.Errorf("apply where the system is authoritative: got %v, want the member taken out", taken.Changes)
	}

	modify(func(m *ldap.ModifyRequest, dn string) { m.Delete("member", []string{dn}) }, before[0])
	login = p.search(p.directory, before[0], "(objectClass=user)", "sAMAccountName")[0]
	if drift := p.run("drift"); !strings.Contains(drift, p.nameOf(login)) {
		p.Errorf("drift: got nothing of %s, whom we had put there, in\n%s", login, drift)
	}
	if back := p.json("apply"); len(back.Changes) != 1 || back.Changes[0].Verb != "grant" || !slices.Equal(members(), before) {
		p.Errorf("apply of what we own: got %v and members %v, want %v", back.Changes, members(), before)
	}
}

// nameOf is the name of whoever has a login.
func (p *production) nameOf(login string) string {
	p.Helper()
	var name string
	err := filepath.WalkDir(filepath.Join(p.dir, "people"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), "\nlogin: "+login+"\n") {
			_, rest, _ := strings.Cut(string(raw), "name: ")
			name, _, _ = strings.Cut(rest, "\n")
		}
		return err
	})
	if err != nil || name == "" {
		p.Fatalf("got nobody with the login %s (%v), want one", login, err)
	}
	return name
}

// leaves is the day after somebody's last: everything is taken away, the desk has its tickets, and they cannot sign in.
func (p *production) leaves(tickets int) {
	p.Helper()
	dn := p.search(p.directory, personal, "(sAMAccountName=anli4821)", "distinguishedName")[0]
	p.password(dn, "Hemligt!4711")
	c, err := p.bind(p.ad, "anli4821@example.test", "Hemligt!4711")
	if err != nil {
		p.Fatalf("signing in while employed: got %v, want no error", err)
	}
	_ = c.Close()

	p.edit(leaverFile, "    from: 2019-12-02\n", "    from: 2019-12-02\n    until: 2026-11-30\n")
	left := p.json("apply")
	desks := 0
	for _, o := range left.Outcomes {
		if o.Person != leaver || o.Verb != "revoke" {
			p.Errorf("got %+v, want only removals of %s", o, leaver)
		}
		if o.Role == "" && o.Status == "dispatched" && o.System != "intraphone" && o.System != "lifecare" {
			desks++
		}
	}
	if desks == 0 {
		p.Error("got no ticket, want one for each system that a desk sees to")
	}
	if got := p.tickets("Creator = 'behorig'") - tickets; got != desks {
		p.Errorf("got %d new tickets, want %d", got, desks)
	}
	if c, err := p.bind(p.ad, "anli4821@example.test", "Hemligt!4711"); err == nil {
		_ = c.Close()
		p.Error("got that who has left can sign in to AD, want that the bind fails")
	}
	if got := p.search(p.directory, dn, "(objectClass=user)", "memberOf"); len(got) != 0 {
		p.Errorf("groups of who has left: got %v, want none", got)
	}
	if got := p.search(p.uppdr, uppdrag, "(behorigHsaId=SE5560000000-A1B2)", "cn"); len(got) != 0 {
		p.Errorf("uppdrag of who has left: got %v, want none", got)
	}
	if slices.Contains(p.active(), "anli4821") {
		p.Error("got an active user at Appva, want it switched off")
	}
	if got := p.column(`SELECT login FROM section_access WHERE login = $1 UNION ALL SELECT login FROM konto WHERE login = $1 AND aktiv`, "anli4821"); len(got) != 0 {
		p.Errorf("section access of who has left: got %v, want none", got)
	}
	if again := p.json("apply"); len(again.Changes)+len(again.Outcomes) != 0 {
		p.Errorf("after that: got %+v, want nothing to do", again.Changes)
	}
}
