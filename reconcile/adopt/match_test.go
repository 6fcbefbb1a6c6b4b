package adopt_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/adopt"
)

// Who is who, by every rule, and when nobody can say.
func TestMatch(t *testing.T) {
	t.Parallel()
	const hsa, hsb = "SE5560000000-A1", "SE5560000000-B2"
	for _, c := range []struct {
		name     string
		staff    string
		people   map[string]string
		match    string
		accounts []adopt.Account
		want     string
		why      string // that some entry says
	}{
		{
			name: "the HSA-id, whatever its case", accounts: []adopt.Account{ad("a1|Anna Lindqvist||" + hsa), scim("a2|Anna Lindqvist||se5560000000-a1")},
			want: "ad a1 linked anna.lindqvist hsaId\nscim a2 linked anna.lindqvist hsaId\n",
		},
		{
			name: "the employee number", accounts: []adopt.Account{ad("a1|Anna Ek|17"), scim("a2|Anna Berg|17")},
			want: "ad a1 linked anna.ek employeeId\nscim a2 linked anna.ek employeeId\n",
		},
		{
			name: "the login, case aside", accounts: []adopt.Account{ad("ANLI|Anna Ek"), scim("anli|Anna Ek")},
			want: "ad ANLI linked anna.ek login\nscim anli linked anna.ek login\n",
		},
		{
			name: "the name, its words in any order and å ä ö as they come", accounts: []adopt.Account{ad("a1|Öberg, Åsa"), scim("a2|Asa Oberg")},
			want: "ad a1 linked asa.oberg name\nscim a2 linked asa.oberg name\n",
		},
		{
			name: "not the name when it is not asked for", match: "hsaId,login", accounts: []adopt.Account{ad("a1|Åsa Öberg|1"), scim("a2|Åsa Öberg|1")},
			want: "ad a1 disputed\nscim a2 disputed\n", why: "flera heter så",
		},
		{
			name: "a single name", accounts: []adopt.Account{ad("sury|Suryani"), scim("s2|Suryani")},
			want: "ad sury linked suryani name\nscim s2 linked suryani name\n",
		},
		{
			name: "by way of a third", staff: "namn;anstnr\nAnna Ek;17\n", accounts: []adopt.Account{ad("anli|Anna Ek|17"), scim("anli|A Ek")},
			want: "ad anli linked anna.ek employeeId\nscim anli linked anna.ek login\n",
		},
		{
			name: "HSA-id says one, login another", staff: "namn;login;hsaId\nAnna Ek;anek;" + hsa + "\nBo Ek;boek;" + hsb + "\n",
			accounts: []adopt.Account{ad("boek|Bo Ek||" + hsa), scim("boek|Bo Ek")},
			want:     "ad boek disputed\nscim boek disputed\n", why: "HSA-id säger Anna Ek (rad 2), inloggningsnamnet säger Bo Ek (rad 3)",
		},
		{
			name: "what hangs on a dispute is disputed", staff: "namn;login;hsaId\nAnna Ek;anek;" + hsa + "\nBo Ek;boek;" + hsb + "\n",
			accounts: []adopt.Account{ad("boek|Bo Ek|5|" + hsa), scim("x|Bo Ek|5")},
			want:     "ad boek disputed\nscim x disputed\n", why: "delar uppgifter med konton som är både Anna Ek (rad 2) och Bo Ek (rad 3)",
		},
		{
			name: "two accounts of one target", accounts: []adopt.Account{ad("a1|Anna Ek|17"), ad("a2|Anna Ek|17"), scim("x|Anna Ek|17")},
			want: "ad a1 disputed\nad a2 disputed\nscim x disputed\n", why: "målet ad har två konton",
		},
		{
			name: "two people of the files with one value", people: map[string]string{
				"people/a.yaml": "name: Anna Ek\nemployeeId: \"17\"\nemployments: [{unit: norr, form: permanent, from: 2020-01-01}]\n",
				"people/b.yaml": "name: Anna Ekh\nemployeeId: \"17\"\nemployments: [{unit: norr, form: permanent, from: 2020-01-01}]\n",
			}, accounts: []adopt.Account{ad("a1|Anna Ek|17")},
			want: "ad a1 disputed\n", why: "anställningsnumret säger Anna Ek (a), anställningsnumret säger Anna Ekh (b)",
		},
		{
			name: "the same login, another HSA-id", accounts: []adopt.Account{ad("anek|Anna Ek||" + hsa), scim("anek|Anna Ek||" + hsb)},
			want: "ad anek disputed\nscim anek disputed\n", why: "men HSA-id skiljer sig",
		},
		{
			name: "the same HSA-id, another employee number", accounts: []adopt.Account{ad("a|Anna Ek|1|" + hsa), scim("b|Anna Ek|2|" + hsa)},
			want: "ad a disputed\nscim b disputed\n", why: "men anställningsnumret skiljer sig",
		},
		{
			name: "two employee numbers that the list knows of one person", staff: "name,employeeId,login\nAnna Ek,1,anek\nAnna Ek,2,anek\n",
			accounts: []adopt.Account{ad("a|Anna Ek|1"), scim("b|Anna Ek|2")},
			want:     "ad a linked anna.ek employeeId\nscim b linked anna.ek employeeId\n",
		},
		{
			name: "a login that has been given to another", accounts: []adopt.Account{ad("anek|Anna Ek"), scim("anek|Bo Dahl")},
			want: "ad anek disputed\nscim anek disputed\n", why: "heter inte likadant",
		},
		{
			name: "namesakes whom numbers tell apart", accounts: []adopt.Account{ad("a1|Anna Ek|1"), ad("a2|Anna Ek|2")},
			want: "ad a1 linked anna.ek made\nad a2 linked anna.ek-2 made\n",
		},
		{
			name: "namesakes whom nothing tells apart", accounts: []adopt.Account{ad("a1|Anna Ek"), ad("a2|Anna Ek")},
			want: "ad a1 disputed\nad a2 disputed\n", why: "flera heter så",
		},
		{
			name: "a namesake in another system", accounts: []adopt.Account{ad("a1|Anna Ek|1"), ad("a2|Anna Ek|2"), scim("x|Anna Ek")},
			want: "ad a1 linked anna.ek made\nad a2 linked anna.ek-2 made\nscim x disputed\n", why: "flera heter så",
		},
		{
			name: "namesakes of the HR list", staff: "name,login\nAnna Ek,a1\nAnna Ek,a2\n", accounts: []adopt.Account{ad("a1|Anna Ek"), scim("x|Anna Ek")},
			want: "ad a1 linked anna.ek login\nscim x disputed\n", why: "flera heter så",
		},
		{
			name: "a name of one in the list and one in the system", staff: "name,unit\nAnna Ek,norr\n", accounts: []adopt.Account{ad("a1|Anna Ek"), scim("x|Bo Ek")},
			want: "ad a1 linked anna.ek name\nscim x unmatched\n", why: "finns inte i personallistan",
		},
		{
			name: "a name is no link where numbers differ", staff: "name,employeeId\nAnna Ek,1\n", accounts: []adopt.Account{ad("a1|Anna Ek|2")},
			want: "ad a1 unmatched\n", why: "finns inte i personallistan",
		},
		{
			name: "somebody whose file is there", accounts: []adopt.Account{ad("CHEF0001|Chef Provsson"), scim("x|Chef Provsson")},
			want: "ad CHEF0001 linked chef login\nscim x linked chef name\n",
		},
		{
			name: "a target that knows keys", accounts: []adopt.Account{reg("chef"), reg("asa.oberg"), ad("a1|Åsa Öberg")},
			want: "ad a1 linked asa.oberg name\nreg asa.oberg linked asa.oberg name\nreg chef linked chef key\n",
		},
		{
			name: "a key that a namesake must not get", accounts: []adopt.Account{reg("anna.ek"), ad("a1|Anna Ek|1"), ad("a2|Anna Ek|2")},
			want: "ad a1 linked anna.ek-2 made\nad a2 linked anna.ek-3 made\nreg anna.ek disputed\n",
		},
		{
			name: "no name", accounts: []adopt.Account{ad("a1|"), reg("@x9"), ad("a2|\u202e\t")},
			want: "ad a1 unmatched\nad a2 unmatched\nreg x9 unmatched\n", why: "har inget namn",
		},
		{
			name: "a name that is the login again", accounts: []adopt.Account{ad("anek|ANEK"), ad("boek|boek|2"), scim("b|Bo Ek|2")},
			want: "ad anek unmatched\nad boek linked bo.ek employeeId\nscim b linked bo.ek employeeId\n", why: "har inget namn",
		},
		{
			name: "service accounts", accounts: []adopt.Account{ad("svc-backup|Backup"), ad("SVC-Behorig|Behörig"), ad("PC17$|PC17"), ad("adm-anek|Anna Ek|17"), ad("anek|Anna Ek|17")},
			want: "ad PC17$ unmatched\nad SVC-Behorig passed\nad adm-anek unmatched\nad anek linked anna.ek made\nad svc-backup unmatched\n", why: "tjänstekonto",
		},
		{
			name: "a login that looks like a program's but is somebody's", staff: "name,login\nTest Andersson,test\n", accounts: []adopt.Account{ad("test|Test Andersson")},
			want: "ad test linked test.andersson login\n",
		},
		{
			name: "a login that is a personnummer", accounts: []adopt.Account{ad("199001012385|Anna Ek"), scim("900101-2385|Bo Ek"), scim("••••••••••••|Cia Ek")},
			want: "ad 199001012385 unmatched\nscim 900101-2385 unmatched\nscim •••••••••••• unmatched\n", why: "inloggningsnamnet är ett personnummer",
		},
		{
			name: "and what links it all the same", accounts: []adopt.Account{ad("199001012385|Anna Ek|17"), scim("anek|Anna Ek|17")},
			want: "ad 199001012385 linked anna.ek employeeId\nscim anek linked anna.ek employeeId\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := input(t, files(c.people), c.staff, c.accounts...)
			if c.match != "" {
				var err error
				if in.Match, err = adopt.ParseRules(c.match); err != nil {
					t.Fatal(err)
				}
			}
			p := adopt.Propose(in)
			if diff := cmp.Diff(told(p, in), c.want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
			var whys []string
			for _, e := range p.Entries {
				whys = append(whys, e.Why.Sv)
			}
			if all := strings.Join(whys, "\n"); !strings.Contains(all, c.why) {
				t.Errorf("got %s, want %q", all, c.why)
			}
			load(t, files(c.people), p)
		})
	}
}

func TestParseRules(t *testing.T) {
	t.Parallel()
	got, err := adopt.ParseRules("login, hsaId")
	if diff := cmp.Diff(got, []adopt.Rule{adopt.ByLogin, adopt.ByHSAID}); err != nil || diff != "" {
		t.Errorf("got %v, error %v, want login and hsaId", got, err)
	}
	for _, bad := range []string{"", "hsa", "login,login", "key", "made"} {
		if got, err := adopt.ParseRules(bad); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
}
