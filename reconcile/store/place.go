package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Place is where the databases of one access repository are.
type Place struct {
	Dir    string  // the folder of SQLite files and of what is local to this machine in any case, such as scratch files
	Server *Server // not nil: the tables are there instead
	Schema string  // there, what the names of this repository's schemas begin with: see [SchemaOf]
}

// Dir is a place of SQLite files alone.
func Dir(dir string) Place { return Place{Dir: dir} }

// String is what a place is called to people.
func (p Place) String() string {
	if p.Server != nil {
		return "schemas " + p.Schema + "__* of " + p.Server.name
	}
	return p.Dir
}

// Path is the file that a database has in a folder.
func (p Place) Path(name string) string { return filepath.Join(p.Dir, name+".db") }

// Tell is how a database is named to people: its file, or its schema and server.
func (p Place) Tell(name string) string {
	if p.Server == nil {
		return p.Path(name)
	}
	schema, err := p.schema(name)
	if err != nil {
		schema = p.Schema + "__" + name
	}
	return "schema " + schema + " of " + p.Server.name
}

var (
	plainSchema = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	plainName   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	anyName     = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
)

// longest is how many bytes PostgreSQL keeps of a name (https://www.postgresql.org/docs/current/limits.html).
const longest = 63

// SchemaOf is what a repository's schemas begin with, from its name: "falkenberg-access" gives "falkenberg_access". Two names never give
// one: a name of other characters than a to z, 0 to 9 and single hyphens between them is refused.
func SchemaOf(repository string) (string, error) {
	schema := strings.ReplaceAll(repository, "-", "_")
	if !plainName.MatchString(repository) || !plainSchema.MatchString(schema) || strings.HasPrefix(schema, "pg_") || len(schema) > 40 {
		return "", fmt.Errorf("the name %q cannot be the beginning of a schema's; give the repository a name of at most 40 characters a-z, 0-9 and single hyphens that begins with a letter", repository)
	}
	return schema, nil
}

// schema is the name of a database's schema. No two of (Place.Schema, name) have the same: the first two underscores end the one, and
// what is not plain in the other is told apart by a hash.
func (p Place) schema(name string) (string, error) {
	if !plainSchema.MatchString(p.Schema) || strings.HasPrefix(p.Schema, "pg_") {
		return "", fmt.Errorf("store: schemas cannot begin with %q; use a-z, 0-9 and single underscores, a letter first", p.Schema)
	}
	if !anyName.MatchString(name) {
		return "", fmt.Errorf("store: %q cannot be a database's name; use a-z, 0-9, hyphens and full stops", name)
	}
	schema := p.Schema + "__" + strings.ReplaceAll(name, "-", "_")
	if !plainName.MatchString(name) {
		sum := sha256.Sum256([]byte(name))
		plain := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("._-", r) })
		schema = p.Schema + "__" + strings.Join(plain, "_") + "__" + hex.EncodeToString(sum[:4])
	}
	if len(schema) > longest {
		return "", fmt.Errorf("store: the schema's name %s is longer than %d characters; shorten the repository's name %s or the target's, %s", schema, longest, p.Schema, name)
	}
	return schema, nil
}
