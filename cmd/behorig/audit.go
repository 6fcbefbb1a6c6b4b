package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

func auditCommand(w *world) *cobra.Command {
	c := &cobra.Command{
		Use: "audit", Short: "What was asked, done and decided, and whether the record is whole",
		Long: `Shows the audit log, verifies that nothing in it or in the ledger was changed, removed, reordered or put in afterwards, gives it out to others, and
signs where it stands so that a note of that can be kept elsewhere. The repository's files need not load for it.`,
		Example: "  behorig audit log --repo examples/falkenberg --person anna.lindqvist\n  behorig audit verify --checkpoint 2026-12-01.checkpoint --keys auditors.pub\n  behorig audit export --from 2026-12-01 --to 2026-12-31 --disclose --out december.jsonl\n  behorig audit checkpoint --key checkpoint_ed25519 --out 2026-12-01.checkpoint",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage("say which: log, verify, export or checkpoint; see behorig audit --help")
		},
	}
	c.AddCommand(auditLogCommand(w), auditVerifyCommand(w), auditExportCommand(w), auditCheckpointCommand(w))
	return c
}

// book is a session for what is in the ledger alone: the repository's files need not load for it. Then whose data are protected is not known.
type book struct {
	*session
	unread bool
}

// openBook opens a repository and its state; what of the files does not load is passed over.
func (f *flags) openBook(ctx context.Context, w *world) (*book, error) {
	s, err := f.open(ctx, w)
	if s == nil {
		return nil, err
	}
	if err != nil {
		fmt.Fprintf(w.err, "behorig: %s\n", bookSay(s.lang, "unread"))
	}
	return &book{s, err != nil}, nil
}

// zone is the organisation's.
func (b *book) zone() *time.Location { return b.org.Location() }

// there tells whether the place has a ledger: one that is not there reads as an empty one.
func (b *book) there(ctx context.Context) (bool, error) {
	names, err := store.Names(ctx, b.place)
	return slices.Contains(names, "ledger"), err
}

// secretive are the people whose data are protected. Where a file of somebody's does not load it is not known whether theirs are: then all is false.
func (s *session) secretive() (people []*schema.Person, all bool) {
	var mu sync.Mutex
	all = true
	s.org.Each(func(p *schema.Person, err error) {
		mu.Lock()
		defer mu.Unlock()
		all = all && err == nil
		if p.Protected {
			people = append(people, p)
		}
	})
	slices.SortFunc(people, func(a, b *schema.Person) int { return strings.Compare(a.Key, b.Key) })
	return people, all
}

// hidden are the people whose data are protected, as far as the files tell.
func (b *book) hidden() []*schema.Person {
	people, all := b.secretive()
	if !all && !b.unread {
		fmt.Fprintf(b.w.err, "behorig: %s\n", bookSay(b.lang, "unread"))
		b.unread = true
	}
	return people
}

// discreetly is a reason that somebody gives, without what tells who a person is whose data are protected: it is kept, and many read it.
func (s *session) discreetly(reason string) string {
	people, _ := s.secretive()
	return blotted(reason, people)
}

// blotted is a text of somebody's without the names and logins of some people, and without personnummer.
func blotted(text string, people []*schema.Person) string {
	return ledger.Blotted(text, people)
}

func auditVerifyCommand(w *world) *cobra.Command {
	var f flags
	var checkpoints []string
	var keys string
	c := &cobra.Command{
		Use: "verify", Short: "Find every entry that was changed, removed, reordered or put in",
		Long: `Recomputes each chain of the log, holds the ledger's tables against it and, with --checkpoint, the chains against signed notes of where they stood. It says
where each damage is, and what it means. Exit code 1 if there is any, or no ledger at all.`,
		Example: "  behorig audit verify --repo examples/falkenberg\n  behorig audit verify --checkpoint 2026-11.checkpoint --checkpoint 2026-12.checkpoint --keys auditors.pub --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := f.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			doc := report.Verified{On: b.on, Names: report.NamesOf(b.org, nil)}
			if doc.Checkpoints, err = openCheckpoints(checkpoints, keys); err != nil {
				return err
			}
			if there, err := b.there(c.Context()); err != nil {
				return broke(err)
			} else if !there {
				doc.Absent = b.place.String()
			} else if err := verifyInto(c.Context(), b.place, &doc); err != nil {
				return broke(err)
			}
			if err := b.write(doc); err != nil {
				return err
			}
			if !doc.OK() {
				return &exit{code: exitBroken}
			}
			return nil
		},
	}
	f.add(c)
	c.Flags().StringArrayVar(&checkpoints, "checkpoint", nil, "signed checkpoint to hold the log against; may be given many times")
	c.Flags().StringVar(&keys, "keys", "", "file of the public SSH keys whose checkpoints are trusted, one a line as in authorized_keys")
	return c
}

// verifyInto verifies the ledger of a place. It counts first: what others write meanwhile is verified too.
func verifyInto(ctx context.Context, p store.Place, doc *report.Verified) error {
	l, err := ledger.OpenReadOnly(ctx, p)
	if err != nil {
		return fmt.Errorf("the ledger cannot be read: %w; restore a backup (behorig ledger restore)", err)
	}
	defer l.Close()
	chains := map[string]bool{}
	counted := l.Export(ctx, audit.Filter{}, func(r audit.Record) error {
		doc.Records++
		chains[r.Chain] = true
		return nil
	})
	doc.Chains = len(chains)
	if doc.Damages, err = l.Verify(ctx, doc.Checkpoints...); err != nil {
		return err
	}
	if counted != nil {
		doc.Records, doc.Chains = 0, 0
		if len(doc.Damages) == 0 {
			return counted
		}
	}
	return nil
}

// openCheckpoints reads checkpoints, each signed by one of the keys of a file.
func openCheckpoints(files []string, keyFile string) ([]audit.Signed, error) {
	if len(files) == 0 {
		return nil, nil
	}
	if keyFile == "" {
		return nil, usage("--keys is needed with --checkpoint: a file of the public keys that are trusted, as in authorized_keys")
	}
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, broke(err)
	}
	var keys []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			keys = append(keys, line)
		}
	}
	var all []audit.Signed
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, broke(err)
		}
		s, err := audit.OpenCheckpoint(raw, keys)
		if err != nil {
			return nil, broke(fmt.Errorf("%s: %w", file, err))
		}
		all = append(all, s)
	}
	return all, nil
}

func auditCheckpointCommand(w *world) *cobra.Command {
	var f flags
	var keyFile, out string
	c := &cobra.Command{
		Use: "checkpoint", Short: "Sign where the log stands, to be kept where nobody who can write to it can",
		Long: `Writes a small text of where each chain of the log stands, signed with an SSH key, and notes in the log that it did. Keep it on another machine, or
printed. audit verify --checkpoint holds the log against it, and shows also what was rewritten so that it fits in itself. The passphrase of the key is
taken from BEHORIG_KEY_PASSPHRASE, or the file that BEHORIG_KEY_PASSPHRASE_FILE names.`,
		Example: "  behorig audit checkpoint --key /etc/behorig/checkpoint_ed25519 --out 2026-12-01.checkpoint\n  behorig audit checkpoint --repo examples/falkenberg --key checkpoint_ed25519 | mail -s checkpoint revision@example.org",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if keyFile == "" {
				return usage("--key is needed: a private SSH key (ssh-keygen -t ed25519) that is used for this alone")
			}
			b, err := f.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			return broke(b.checkpoint(c.Context(), keyFile, out))
		},
	}
	f.add(c)
	c.Flags().StringVar(&keyFile, "key", "", "private SSH key of the kind ed25519 to sign with")
	c.Flags().StringVar(&out, "out", "", "file to write, which must not be there (default: standard output)")
	return c
}

func (b *book) checkpoint(ctx context.Context, keyFile, out string) error {
	if there, err := b.there(ctx); err != nil {
		return err
	} else if !there {
		return fmt.Errorf("there is no ledger in %s; name the right place with --repo, --state or BEHORIG_DATABASE", b.place)
	}
	secret, err := kind.Config{}.Secret("key", "", keyFile)
	if err != nil {
		return err
	}
	passphrase, err := (&serving{env: b.w.env}).secret("", "BEHORIG_KEY_PASSPHRASE", "")
	if err != nil {
		return err
	}
	key, err := audit.SigningKey([]byte(secret.Reveal()+"\n"), []byte(passphrase))
	if err != nil {
		return fmt.Errorf("%s: %w", keyFile, err)
	}
	l, err := ledger.Open(ctx, b.place, b.w.now)
	if err != nil {
		return err
	}
	defer l.Close()
	return newOutput(b.w.out, out, func(w io.Writer) error {
		document, err := l.Checkpoint(ctx, b.org.Organisation, key)
		if err == nil {
			_, err = w.Write(document)
		}
		return err
	})
}

// newOutput writes to standard output or, where a file is named, into it, for its owner alone: one that is there already stays as it is, and of one that
// could not be finished nothing is left.
func newOutput(stdout io.Writer, file string, write func(io.Writer) error) error {
	if file == "" {
		return write(stdout)
	}
	to, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already and is not written over; name another file", file)
	}
	if err != nil {
		return err
	}
	if err = write(to); err == nil {
		err = to.Sync()
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}
