package scim

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Probe implements [reconcile.Prober].
func (t *Target) Probe(ctx context.Context) []reconcile.Probe {
	read := reconcile.Probe{What: schema.Text{Sv: "läsa användare", En: "read users"}, Answer: reconcile.Yes}
	o, err := t.offered(ctx)
	if err == nil {
		var list struct{}
		err = t.client.get(ctx, o.users, url.Values{"count": {"1"}, "startIndex": {"1"}}, &list)
	}
	if err != nil {
		read.Answer, read.Do = reconcile.No, schema.Text{Sv: err.Error(), En: err.Error()}
		return []reconcile.Probe{read}
	}
	probes := []reconcile.Probe{read, {
		What: schema.Text{Sv: "ändra en del av en användare eller grupp (PATCH)", En: "change a part of a user or group (PATCH)"}, Answer: answer(o.patch),
		Do: unless(o.patch, schema.Text{Sv: "tjänsten erbjuder det inte, och inget annat sätt är säkert: be dess ägare om det", En: "the service does not offer it, and no other way is safe: ask its owner for it"}),
	}, {
		What: schema.Text{Sv: "göra användare inaktiva (active)", En: "make users inactive (active)"}, Answer: answer(o.has("active")),
		Do: unless(o.has("active"), schema.Text{Sv: "konton kan inte stängas: be tjänstens ägare om attributet active", En: "accounts cannot be closed: ask the service's owner for the attribute active"}),
	}, {
		What: schema.Text{Sv: "göra flera ändringar i ett anrop (bulk)", En: "make several changes in one call (bulk)"}, Answer: spared(o.bulk),
		Do: unless(o.bulk, schema.Text{Sv: "ändringar görs en och en; inget behöver göras", En: "changes are made one by one; nothing need be done"}),
	}, {
		What: schema.Text{Sv: "märka att någon annan ändrat emellan (ETag)", En: "tell that somebody else changed it in between (ETag)"}, Answer: spared(o.etag),
		Do: unless(o.etag, schema.Text{Sv: "inget behöver göras: ändringarna rör bara sina egna medlemmar och värden", En: "nothing need be done: changes touch their own members and values alone"}),
	}, {
		What: schema.Text{Sv: "skriva", En: "write"}, Answer: reconcile.Unknown,
		Do: schema.Text{Sv: "SCIM säger inte vad en klient får ändra; det visar sig vid den första ändringen", En: "SCIM does not say what a client may change; the first change will tell"},
	}}
	if t.names.grouped() {
		probes = append(probes, t.probeGroups(ctx, o))
	}
	return probes
}

func answer(yes bool) reconcile.Answer {
	if yes {
		return reconcile.Yes
	}
	return reconcile.No
}

// spared is the answer about what may be offered or not.
func spared(yes bool) reconcile.Answer {
	if yes {
		return reconcile.Yes
	}
	return reconcile.NotNeeded
}

func unless(yes bool, do schema.Text) schema.Text {
	if yes {
		return schema.Text{}
	}
	return do
}

// probeGroups tells which of the mapped groups are missing.
func (t *Target) probeGroups(ctx context.Context, o *offer) reconcile.Probe {
	probe := reconcile.Probe{What: schema.Text{Sv: "finna de grupper som roller och konton är", En: "find the groups that roles and accounts are"}, Answer: reconcile.Yes}
	d := newDirectory(o)
	if err := t.allTeams(ctx, d); err != nil {
		probe.Answer, probe.Do = reconcile.No, schema.Text{Sv: err.Error(), En: err.Error()}
		return probe
	}
	var missing []string
	for p := range maps.Keys(t.names.at) {
		if p.attribute == "" && len(d.named[p.name]) == 0 {
			missing = append(missing, p.name)
		}
	}
	if len(missing) == 0 {
		return probe
	}
	slices.Sort(missing)
	list, more := strings.Join(missing[:min(len(missing), 5)], ", "), ""
	if len(missing) > 5 {
		more = " …"
	}
	probe.Answer = reconcile.No
	list = fmt.Sprintf("%d: %s%s", len(missing), kind.Clean(list), more)
	probe.Do = schema.Text{Sv: "gör dem i tjänsten, eller skriv createGroups: true; de saknas, " + list, En: "make them in the service, or write createGroups: true; missing are " + list}
	if t.options.CreateGroups {
		probe.Answer, probe.Do = reconcile.Yes, schema.Text{Sv: "de görs när någon ska ha dem; nu saknas " + list, En: "they are made when somebody is to have them; now missing are " + list}
	}
	return probe
}

// Accounts implements [reconcile.Lister]. What could be a personnummer is blotted out.
func (t *Target) Accounts(ctx context.Context) ([]reconcile.Account, error) {
	d, err := t.all(ctx)
	if err != nil {
		return nil, err
	}
	held := d.holdings(t.names)
	var accounts []reconcile.Account
	for _, u := range d.users {
		a := reconcile.Account{
			ID: schema.Mask(u.ID), Login: schema.Mask(u.login(t)), Name: schema.Mask(u.Name.Formatted), EmployeeID: schema.Mask(u.Enterprise.EmployeeNumber), Enabled: u.active,
		}
		if u.DisplayName != "" {
			a.Name = schema.Mask(u.DisplayName)
		}
		if id := schema.Mask(u.ExternalID); t.options.ExternalID == "hsaId" {
			a.HSAID = id
		} else if t.options.ExternalID == "employeeId" && a.EmployeeID == "" {
			a.EmployeeID = id
		}
		for _, e := range held[u] {
			if e.role != "" {
				a.Grants = append(a.Grants, reconcile.Holding{System: e.system, Role: e.role, Unit: e.unit})
			}
		}
		for _, system := range t.config.Systems {
			if t.names.account(system, held[u]) && u.active {
				a.Grants = append(a.Grants, reconcile.Holding{System: system})
			}
		}
		slices.SortFunc(a.Grants, compareHoldings)
		accounts = append(accounts, a)
	}
	slices.SortFunc(accounts, func(a, b reconcile.Account) int {
		return strings.Compare(a.Login+"\x00"+a.ID, b.Login+"\x00"+b.ID)
	})
	return accounts, nil
}

func compareHoldings(a, b reconcile.Holding) int {
	return strings.Compare(a.System+"\x00"+a.Role+"\x00"+a.Unit, b.System+"\x00"+b.Role+"\x00"+b.Unit)
}

// login is the login that a userName is made of, or else the userName.
func (u *user) login(t *Target) string {
	if found, ok := t.templates.userName.Match(u.UserName); ok && found[string(kind.ByLogin)] != "" {
		return found[string(kind.ByLogin)]
	}
	return u.UserName
}
