package adopt

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/behorig/behorig/schema"
)

// given is what of all a person's employments can give; the rest is loose. A person with no key gets one.
func (p *proposer) given(of *schema.Person, all []held) []held {
	job := p.job(of, "")
	why := whyNoJob
	switch {
	case job != nil && job.Unit == "":
		job, why = nil, whyHomeless
	case of.Key == "":
		if of.Key = p.freeKey(of); of.Key == "" {
			job, why = nil, whyNoKey
		}
	}
	if job != nil {
		return all
	}
	for _, h := range all {
		p.loose(h.node, h.Holding, why)
	}
	return nil
}

// job is the employment that gives somebody access to a unit on the day: the one in that unit, or else the first; nil if there is none.
func (p *proposer) job(of *schema.Person, unit string) *schema.Employment {
	var first *schema.Employment
	for i := range of.Employments {
		e := &of.Employments[i]
		if !(schema.Span{From: e.From, Until: e.Until}).Holds(p.On) {
			continue
		}
		if unit != "" && p.home(e) == unit {
			return e
		}
		if first == nil {
			first = e
		}
	}
	return first
}

// home is the key of an employment's unit, today's where the file has a former one.
func (p *proposer) home(e *schema.Employment) string {
	if u := p.Org.Unit(e.Unit); u != nil {
		return u.Key
	}
	return e.Unit
}

// freeKey is a key made of a person's name, or of the login where no key can be made of the name, with a number after it where it is taken.
func (p *proposer) freeKey(of *schema.Person) string {
	base := fit("key", schema.Slug(of.Name))
	if base == "" {
		base = fit("key", schema.Slug(of.Login))
	}
	if base == "" {
		return ""
	}
	base = base[:min(len(base), 58)]
	for i := 1; ; i++ {
		key := base
		if i > 1 {
			key += "-" + strconv.Itoa(i)
		}
		if fit("key", key) != "" && !p.taken[string(ByKey)+" "+key] {
			p.taken[string(ByKey)+" "+key] = true
			return key
		}
	}
}

// settle puts into the entries of a group's accounts what became of them.
func (p *proposer) settle(g *group, of *schema.Person, given []held) {
	for _, n := range g.accounts() {
		e := n.account.entry
		e.Class, e.Person = Unordered, of.Key
		for _, h := range given {
			if h.node != n {
				continue
			}
			k := schema.Key{System: h.System, Role: h.Role, Unit: h.unit, Person: of.Key}
			for _, k := range []schema.Key{k.Account(), k} {
				if !slices.Contains(e.Keys, k) {
					e.Keys = append(e.Keys, k)
				}
			}
			e.Class = Linked
		}
		switch {
		case e.Class == Linked && p.unseen(n):
			e.Class, e.Keys = Unmatched, nil
			e.Why = whyUnseen.With("person", show(of.Shown()), "rule", cmp.Or(ruleWords[e.By], ruleWords[ByName]), "target", n.account.Target)
		case e.Class == Unordered:
			e.Why = whyBare
			for _, l := range p.out.Loose {
				if l.entry == e {
					e.Why = l.Why
					break
				}
			}
		}
	}
}

// line is the access line of an employment that orders a role until it is reviewed, or until the target or the employment ends it before that.
func (p *proposer) line(h held, e *schema.Employment) schema.Access {
	a := schema.Access{System: h.System, Role: h.Role, Until: p.Until, Adopted: true}
	for _, d := range []schema.Date{h.Until, e.Until} {
		if schema.CompareEnds(d, a.Until) < 0 {
			a.Until = d
		}
	}
	if h.unit != "" && h.unit != p.home(e) {
		a.Unit, a.From = h.unit, p.On // what is temporary is so from now on
		a.Reason = reason.With("day", p.On.String()).In(p.Org.Language)
	}
	return a
}

// once is what is held with each grant once, as it ends last: two accounts of one person may hold the same, or one account under two names of a unit.
func once(all []held) []held {
	var out []held
	for _, h := range all {
		i := slices.IndexFunc(out, func(o held) bool { return o.System == h.System && o.Role == h.Role && o.unit == h.unit })
		switch {
		case i < 0:
			out = append(out, h)
		case schema.CompareEnds(out[i].Until, h.Until) < 0:
			out[i] = h
		}
	}
	return out
}

// order writes lines for what a new person holds.
func (p *proposer) order(of *schema.Person, all []held) {
	values := valuesOf("", []string{of.HSAID}, []string{of.EmployeeID}, []string{of.Login}, of.Key)
	p.take(values)
	of.Path = "people/" + of.Key + ".yaml"
	for _, h := range once(all) {
		e := p.job(of, h.unit)
		e.Access = append(e.Access, p.line(h, e))
		p.units.used[h.unit] = true
	}
	for i := range of.Employments {
		p.units.used[of.Employments[i].Unit] = true
	}
}

// missing tells which lines the file of somebody lacks.
func (p *proposer) missing(of *schema.Person, all []held) {
	want := schema.Want(p.Org.Lines(of), p.On)
	for _, h := range once(all) {
		k := schema.Key{System: h.System, Role: h.Role, Unit: h.unit, Person: of.Key}
		if _, ordered := want[k]; ordered {
			continue
		}
		p.units.used[h.unit] = true
		line, err := p.line(h, p.job(of, h.unit)).Flow()
		if err != nil {
			continue // a line of keys and dates is always written
		}
		p.out.Missing = append(p.out.Missing, Missing{k, of.Path, line})
	}
}
