package ldap

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// places are those of the templates of accounts.
var places = []string{"login", "person", "name", "given", "family", "employeeId", "hsaId"}

// placesOf fills them for a person. The repository knows whole names: the last word is taken for the family name.
func placesOf(p *kind.Person) func(string) string {
	given, family := p.Name, p.Name
	if at := strings.LastIndexByte(p.Name, ' '); at >= 0 {
		given, family = p.Name[:at], p.Name[at+1:]
	}
	return func(name string) string {
		switch name {
		case "login":
			return p.Login
		case "person":
			return p.Key
		case "name":
			return p.Name
		case "given":
			return given
		case "family":
			return family
		case "employeeId":
			return p.EmployeeID
		case "hsaId":
			return p.HSAID
		}
		return ""
	}
}

// create makes the account of somebody who has none, if some change needs one, and tells whether there is an account now.
func (b *batch) create(ctx context.Context, x *task, granted []int) bool {
	if len(granted) == 0 {
		return false // nothing to take
	}
	if !b.t.options.Accounts.Create {
		b.failAll(granted, b.missing(x))
		return false
	}
	p, err := b.t.person(x.who)
	if err != nil {
		b.failAll(granted, err)
		return false
	}
	a, err := b.t.create(ctx, p, x.wantsAccount)
	if err != nil {
		b.failAll(granted, err)
		return false
	}
	x.account, x.via = a, map[string]string{}
	for _, i := range granted {
		if b.changes[i].Role == "" {
			b.done(i)
		}
	}
	return true
}

// create makes an account. One that is not to be used yet is made switched off.
func (t *Target) create(ctx context.Context, p *kind.Person, on bool) (*account, error) {
	o, r := t.options.Accounts, t.accounts
	rdn, err := parseDN(r.rdn+","+cmp.Or(o.Base, t.options.Users.Base), places...)
	if err != nil {
		return nil, fmt.Errorf("accounts.rdn: %w", err)
	}
	dn, err := rdn.fill(placesOf(p))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; write it in the person's file", p.Key, err)
	}
	request, err := t.entry(p, dn, on)
	if err != nil {
		return nil, err
	}
	if err := t.pool.add(ctx, request); err != nil {
		return nil, explain("make an account for "+p.Key, err, p.Protected)
	}
	return &account{dn: dn, key: fold(dn), owner: p.Key, off: !on, in: on, ends: r.end(t.lastMoment(p)), flags: flagNormal}, nil
}

// entry is the request for a new account: what it is found by, what the options say, and whether it is on.
func (t *Target) entry(p *kind.Person, dn string, on bool) (*ldap.AddRequest, error) {
	r := t.accounts
	values := attributes{}
	values.set("cn", p.Name)
	values.set("sn", placesOf(p)("family"))
	values.set(r.users.Name, p.Name)
	for by, attribute := range r.attribute {
		if v := p.Value(by); v != "" && attribute != "" {
			values.set(attribute, v)
		}
	}
	for _, attribute := range sortedNames(t.options.Accounts.Attributes) {
		text := t.options.Accounts.Attributes[attribute]
		template, err := kind.ParseTemplate(text, places...)
		if err != nil {
			return nil, err
		}
		if v, err := template.Fill(placesOf(p), nil); err == nil {
			values.set(attribute, v)
		}
	}
	if end := r.end(t.lastMoment(p)); r.expires != "none" && end != "" {
		values.set(r.expiresAt, end)
	}
	switch {
	case r.lock.Attribute != "" && !on:
		values.set(r.lock.Attribute, r.lock.Locked)
	case r.lock.Attribute != "" && r.lock.Open != "":
		values.set(r.lock.Attribute, r.lock.Open)
	case r.lock.Attribute == "" && r.ad:
		values.set("userAccountControl", strconv.Itoa(flagNormal|map[bool]int{true: 0, false: flagDisabled}[on]))
	}
	values.name(dn)
	request := values.request(dn, r.classes)
	if r.ad {
		// AD lets no account be used that has no password. Nobody learns this one: the owner signs in by card, or has a new one set at the desk.
		request.Attribute("unicodePwd", []string{unicodePassword(rand.Text() + "a1!" + rand.Text())})
	}
	return request, nil
}

// unicodePassword is a password as AD takes it: quoted, in UTF-16, the low byte first (MS-ADTS 3.1.1.3.1.5.1).
func unicodePassword(text string) string {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(`"` + text + `"`)) {
		raw = binary.LittleEndian.AppendUint16(raw, unit)
	}
	return string(raw)
}

// lastMoment is the end of a person's last day; zero where there is none.
func (t *Target) lastMoment(p *kind.Person) time.Time {
	if p.LastDay == 0 {
		return time.Time{}
	}
	return t.midnight(p.LastDay + 1)
}

// switchAll switches accounts on and off, and sets their last days: a request for each account that is not as it is to be.
func (b *batch) switchAll(ctx context.Context) {
	var todo []*task
	for _, who := range sortedNames(b.tasks) {
		if x := b.tasks[who]; x.account != nil && (x.off || x.wantsAccount) {
			todo = append(todo, x)
		}
	}
	_ = b.t.several(ctx, len(todo), func(_ context.Context, i int) error {
		x := todo[i]
		request, err := b.t.switching(x)
		if err == nil && len(request.Changes) > 0 {
			what := "switch on " + x.who
			if x.off {
				what = "switch off " + x.who
			}
			err = explain(what, b.t.pool.modify(ctx, request), b.t.veiled(x.who))
			x.switched = err == nil
		}
		x.failed = err
		return nil // the others go on
	})
	for _, x := range todo {
		b.switched(x)
	}
}

// switching is the request that makes an account as it is to be: without changes where it is so already.
func (t *Target) switching(x *task) (*ldap.ModifyRequest, error) {
	r, a := t.accounts, x.account
	request := ldap.NewModifyRequest(a.dn, nil)
	if a.off != x.off {
		switch {
		case r.lock.Attribute == "":
			flags := a.flags &^ flagDisabled
			if x.off {
				flags |= flagDisabled
			}
			request.Replace("userAccountControl", []string{strconv.Itoa(cmp.Or(flags, flagNormal))})
		case x.off:
			request.Replace(r.lock.Attribute, []string{r.lock.Locked})
		case r.lock.Open != "":
			request.Replace(r.lock.Attribute, []string{r.lock.Open})
		default:
			request.Replace(r.lock.Attribute, nil)
		}
	}
	if x.off || r.expires == "none" {
		return request, nil
	}
	p, err := t.person(x.who)
	if err != nil {
		return nil, err
	}
	if end := t.lastMoment(p); !end.Equal(r.parseEnd(a.ends)) {
		if text := r.end(end); text != "" {
			request.Replace(r.expiresAt, []string{text})
		} else {
			request.Replace(r.expiresAt, nil)
		}
	}
	return request, nil
}

// switched says what came of it. A switching off that failed is answered by the change that waited for it, whose groups are left as they are so that it is
// done again; the others of the person go on.
func (b *batch) switched(x *task) {
	if x.off && x.failed != nil {
		for _, o := range x.ops {
			for _, i := range o.changes {
				if i == x.carrier {
					o.err = x.failed
				}
			}
		}
		return
	}
	for _, i := range x.changes {
		switch c := b.changes[i]; {
		case c.Role != "" || c.To == nil:
		case x.failed != nil:
			b.fail(i, x.failed)
		case x.switched:
			b.done(i)
		}
	}
}
