package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"github.com/behorig/behorig/schema"
)

const (
	identityFile = "BEHORIG_IDENTITY_FILE"
	keyFileHelp  = "file with private age keys (default: the one that " + identityFile + " names)"
)

func unsealCommand(w *world) *cobra.Command {
	var f flags
	var keyFile string
	var reveal bool
	c := &cobra.Command{
		Use: "unseal PERSON", Short: "See that a sealed personnummer opens",
		Long: `Opens a person's sealed personnummer in memory, with a private key that is not in the repository, and says that it is a valid one. Only with --reveal
is the number itself printed: that is for the data protection officer.`,
		Example: "  behorig unseal anna.lindqvist --key-file /media/safe/key.txt\n  behorig unseal anna.lindqvist --reveal",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("say whose it is: behorig unseal PERSON")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.openOrFail(c.Context(), w)
			if err != nil {
				return err
			}
			return s.unseal(args[0], keyFile, reveal)
		},
	}
	f.add(c)
	c.Flags().StringVar(&keyFile, "key-file", "", keyFileHelp)
	c.Flags().BoolVar(&reveal, "reveal", false, "print the number")
	return c
}

func (s *session) unseal(person, keyFile string, reveal bool) error {
	if err := mustKnow("person", person, s.org.PersonKeys()); err != nil {
		return err
	}
	p, err := s.org.Person(person)
	if err != nil {
		return s.fail(err)
	}
	if p.Identity == "" {
		return &exit{exitBroken, errors.New(s.sealSay("none", "person", person))}
	}
	keys, err := s.keys(keyFile)
	if err != nil {
		return err
	}
	id, err := schema.Unseal(p.Identity, keys)
	if err != nil {
		return &exit{exitBroken, errors.New(p.Path + ": " + s.sealError(err))}
	}
	said := s.sealSay("person")
	if id.Coordination() {
		said = s.sealSay("coord")
	}
	if reveal {
		said = id.Reveal()
	}
	_, err = fmt.Fprintln(s.w.out, said)
	return broke(err)
}

// keys reads private keys. Nothing of the file is ever in an error.
func (s *session) keys(file string) ([]age.Identity, error) {
	file = cmp.Or(file, os.Getenv(identityFile))
	if file == "" {
		return nil, usage("%s", s.sealSay("no-key"))
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, broke(err)
	}
	defer f.Close()
	keys, err := age.ParseIdentities(f)
	if err != nil {
		return nil, &exit{exitBroken, errors.New(file + ": " + s.sealSay("bad-key"))}
	}
	return keys, nil
}

// rotate seals everybody's number anew. It writes nothing unless every one of them opens.
func (s *session) rotate(keyFile string) error {
	keys, err := s.keys(keyFile)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var all schema.Faults
	var edits []edit
	var left []string
	s.org.Each(func(p *schema.Person, err error) {
		var e edit
		if err == nil && p.Identity != "" {
			e, err = s.sealAnew(p, keys)
		}
		mu.Lock()
		defer mu.Unlock()
		switch f := faults(err); {
		case f != nil:
			all = append(all, f...)
		case err != nil:
			left = append(left, p.Path+": "+s.sealError(err))
		case e.path != "":
			edits = append(edits, e)
		}
	})
	if all != nil {
		return s.fail(all.Sorted())
	}
	if left != nil {
		slices.Sort(left)
		for _, line := range left {
			fmt.Fprintln(s.w.err, line)
		}
		return &exit{exitBroken, errors.New(s.sealSay("left", "n", strconv.Itoa(len(left))))}
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.path, b.path) })
	if err := s.replaceFiles(edits); err != nil {
		return broke(err)
	}
	fmt.Fprintln(s.w.err, s.sealSay("rotated", "n", strconv.Itoa(len(edits)), "keys", strconv.Itoa(len(s.org.Identity.Recipients))))
	return nil
}

func (s *session) sealAnew(p *schema.Person, keys []age.Identity) (edit, error) {
	id, err := schema.Unseal(p.Identity, keys)
	if err != nil {
		return edit{}, err
	}
	block, err := schema.Seal(id, s.org.Identity.Recipients)
	if err != nil {
		return edit{}, err
	}
	return s.edit(p.Path, block)
}

// edit is a file of the repository with new content.
type edit struct {
	path string
	raw  []byte
}

// edit puts a sealed identity into the text of a person's file.
func (s *session) edit(path, block string) (edit, error) {
	raw, err := fs.ReadFile(s.org.Files(), path)
	if err != nil {
		return edit{}, err
	}
	raw, err = schema.SetScalar(raw, "identity", block, "name", "login", "hsaId")
	return edit{path, raw}, err
}

// replaceFiles writes files of the folder in the place of those that are there, each whole: first all beside their places, then over them, so
// that what cannot be written is found before anything is changed.
func (s *session) replaceFiles(edits []edit) (err error) {
	root, err := os.OpenRoot(s.flags.repo)
	if err != nil {
		return err
	}
	defer root.Close()
	beside := func(e edit) string {
		return filepath.Join(filepath.Dir(e.path), "."+filepath.Base(e.path)+".new")
	}
	written := 0
	defer func() {
		for _, e := range edits[written:] {
			_ = root.Remove(beside(e)) // what is not there needs no removing
		}
	}()
	for _, e := range edits {
		if err := writeSame(root, e, beside(e)); err != nil {
			return err
		}
	}
	for _, e := range edits {
		if err := root.Rename(beside(e), e.path); err != nil {
			return fmt.Errorf("%w; %s", err, s.sealSay("half", "n", strconv.Itoa(written), "all", strconv.Itoa(len(edits))))
		}
		written++
	}
	return nil
}

// writeSame writes a file's new content to another name, with the permissions that the file has.
func writeSame(root *os.Root, e edit, to string) error {
	info, err := root.Lstat(e.path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no ordinary file", e.path)
	}
	_ = root.Remove(to) // left by a run that was killed
	f, err := root.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(e.raw)
	return errors.Join(err, f.Chmod(info.Mode().Perm()), f.Close())
}
