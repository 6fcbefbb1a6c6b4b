package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// cluster is some made-up access repositories, whose state is in one PostgreSQL database, and the processes that keep them. Each repository has a register and a
// work list there, and a program (kind exec) that takes its time; what was done to them is counted past all of our own code.
type cluster struct {
	t       *testing.T
	dir     string
	program string
	url     string
	db      *pgxpool.Pool
	on      schema.Date
	towns   []*town // by number
	workers []*member

	counted, begunBefore map[touch]int // at the last count
}

// town is a repository, with the folder in which its program keeps what it holds.
type town struct {
	*staff
	name, held string
}

// inProgram is the system that the program keeps.
const inProgram = inDirectory

// kept is the program: it keeps each grant as a file, and tells of each call when it begins and what it has done. One change comes at a time.
const kept = `#!/bin/sh
cd "$1" || exit 1
tab=$(printf '\t')
n=0 what=
while IFS="$tab" read -r line a b c d e f g; do
	case $line in
	behorig) op=$b ;;
	change) id=$a verb=$b what="$c,$d,$e,$f" until=$g ;;
	esac
done
case $op in
read)
	for f in *,*; do
		[ -e "$f" ] || continue
		read -r until enabled <"$f"
		echo "$f,$until,$enabled" | tr , '\t' | sed 's/^/entry\t/'
		n=$((n + 1))
	done
	;;
apply)
	echo "begin $verb $what $until" >>../calls/${PWD##*/}
	sleep "$(cat ../calls/latency)"
	new="$until true" done=done
	[ -e "$what" ] && read -r old <"$what" || old=
	[ "$verb" = disable ] && new="${old% *} false"
	if [ "$verb" = revoke ]; then
		rm "$what" 2>/dev/null || done=already
	elif [ "$old" = "$new" ]; then
		done=already
	else
		echo "$new" >"$what"
	fi
	echo "$done $verb $what $until" >>../calls/${PWD##*/}
	printf 'answer\t%s\t%s\n' "$id" "$done"
	n=1
	;;
esac
printf 'end\t%d\n' $n
`

// counting has the database count what is done to registers: a trigger on each that is made.
const counting = `CREATE SCHEMA counting;
CREATE TABLE counting.done (place text, system text, person text, role text, unit text);
CREATE FUNCTION counting.account() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO counting.done VALUES (TG_TABLE_SCHEMA, coalesce(new.system, old.system), coalesce(new.person, old.person), '', ''); RETURN NULL; END $$;
CREATE FUNCTION counting.role() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO counting.done VALUES (TG_TABLE_SCHEMA, coalesce(new.system, old.system), coalesce(new.person, old.person), coalesce(new.role, old.role), coalesce(new.unit, old.unit)); RETURN NULL; END $$;
CREATE FUNCTION counting.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ DECLARE c record; name text; BEGIN
	FOR c IN SELECT * FROM pg_event_trigger_ddl_commands() WHERE schema_name LIKE '%\_\_register' AND object_type = 'table' LOOP
		name := (SELECT relname FROM pg_class WHERE oid = c.objid);
		IF name IN ('account', 'role') THEN
			EXECUTE format('CREATE TRIGGER counting AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION counting.%s()', c.object_identity, name);
		END IF;
	END LOOP; END $$;
CREATE EVENT TRIGGER counting ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION counting.watch();
CREATE FUNCTION counting.everywhere(ending text, query text) RETURNS SETOF text[] LANGUAGE plpgsql STABLE AS $$ DECLARE name text; BEGIN
	FOR name IN SELECT nspname FROM pg_namespace WHERE nspname LIKE '%\_\_' || ending AND to_regclass(quote_ident(nspname) || '.store_version') IS NOT NULL ORDER BY 1 LOOP
		RETURN QUERY EXECUTE format(query, name);
	END LOOP; END $$;`

// newCluster makes n repositories in which some people order things, none of it made yet.
func newCluster(t *testing.T, n int) *cluster {
	t.Helper()
	return newClusterOn(t, targettest.Start(t, "postgres").Vars["URL"], n)
}

func newClusterOn(t *testing.T, server string, n int) *cluster {
	t.Helper()
	zone, on := noonZone(time.Now())
	c := &cluster{t: t, dir: t.TempDir(), program: buildProgram(t), on: on}
	c.database(server)
	script := filepath.Join(c.dir, "kept.sh")
	c.must(os.WriteFile(script, []byte(kept), 0o700))
	c.must(os.MkdirAll(filepath.Join(c.dir, "held", "calls"), 0o700))
	var wait sync.WaitGroup
	c.towns = make([]*town, n)
	for i := range c.towns {
		tn := &town{name: fmt.Sprintf("ort-%02d", i)}
		tn.held = filepath.Join(c.dir, "held", tn.name)
		c.must(os.MkdirAll(tn.held, 0o700))
		c.towns[i] = tn
	}
	turns := make(chan bool, 2)
	for i, tn := range c.towns {
		wait.Go(func() {
			turns <- true
			defer func() { <-turns }()
			tn.staff = newStaff(t, uint64(i)+100, 2)
			tn.settings(t, zone)
			tn.write(t, "targets.yaml", fmt.Sprintf(`targets:
  register: {kind: register}
  lista: {kind: worklist}
  program: {kind: exec, command: [/bin/sh, %s, %s], lines: tsv, batch: 1}
systems:
  journal: {target: register}
  dorr: {target: lista}
  katalog: {target: program}
`, script, tn.held))
			c.must(os.WriteFile(filepath.Join(tn.dir, ".git", "HEAD"), []byte("ref: refs/heads/next\n"), 0o600)) // what is committed is not published at once
			tn.advance(t, c.on, 10)
		})
	}
	wait.Wait()
	c.publish(c.towns)
	c.latency(20 * time.Millisecond)
	c.list(n)
	return c
}

// noonZone is a time zone where it is about noon, and the day there: no midnight comes while a test that takes minutes runs.
func noonZone(now time.Time) (string, schema.Date) {
	west := now.UTC().Hour() - 12 // POSIX's sign, as Etc/GMT+5 has it: hours behind Greenwich
	return fmt.Sprintf("Etc/GMT%+d", west), schema.Today(now, time.FixedZone("", -west*3600))
}

// latency is how long each call of the programs takes from now on.
func (c *cluster) latency(d time.Duration) {
	c.must(os.WriteFile(filepath.Join(c.dir, "held", "calls", "latency"), []byte(fmt.Sprintf("%.3f\n", d.Seconds())), 0o600))
}

// commit changes some of what is ordered in some towns, and publishes it in all at once.
func (c *cluster) commit(towns []*town) {
	for _, tn := range towns {
		tn.advance(c.t, c.on, 2)
	}
	c.publish(towns)
}

func (c *cluster) publish(towns []*town) {
	for _, tn := range towns {
		heads := filepath.Join(tn.dir, ".git", "refs", "heads")
		raw, err := os.ReadFile(filepath.Join(heads, "next"))
		c.must(err)
		c.must(os.WriteFile(filepath.Join(heads, "main.lock"), raw, 0o600))
		c.must(os.Rename(filepath.Join(heads, "main.lock"), filepath.Join(heads, "main")))
	}
}

// database makes a database of its own on a server.
func (c *cluster) database(server string) {
	ctx := c.t.Context()
	u, err := url.Parse(server)
	c.must(err)
	admin, err := pgx.Connect(ctx, server)
	c.must(err)
	name := fmt.Sprintf("cluster_%d", rand.Uint32())
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name)
	c.must(err)
	c.must(admin.Close(ctx))
	u.Path = "/" + name
	c.url = u.String()
	q := u.Query()
	q.Set("application_name", "counting")
	q.Set("pool_max_conns", "3")
	u.RawQuery = q.Encode()
	c.db, err = pgxpool.New(ctx, u.String())
	c.must(err)
	c.t.Cleanup(c.db.Close)
	_, err = c.db.Exec(ctx, counting)
	c.must(err)
}

func (c *cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// list writes the file of the first n repositories.
func (c *cluster) list(n int) {
	var b strings.Builder
	b.WriteString("repositories:\n")
	for _, tn := range c.towns[:n] {
		fmt.Fprintf(&b, "  %s: {url: %s}\n", tn.name, tn.dir)
	}
	c.must(os.WriteFile(filepath.Join(c.dir, "repositories.yaml"), []byte(b.String()), 0o600))
}

// rows asks the database.
func (c *cluster) rows(query string, args ...any) [][]string {
	c.t.Helper()
	rows, err := c.db.Query(c.t.Context(), query, args...)
	c.must(err)
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]string, error) {
		values, err := r.Values()
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = fmt.Sprint(v)
		}
		return cells, err
	})
	c.must(err)
	return all
}

// everywhere asks all databases of one name; %I is the schema. A row is an array of texts.
func (c *cluster) everywhere(name, query string) (all [][]string) {
	c.t.Helper()
	rows, err := c.db.Query(c.t.Context(), "SELECT counting.everywhere($1, $2)", name, query)
	c.must(err)
	all, err = pgx.CollectRows(rows, pgx.RowTo[[]string])
	c.must(err)
	return all
}

// owner is the town that a schema is of.
func (c *cluster) owner(place string) string {
	name, _, _ := strings.Cut(place, "__")
	return strings.ReplaceAll(name, "_", "-")
}

// touch is one change to a grant of a town.
type touch struct {
	town string
	schema.Key
}

// done is how often each grant was touched so far, in the targets' own words, and which calls of the program were begun more than once.
func (c *cluster) done() map[touch]int {
	c.t.Helper()
	n := map[touch]int{}
	for _, r := range c.rows("SELECT place, system, person, role, unit FROM counting.done") {
		n[touch{c.owner(r[0]), schema.Key{System: r[1], Person: r[2], Role: r[3], Unit: r[4]}}]++
	}
	for _, r := range c.everywhere("worklist", "SELECT ARRAY[%1$L, system, person, role, unit] FROM %1$I.line") {
		n[touch{c.owner(r[0]), schema.Key{System: r[1], Person: r[2], Role: r[3], Unit: r[4]}}]++
	}
	for _, call := range c.calls("done") {
		n[call]++
	}
	return n
}

// calls are the calls of all programs, of which each line begins with a word.
func (c *cluster) calls(word string) (all []touch) {
	c.t.Helper()
	for _, tn := range c.towns {
		raw, err := os.ReadFile(filepath.Join(c.dir, "held", "calls", tn.name))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(raw)) {
			if f := strings.Fields(line); f[0] == word {
				all = append(all, touch{tn.name, keyOf(f[2])})
			}
		}
	}
	return all
}

// want is how often each grant is to be touched from one state to the next: once, if it differs.
func (c *cluster) want(before map[string]schema.State) map[touch]int {
	n := map[touch]int{}
	for _, tn := range c.towns {
		for _, k := range differ(before[tn.name], tn.want(c.on), true) {
			n[touch{tn.name, k}] = 1
		}
	}
	return n
}

// wanted is what all towns want now.
func (c *cluster) wanted() map[string]schema.State {
	all := map[string]schema.State{}
	for _, tn := range c.towns {
		all[tn.name] = maps.Clone(tn.want(c.on))
	}
	return all
}

// through tells how many of the passes that are to be made of the newest commits have ended well.
func (c *cluster) through(towns []*town) (n int) {
	c.t.Helper()
	tips := map[string]string{}
	for _, tn := range towns {
		tips[tn.name] = tn.tip(c.t)
	}
	for _, r := range c.everywhere("ledger", "SELECT ARRAY[%1$L, revision, ended, result] FROM %1$I.pass") {
		if tip := tips[c.owner(r[0])]; tip != "" && strings.HasPrefix(tip, cmp.Or(r[1], "-")[:min(7, len(cmp.Or(r[1], "-")))]) && r[2] != "" && r[3] == "ok" {
			n++
		}
	}
	return n
}

func (tn *town) tip(t testing.TB) string {
	raw, err := os.ReadFile(filepath.Join(tn.dir, ".git", "refs", "heads", "main"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

// wait waits until all towns' systems have had a whole pass of the newest commit.
func (c *cluster) wait(within time.Duration) time.Duration {
	c.t.Helper()
	return c.waitFor(c.towns, within)
}

func (c *cluster) waitFor(towns []*town, within time.Duration) time.Duration {
	c.t.Helper()
	return c.until(within, fmt.Sprintf("whole passes over all systems of %d repositories", len(towns)), func() bool { return c.through(towns) >= 3*len(towns) })
}
