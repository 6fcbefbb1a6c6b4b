package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/audit"
)

// Export gives the records that a filter keeps: those of a chain in their order, chains beside each other by time. While it goes on, f may not use the ledger.
func (l *Ledger) Export(ctx context.Context, f audit.Filter, give func(audit.Record) error) error {
	if l.db == nil {
		return nil
	}
	// A clock that went back must not put a chain's records out of order: each stands at the latest time that its chain had seen.
	const query = `SELECT chain, seq, at, kind, body, hash FROM (
		SELECT chain, seq, at, kind, body, hash, max(at) OVER (PARTITION BY chain ORDER BY seq) AS seen FROM audit) AS log ORDER BY seen, chain, seq`
	return each(ctx, l.db, query, func(c []string) error {
		r := audit.Record{Chain: c[0], Seq: number(c[1]), At: c[2], Kind: audit.Kind(c[3]), Body: c[4], Hash: c[5]}
		b, err := audit.Decode(r.Body)
		if err != nil {
			return errors.New("the log is damaged: find out where with audit verify")
		}
		if !f.Keeps(r, b) {
			return nil
		}
		return give(r)
	})
}

// Checkpoint signs where each chain stands now, and logs that it did. What it gives is to be kept where nobody who can write to the ledger can.
func (l *Ledger) Checkpoint(ctx context.Context, organisation string, key ssh.Signer) ([]byte, error) {
	var document []byte
	err := l.in(ctx, func(t *tx) error {
		s := audit.Signed{Organisation: organisation, At: t.at}
		err := each(ctx, t, `SELECT chain, seq, hash FROM head ORDER BY chain`, func(c []string) error {
			s.Heads = append(s.Heads, audit.Head{Chain: c[0], Seq: number(c[1]), Hash: c[2]})
			return nil
		})
		if err != nil {
			return err
		}
		err = each(ctx, t, `SELECT body FROM audit WHERE chain = '' AND seq = 1`, func(c []string) error {
			b, err := audit.Decode(c[0])
			s.Ledger = b.Ledger
			return err
		})
		if err != nil {
			return err
		}
		if document, err = s.Sign(key); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(s.Text()))
		return t.log(ctx, "", audit.Checkpoint, audit.Body{Digest: hex.EncodeToString(sum[:]), Key: audit.Fingerprint(key.PublicKey())})
	})
	if err != nil {
		return nil, err
	}
	return document, nil
}
