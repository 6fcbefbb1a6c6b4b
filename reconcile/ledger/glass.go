package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
)

// GrantNamespace is the namespace of the signatures of a break-glass grant: one made for anything else is none.
const GrantNamespace = "behorig-break-glass"

// longest is how long access past the repository may last.
const longest = 24 * time.Hour

// apart is how far from the ledger's clock that of somebody who signs may be.
const apart = time.Minute

// Statement is what both people sign of a break-glass grant: all of it that matters, and when it was ordered, so that the signatures are of this one order.
func (s Standing) Statement() string {
	return fmt.Sprintf("behorig break-glass 2\nperson: %q\nsystem: %q\nrole: %q\nunit: %q\nordered: %s\nuntil: %s\nreason: %q\n",
		s.Person, s.System, s.Role, s.Unit, written(s.At), written(s.Until), plainly(s.Reason))
}

// plainly is a reason as the ledger keeps it.
func plainly(reason string) string { return audit.Clean(strings.TrimSpace(reason)) }

// SignedBy is a signature as the ledger keeps it.
func SignedBy(person, signature string) string { return person + " " + signature }

// Ordered refuses a grant that who ordered it has not signed, or whom it is for has. Signers are people and their public keys, lines as of an authorized_keys file.
func (s Standing) Ordered(signers map[string][]string) error {
	first, _, _ := strings.Cut(s.Signatures, "\n")
	if err := s.signed(first, s.By, signers); err != nil {
		return fmt.Errorf("the order's first signature does not hold: %w", err)
	}
	return nil
}

// Signed refuses a grant that two people have not signed, who ordered it and who confirmed it, neither of them whom it is for. A row of the ledger proves
// nothing of that by itself: whoever writes there could have written it.
func (s Standing) Signed(signers map[string][]string) error {
	if err := s.Ordered(signers); err != nil {
		return err
	}
	_, second, _ := strings.Cut(s.Signatures, "\n")
	err := s.signed(second, s.Second, signers)
	if err == nil && s.Second == s.By {
		err = errors.New("one person has signed twice")
	}
	if err != nil {
		return fmt.Errorf("the order's second signature does not hold: %w", err)
	}
	return nil
}

func (s Standing) signed(line, who string, signers map[string][]string) error {
	by, signature, _ := strings.Cut(line, " ")
	switch {
	case who == "" || by != who:
		return errors.New("it is not by who should have signed")
	case who == s.Person:
		return errors.New("it is by whom the order is for")
	}
	return audit.VerifyText(s.Statement(), signature, ownKeys(signers, who), GrantNamespace)
}

// ownKeys are somebody's public keys, without those that somebody else has too: these do not tell two people apart.
func ownKeys(signers map[string][]string, who string) []string {
	return slices.DeleteFunc(slices.Clone(signers[who]), func(line string) bool {
		for other, lines := range signers {
			if other != who && slices.ContainsFunc(lines, func(l string) bool { return bare(l) == bare(line) }) {
				return true
			}
		}
		return false
	})
}

// bare is a public key's line without its comment.
func bare(line string) string {
	fields := strings.Fields(line)
	return strings.Join(fields[:min(2, len(fields))], " ")
}
