package helpdesk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/helpdesk"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestCheck(t *testing.T) {
	const good = "url: https://rt.example.se, tokenEnv: RT_TOKEN, queues: {it: Soc-IT, other: IT-support}"
	for _, c := range []struct{ options, binding, want string }{
		{good, "", ""},
		{good + ", field: Behorig, ticket: person, done: [klart], refused: [avslaget, makulerat], withdrawn: makulerat, escalate: {queue: Chefer, priority: 9}", "", ""},
		{"tokenEnv: RT_TOKEN, queues: {it: Soc-IT, other: IT-support}", "", "url eller urlEnv saknas"},
		{"url: http://rt.example.se, tokenEnv: RT_TOKEN, queues: {it: Soc-IT, other: IT-support}", "", "http is not encrypted"},
		{"url: https://rt.example.se, queues: {it: Soc-IT, other: IT-support}", "", "tokenEnv eller tokenFile saknas"},
		{"url: https://rt.example.se, tokenEnv: RT_TOKEN, tokenFile: /x, queues: {it: Soc-IT, other: IT-support}", "", "står där båda"},
		{"url: https://rt.example.se, tokenEnv: RT_TOKEN, queues: {it: Soc-IT}", "", "disken other, som har hand om b, har ingen kö"},
		{"url: https://rt.example.se, tokenEnv: RT_TOKEN, queues: {it: Soc-IT, other: IT-support, othr: X}", "", "menar du other?"},
		{good + ", done: [klart], refused: [klart]", "", "betyder både utfört och avslaget"},
		{good + ", withdrawn: makulerat", "", "står varken i done eller refused"},
		{good + ", ticket: system", "", "order"},
		{good + ", color: red", "", "color"},
		{good, ", queue: x", "queue"},
	} {
		org := targettest.Repository(t, fmt.Sprintf("targets:\n  desk: {kind: helpdesk, %s}\nsystems:\n  a: {target: desk%s}\n  b: {target: desk}\n", c.options, c.binding), files)
		faults := helpdesk.Check(targettest.Config(t, org, "desk", t.TempDir(), "a", "b"))
		var got strings.Builder
		for _, f := range faults {
			fmt.Fprintln(&got, f.What.Sv, f.Do.Sv)
		}
		if c.want == "" && got.Len() > 0 || !strings.Contains(got.String(), c.want) {
			t.Errorf("%s%s: got %q, want %q", c.options, c.binding, got.String(), c.want)
		}
		if c.want != "" && (len(faults) != 1 || faults[0].Line == 0) {
			t.Errorf("%s%s: got %v, want one fault with its place", c.options, c.binding, faults)
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.options = "    escalate: {queue: Ingen sådan}\n"
	h := p.open()
	var got []string
	for _, probe := range h.Probe(t.Context()) {
		got = append(got, fmt.Sprintf("%s: %s", probe.What.Sv, probe.Answer))
		if (probe.Answer == reconcile.Yes) == (probe.Do.Sv+probe.Do.En != "") {
			t.Errorf("%s: got %q to do, want that just where it is not yes", probe.What.Sv, probe.Do.Sv)
		}
	}
	same(t, "probes", got, []string{
		"logga in i RT: yes", "skapa ärenden i kön IT-support: yes", "fältet Behorig i kön IT-support: yes", "skapa ärenden i kön Ingen sådan: no",
		"skapa ärenden i kön Soc-IT: yes", "fältet Behorig i kön Soc-IT: yes", "kommentera, ändra och se ärenden: unknown",
	})
	p.vars["TOKEN"] = "1-2-3"
	bad := p.open().Probe(t.Context())
	if len(bad) != 1 || bad[0].Answer != reconcile.No || !strings.Contains(bad[0].Do.Sv, "token") {
		t.Errorf("got %v, want that signing in fails", bad)
	}
}
