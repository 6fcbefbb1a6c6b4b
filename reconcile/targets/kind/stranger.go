package kind

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Stranger is the person of a key whose account belongs to nobody of the repository ([reconcile.Stranger]), fit to be shown: of a name that has a
// personnummer in it, which some systems use for logins, dots and three hexadecimal digits of a hash are left: too few to find the number by. Two such
// accounts may share a key; a target that reads them deals with both.
func Stranger(account string) string {
	shown := Clean(account)
	if shown != account {
		sum := sha256.Sum256([]byte(strings.ToLower(account)))
		shown += fmt.Sprintf("-%x", sum[:2])[:4]
	}
	return reconcile.Stranger(schema.Mask(shown))
}
