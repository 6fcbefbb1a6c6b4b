package userlist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/sheet"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/userlist"
	"github.com/behorig/behorig/schema"
)

var files = map[string]string{
	"behorig.yaml":           "organisation: Prov\nguideline: {title: R, edition: \"2026\", from: 2026-01-01}\n",
	"targets.yaml":           "targets: {lista: {kind: worklist}}\nsystems: {dorr: {target: lista}, en: {target: lista}}\n",
	"units/norr.yaml":        "name: Hemtjänst Norr\nkind: hemtjanst\nmanager: chef\naliases: [skogstorp]\n",
	"units/soder.yaml":       "name: Söder\nmanager: chef\n",
	"units/soder-natt.yaml":  "name: Söder\nmanager: chef\n",
	"systems/dorr.yaml":      "name: Dörr\nowner: chef\ndesk: vakt\nroles:\n  nyckel: {name: Nyckel & lås, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n  admin: {name: Admin, perUnit: false, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n",
	"systems/en.yaml":        "name: En\nowner: chef\ndesk: vakt\nroles:\n  r: {name: R, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n",
	"people/chef.yaml":       person("Chef", "login: chef01\nemployeeId: \"100\"\n"),
	"people/ada.yaml":        person("Ada Prov", "login: adpr0001\nhsaId: SE5560000000-A1B2\nemployeeId: \"101\"\n"),
	"people/bo.yaml":         person("Bo Prov", "login: Bopr0002\nhsaId: SE5560000000-C3\n"),
	"people/twin1.yaml":      person("Vendela Exempelgren", "protected: true\nlogin: vend4242\n"),
	"people/twin2.yaml":      person("Otto Andersson", "login: vend4242\n"),
	"packages/bas.yaml":      "name: Bas\naccess: [{system: dorr, role: nyckel}]\n",
	"people/nolastname.yaml": person("X", ""),
}

func person(name, more string) string {
	return "name: " + name + "\n" + more + "employments: [{unit: norr, form: permanent, from: 2026-01-01}]\n"
}

func options(t testing.TB, system string) userlist.Options {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	org, err := schema.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return userlist.Options{Org: org, System: system, People: kind.NewPeople(org, schema.Day(2026, 12, 1))}
}

// rows are what a list shows, each as "ada nyckel norr 2026-12-24", with * for any unit.
func rows(l userlist.List) (all []string) {
	for _, e := range l.Entries {
		unit := e.Unit
		if e.Anywhere {
			unit = "*"
		}
		until := e.Until.String()
		if !e.Dated {
			until = "?"
		}
		all = append(all, strings.Join([]string{e.Person, e.Role, unit, until}, "|"))
	}
	return all
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		with func(*userlist.Options)
		want []string
	}{
		"all columns":     {"Användarnamn;HSA-id;Anst.nr;Namn;Roll;Enhet;T.o.m.;Aktiv\nadpr0001;SE5560000000-a1b2;101;Ada;Nyckel & Lås;hemtjänst norr;2026-12-24;Ja\n", nil, []string{"ada|nyckel|norr|2026-12-24"}},
		"English, tabs":   {"username\trole\tunit\tuntil\tstatus\nBOPR0002\tNYCKEL\tskogstorp\t\tactive\n", nil, []string{"bo|nyckel|norr|"}},
		"Latin":           {"anv\xe4ndare,roll,enhet\nada,admin,S\xf6der\n", func(o *userlist.Options) { o.Units = []string{"soder=Söder"} }, []string{"ada|admin||?"}},
		"domain":          {"konto;roll;enhet\nFBG\\adpr0001;nyckel;norr\n", nil, []string{"ada|nyckel|norr|?"}},
		"key as login":    {"login;roll;enhet\nada;nyckel;norr\n", nil, []string{"ada|nyckel|norr|?"}},
		"person":          {"person;roll;enhet\nADA;nyckel;norr\n", nil, []string{"ada|nyckel|norr|?"}},
		"employee number": {"anställningsnummer;roll\n101;admin\n", nil, []string{"ada|admin||?"}},
		"no units":        {"login;roll\nadpr0001;nyckel\n", nil, []string{"ada|nyckel|*|?"}},
		"no unit there":   {"login;roll;enhet\nadpr0001;nyckel;\n", nil, []string{"ada|nyckel||?"}},
		"account alone":   {"login;roll;till\nadpr0001;;2026-12-24\n", nil, []string{"ada|||2026-12-24"}},
		"inactive":        {"login;roll;aktiv\nadpr0001;saknas;nej\nbopr0002;admin;0\nchef01;admin;inaktiv\nx y z;;no\nbopr0002;;\n", nil, []string{"bo|||?"}},
		"own status":      {"login;roll;status\nadpr0001;admin;Vilande\nbopr0002;admin;Prov\n", func(o *userlist.Options) { o.Status = []string{"no=vilande", "yes=prov"} }, []string{"bo|admin||?"}},
		"stranger":        {"login;hsaid;roll\nGÄST.1;SE5560000000-Z9;admin\n;SE5560000000-Z9;admin\n", nil, []string{"@gäst.1|admin||?", "@se5560000000-z9|admin||?"}},
		"gone": {"login;roll\nGAMM01;admin\nbeda99;admin\nadpr0001;admin\n", func(o *userlist.Options) {
			o.Former = reconcile.Marks{"gammal": {reconcile.Mark("gamm01")}, "x": {reconcile.Mark("beda99"), reconcile.Mark("adpr0001")}, "y": {reconcile.Mark("beda99")}}
		}, []string{"gammal|admin||?", "@beda99|admin||?", "ada|admin||?"}},
		"own headings": {"Vem;Vad\nadpr0001;Samordnare\n", func(o *userlist.Options) {
			o.Columns, o.Roles = []string{"login=vem", "role=VAD"}, []string{"admin=samordnare"}
		}, []string{"ada|admin||?"}},
		"own above known":   {"login;roll;behörighet\nadpr0001;x;admin\n", func(o *userlist.Options) { o.Columns = []string{"role=behörighet"} }, []string{"ada|admin||?"}},
		"ignored":           {"login;roll;enhet;till\nadpr0001;Läsare;norr;2026-12-24\nbopr0002;nyckel;Alla;\nsuper;admin;;\n", func(o *userlist.Options) { o.Ignore = []string{"läsare", "alla", "SUPER"} }, []string{"ada|||?", "bo|||?"}},
		"number beside":     {"login;roll;kommentar\nadpr0001;admin;19900101-2385\n", nil, []string{"ada|admin||?"}},
		"number as one way": {"login;hsaid;roll\n199001012385;SE5560000000-A1B2;admin\n", nil, []string{"ada|admin||?"}},
		"empty":             {"login;roll\n", nil, nil},
	} {
		o := options(t, "dorr")
		if c.with != nil {
			c.with(&o)
		}
		l, faults, err := userlist.Parse("l.csv", []byte(c.text), o)
		if err != nil || len(faults) > 0 {
			t.Errorf("%s: got faults %v, error %v, want none", name, faults, err)
			continue
		}
		if diff := cmp.Diff(rows(l), c.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
	l, faults, err := userlist.Parse("l.csv", []byte("login\nadpr0001\n"), options(t, "en"))
	if got := rows(l); err != nil || len(faults) > 0 || !slices.Equal(got, []string{"ada|r|*|?"}) {
		t.Errorf("a system of one role: got %v, faults %v, error %v, want that role", got, faults, err)
	}
}

func TestLastDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-12-24": "2026-12-24", "20261224": "2026-12-24", "2026-12-24 00:00:00": "2026-12-24", "2026-12-24T23:59:59.000Z": "2026-12-24", "2026-12-24T00:00+01:00": "2026-12-24",
		"": "", "-": "", "9999-12-31": "", "9999-12-31 00:00": "", "Tills vidare": "", "24/12 2026": "fault", "2026-13-01": "fault", "snart": "fault",
	} {
		l, faults, err := userlist.Parse("l.csv", []byte("login;roll;till\nadpr0001;admin;"+text+"\n"), options(t, "dorr"))
		got := "fault"
		if len(faults) == 0 && err == nil {
			got = l.Entries[0].Until.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Each fault has its place and says what to write; none repeats a personnummer, nor what somebody protected is called.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "l.csv:1:1: listan är tom"},
		"width":           {"login;roll\na;b;c\n", "l.csv:2:1: raden har 3 celler"},
		"no identity":     {"namn;roll\nAda;admin\n", "l.csv:1:1: ingen kolumn säger vems raden är"},
		"identity alone":  {"personnummer;roll\n199001012385;admin\n", "l.csv:1:1: bara personnummer säger vems raderna är"},
		"as login":        {"roll;login\nadmin;199001012385\nadmin;19900101-2385\n", "l.csv:1:6: bara personnummer säger vems raderna är"},
		"one as login":    {"roll;login\nadmin;199001012385\nadmin;adpr0001\n", "l.csv:2:7: raden säger inte vems den är"},
		"nobody":          {"login;roll\n ;admin\nadpr0001;admin\n", "l.csv:2:2: raden säger inte vems den är"},
		"a name":          {"login;roll\nVendela Exempelgren;admin\n", "l.csv:2:1: så kan inget konto heta"},
		"formula":         {"login;roll\n=cmd|x;admin\n", "l.csv:2:1: så kan inget konto heta"},
		"shared":          {"login;roll\nvend4242;admin\n", "l.csv:2:1: flera har det här: twin1, twin2"},
		"two people":      {"hsaid;login;roll\nSE5560000000-A1B2;bopr0002;admin\n", "l.csv:2:19: raden är av uppgifterna flera personers: ada, bo"},
		"no role":         {"login;enhet\nadpr0001;norr\n", "l.csv:1:1: ingen kolumn säger vilken roll"},
		"role":            {"login;roll\nadpr0001;Admn\nbopr0002;admn\n", "l.csv:2:10: rollen \"Admn\" finns inte i katalogen (fler sådana rader: 1)"},
		"number as role":  {"login;roll\nadpr0001;19900101-2385\n", "l.csv:2:10: rollen \"…\" finns inte"},
		"columns mixed":   {"login;roll\nadpr0001;Exempelgren Vendela\n", "l.csv:2:10: rollen \"… …\" finns inte"},
		"unit":            {"login;roll;enhet\nadpr0001;nyckel;Väst\n", "l.csv:2:17: enheten \"Väst\" finns inte"},
		"two of a name":   {"login;roll;enhet\nadpr0001;nyckel;Söder\n", "l.csv:2:17: enheten \"Söder\" finns inte, eller flera heter så"},
		"status":          {"login;roll;aktiv\nadpr0001;admin;kanske\n", "l.csv:2:16: \"kanske\" är varken"},
		"day":             {"login;roll;till\nadpr0001;admin;imorgon\n", "l.csv:2:16: \"imorgon\" är inget datum"},
		"twice":           {"login;konto;roll\na;b;admin\n", "l.csv:1:7: kolumnen \"konto\" säger samma sak"},
		"several at once": {"login;roll;enhet;till\nadpr0001;x;y;z\n", "l.csv:2:10: rollen \"x\" finns inte i katalogen\nl.csv:2:12: enheten \"y\" finns inte, eller flera heter så\nl.csv:2:14: \"z\" är inget datum"},
	} {
		l, faults, err := userlist.Parse("l.csv", []byte(c.text), options(t, "dorr"))
		var all []string
		for _, f := range faults {
			all = append(all, f.Pos.String()+": "+f.What.Sv)
			if f.Do.Sv == "" || f.What.En == "" || f.Do.En == "" || strings.ContainsAny(f.What.En+f.Do.En+f.What.Sv+f.Do.Sv, "{}") {
				t.Errorf("%s: got %+v, want words in both languages", name, f)
			}
		}
		got := strings.Join(all, "\n")
		if err != nil || !strings.HasPrefix(got, c.want) || len(l.Entries) > 0 {
			t.Errorf("%s: got %d entries and %s, error %v, want no entry and %s", name, len(l.Entries), got, err, c.want)
		}
		if strings.Contains(faults.Error(), "900101") || strings.Contains(faults.Error(), "xempelgren") {
			t.Errorf("%s: got %s, want nothing of anybody repeated", name, faults)
		}
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	l, _, _ := userlist.Parse("l.csv", []byte("login;Pers.nr;beskrivning;inlogning;roll\nadpr0001;x;900101-2385;y;admin\nbopr0002;;a 19900101-2385;;admin\n"), options(t, "dorr"))
	var got []string
	for _, n := range l.Notes {
		got = append(got, n.Sv)
	}
	slices.Sort(got)
	if diff := cmp.Diff(got, []string{
		`i kolumnen "beskrivning" står personnummer på 2 rader, som inte läses`,
		`kolumnen "Pers.nr" läses inte: den är för personnummer`,
		`kolumnen "inlogning" läses inte; är det login: --columns login="inlogning"`,
	}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]func(*userlist.Options){
		"column unknown": func(o *userlist.Options) { o.Columns = []string{"rol=x"} },
		"column twice":   func(o *userlist.Options) { o.Columns = []string{"role=x", "role=y"} },
		"no heading":     func(o *userlist.Options) { o.Columns = []string{"role"} },
		"role":           func(o *userlist.Options) { o.Roles = []string{"admn=x"} },
		"role, nothing":  func(o *userlist.Options) { o.Roles = []string{"admin="} },
		"unit":           func(o *userlist.Options) { o.Units = []string{"vast=x"} },
		"status":         func(o *userlist.Options) { o.Status = []string{"kanske=x"} },
	} {
		o := options(t, "dorr")
		with(&o)
		if _, _, err := userlist.Parse("l.csv", []byte("login;roll\n"), o); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// Law: what is written as a list is read back, whatever the separator and the order of the columns.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	o := options(t, "dorr")
	rapid.Check(t, func(r *rapid.T) {
		comma := rapid.SampledFrom([]string{";", ",", "\t"}).Draw(r, "comma")
		order := rapid.Permutation([]string{"person", "role", "unit", "until"}).Draw(r, "order")
		var text strings.Builder
		text.WriteString(strings.Join(order, comma) + "\n")
		var want []string
		for range rapid.IntRange(0, 5).Draw(r, "rows") {
			row := map[string]string{
				"person": rapid.SampledFrom([]string{"ada", "bo", "chef"}).Draw(r, "person"), "role": rapid.SampledFrom([]string{"nyckel", "Nyckel & lås"}).Draw(r, "role"),
				"unit": rapid.SampledFrom([]string{"norr", "Hemtjänst Norr", "skogstorp"}).Draw(r, "unit"), "until": rapid.SampledFrom([]string{"", "2026-12-24"}).Draw(r, "until"),
			}
			var cells []string
			for _, column := range order {
				cells = append(cells, `"`+row[column]+`"`)
			}
			text.WriteString(strings.Join(cells, comma) + "\n")
			want = append(want, fmt.Sprintf("%s|nyckel|norr|%s", row["person"], row["until"]))
		}
		l, faults, err := userlist.Parse("l.csv", []byte(text.String()), o)
		if diff := cmp.Diff(rows(l), want); diff != "" || err != nil || len(faults) > 0 {
			r.Fatalf("faults %v, error %v (-got +want):\n%s", faults, err, diff)
		}
	})
}

// Whatever the file, an entry is of somebody whom we know or of a stranger, of a role and unit of the catalogue, and bears no personnummer; where there is a
// fault there is no entry.
func FuzzParse(f *testing.F) {
	o := options(f, "dorr")
	f.Add([]byte("login;roll;enhet;till;aktiv\nadpr0001;admin;norr;2026-12-24;ja\n"))
	f.Add([]byte("HSA-id,Personnummer,role\nSE5560000000-A1B2,199001012385,nyckel\n,199001012385,nyckel\n"))
	f.Add([]byte("konto\troll\nFBG\\x\u202e\tadmin\n=1+1\t\"\n\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, faults, err := userlist.Parse("l.csv", raw, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(faults) > 0 && len(l.Entries) > 0 {
			t.Fatalf("got %d entries and %v, want either", len(l.Entries), faults)
		}
		for _, e := range l.Entries {
			stranger, is := strings.CutPrefix(e.Person, "@")
			if _, err := o.People.Person(e.Person); err != nil && (!is || stranger == "" || e.Person != reconcile.Stranger(stranger)) {
				t.Fatalf("got an entry of %q, want one of somebody known or of a stranger", e.Person)
			}
			if sheet.Bears(e.Person) || e.Role != "" && o.Org.Role("dorr", e.Role) == nil || e.Unit != "" && o.Org.Units[e.Unit] == nil {
				t.Fatalf("got %+v, want a role and unit of the catalogue and no personnummer", e)
			}
		}
		if strings.Contains(faults.Error(), "900101") && strings.Contains(faults.Error(), "2385") {
			t.Fatalf("got %v, want no personnummer", faults)
		}
	})
}
