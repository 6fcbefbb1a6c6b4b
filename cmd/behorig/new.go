package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// newPerson is what the flags of new say.
type newPerson struct {
	name, login, hsaID, unit, title, form, from, until, guideline, folder, key string
	packages, access, cards, licences                                          []string
}

func newCommand(w *world) *cobra.Command {
	var f flags
	var n newPerson
	c := &cobra.Command{
		Use: "new", Short: "Write the file of a new person",
		Long: `Writes a correct person file from what is said here, under people/, and shows what still stops the access it orders. It never writes over a
file. The key is made of the name; somebody of the same name gets a number after it.`,
		Example: `  behorig new --name "Anna Lindqvist" --unit hemtjanst-norr --form permanent --from 2026-12-01 --package hemtjanst
  behorig new --name "Bo Ek" --unit sabo-solhaga --form hourly --from 2026-12-01 --until 2027-03-15 \
    --access intraphone/omvardnadspersonal --guideline 2025-03:2026-11-20 --card siths:3:2030-01-31`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			return s.newFile(c, n)
		},
	}
	f.add(c)
	fs := c.Flags()
	fs.StringVar(&n.name, "name", "", "name")
	fs.StringVar(&n.login, "login", "", "login in the directory")
	fs.StringVar(&n.hsaID, "hsa-id", "", "HSA-id")
	fs.StringVar(&n.unit, "unit", "", "unit of the employment")
	fs.StringVar(&n.title, "title", "", "title")
	fs.StringVar(&n.form, "form", "permanent", "form: permanent, substitute, hourly, agency, student, consultant, elected")
	fs.StringVar(&n.from, "from", "", "first day, YYYY-MM-DD")
	fs.StringVar(&n.until, "until", "", "last day that counts (default: until further notice)")
	fs.StringVar(&n.guideline, "guideline", "", "guideline read, EDITION:DATE")
	fs.StringVar(&n.folder, "folder", "", "folder under people/")
	fs.StringVar(&n.key, "key", "", "key (default: made of the name)")
	fs.StringSliceVar(&n.packages, "package", nil, "package to order; may be repeated")
	fs.StringSliceVar(&n.access, "access", nil, "role to order, SYSTEM/ROLE; may be repeated")
	fs.StringSliceVar(&n.cards, "card", nil, "card, KIND:LOA:DATE or KIND:DATE; may be repeated")
	fs.StringSliceVar(&n.licences, "licence", nil, "licence, PROFESSION:CHECKED; may be repeated")
	return c
}

// person makes a person of the flags. All that is wrong is said at once.
func (n newPerson) person() (*schema.Person, error) {
	var errs []error
	date := func(flag, s string) schema.Date {
		if s == "" {
			return 0
		}
		d, err := schema.ParseDate(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("--%s: %w", flag, err))
		}
		return d
	}
	for flag, value := range map[string]string{"name": n.name, "unit": n.unit, "from": n.from} {
		if value == "" {
			errs = append(errs, fmt.Errorf("--%s is needed", flag))
		}
	}
	p := &schema.Person{Name: n.name, Login: n.login, HSAID: n.hsaID}
	if n.guideline != "" {
		edition, read, _ := strings.Cut(n.guideline, ":")
		p.Guideline = &schema.Read{Edition: edition, Read: date("guideline", read)}
	}
	for _, c := range n.cards {
		parts := strings.Split(c, ":")
		card := schema.Card{Kind: parts[0], ValidUntil: date("card", parts[len(parts)-1])}
		if len(parts) == 3 {
			card.LoA, _ = strconv.Atoi(parts[1])
		}
		if len(parts) != 2 && (len(parts) != 3 || card.LoA == 0) {
			errs = append(errs, fmt.Errorf("--card %s: write KIND:LOA:DATE or KIND:DATE", c))
		}
		p.Cards = append(p.Cards, card)
	}
	for _, l := range n.licences {
		profession, checked, _ := strings.Cut(l, ":")
		p.Licences = append(p.Licences, schema.Licence{Profession: profession, Checked: date("licence", checked)})
	}
	e := schema.Employment{Unit: n.unit, Title: n.title, Form: n.form, From: date("from", n.from), Until: date("until", n.until)}
	for _, pkg := range n.packages {
		e.Access = append(e.Access, schema.Access{Package: pkg})
	}
	for _, a := range n.access {
		system, role, ok := strings.Cut(a, "/")
		if !ok {
			errs = append(errs, fmt.Errorf("--access %s: write SYSTEM/ROLE", a))
		}
		e.Access = append(e.Access, schema.Access{System: system, Role: role})
	}
	p.Employments = []schema.Employment{e}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return p, errors.Join(errs...)
}

// freeKey is the name's key, with a number after it where it is taken.
func (s *session) freeKey(n newPerson) (string, error) {
	if n.key != "" && s.org.Knows(n.key) {
		return "", usage("--key %s is taken by %s", n.key, s.org.Path(n.key))
	}
	if n.key != "" {
		return n.key, nil
	}
	key := request.Key(n.name, s.org.Knows)
	if key == "" {
		return "", usage("--key is needed: no key can be made of the name %s", schema.Quote(n.name))
	}
	return key, nil
}

func (s *session) newFile(c *cobra.Command, n newPerson) error {
	if s.tree.Commit != "" {
		return usage("new writes into the folder; leave --rev out")
	}
	p, err := n.person()
	if err != nil {
		return usage("%w", err)
	}
	if p.Key, err = s.freeKey(n); err != nil {
		return err
	}
	if p.Path, err = request.Path(path.Join("people", n.folder), p.Key); err != nil {
		return usage("%w", err)
	}
	raw, err := p.Write("")
	if err != nil {
		return broke(err)
	}
	if err := s.create(p.Path, raw); err != nil {
		return broke(err)
	}
	if err = s.read(c.Context()); err == nil {
		p, err = s.org.Person(p.Key)
	}
	if err != nil {
		s.show(faults(err))
		removed := os.Remove(filepath.Join(s.flags.repo, filepath.FromSlash(p.Path)))
		return &exit{exitDenied, errors.Join(errors.New("nothing was written"), removed)}
	}
	lines := s.org.Lines(p)
	v, err := s.engine.Person(c.Context(), p, lines, s.on)
	if err != nil {
		return broke(err)
	}
	fmt.Fprintln(s.w.err, filepath.Join(s.flags.repo, filepath.FromSlash(p.Path)))
	return s.write(report.Check{Commit: s.tree.Label, On: s.on, Organisation: s.org.Organisation, Findings: v.Findings, Names: report.NamesOf(s.org, nil)})
}

// create writes a new file within the repository, whole or not at all, and never over another.
func (s *session) create(path string, raw []byte) error {
	root, err := os.OpenRoot(s.flags.repo)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; nothing was written", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, root.Remove(path))
	}
	return nil
}
