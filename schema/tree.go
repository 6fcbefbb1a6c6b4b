package schema

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// keyed finds the files of one kind of noun, by key. Everything in the folder that looks like it should have been read and is not is a
// fault: a file passed over in silence is access lost or left in silence.
func keyed(files fs.FS, folder string) (map[string]string, Faults) {
	found := map[string]string{}
	var faults Faults
	walk := func(file string, entry fs.DirEntry, err error) error {
		start := Pos{file, 1, 1}
		name := path.Base(file)
		key, isYAML := strings.CutSuffix(name, ".yaml")
		switch {
		case err != nil:
			faults = append(faults, faultRead.at(start))
		case entry.Type()&fs.ModeSymlink != 0:
			faults = append(faults, faultSymlink.at(start))
		case entry.IsDir():
		case !entry.Type().IsRegular():
			faults = append(faults, faultIrregular.at(start))
		case isYAML && !shapes["key"].re.MatchString(key):
			faults = append(faults, faultFileName.at(start, "value", Quote(name), "example", keyName(key)))
		case isYAML && found[key] != "":
			faults = append(faults, faultSameKey.at(start, "key", Quote(key), "other", found[key]))
		case isYAML:
			found[key] = file
		case lookalike(name):
			stem, _, _ := strings.Cut(strings.TrimSuffix(strings.ToLower(name), ".json"), ".y")
			faults = append(faults, faultExtension.at(start, "value", Quote(name), "example", keyName(stem)))
		}
		return nil
	}
	walkTree(files, folder, walk)
	return found, faults
}

// walkTree walks a folder that may be missing. A folder that is a link is given to f as the link that it is, so that nothing outside
// the repository is read.
func walkTree(files fs.FS, folder string, f fs.WalkDirFunc) {
	info, err := fs.Lstat(files, folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		_ = f(folder, nil, err)
	case info.Mode()&fs.ModeSymlink != 0:
		_ = f(folder, fs.FileInfoToDirEntry(info), nil)
	default:
		_ = fs.WalkDir(files, folder, f) // f returns no error, so neither does the walk
	}
}

// lookalike tells a file that somebody may think is read: another ending for YAML or none at all, an editor's conflict copy. Dotfiles,
// editors' backups (x~) and text for people (README.md) are none.
func lookalike(name string) bool {
	low := strings.ToLower(name)
	switch {
	case strings.HasPrefix(low, "."), strings.HasSuffix(low, "~"), strings.HasPrefix(low, "#"):
		return false
	case strings.Contains(low, ".yaml"), strings.Contains(low, ".yml"):
		return true
	}
	return !slices.Contains([]string{".md", ".txt", ".adoc", ".png", ".svg", ".pdf"}, path.Ext(low)) && low != "codeowners"
}

// keyName is a file name that a noun may have, like the one given.
func keyName(stem string) string {
	if slug := bare(Slug(stem)); shapes["key"].re.MatchString(slug) {
		return slug + ".yaml"
	}
	return shapes["key"].example + ".yaml"
}

// misnamed finds what lies at the repository's top under nearly the name of something that is read there.
func misnamed(files fs.FS) Faults {
	names := []string{"behorig.yaml", "targets.yaml", "units", "systems", "packages", "people", "policies"}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return Faults{faultRead.at(Pos{".", 1, 1})}
	}
	var faults Faults
	for _, entry := range entries {
		name := entry.Name()
		if meant := Nearest(name, names); meant != "" && !slices.Contains(names, name) {
			faults = append(faults, faultExtension.at(Pos{name, 1, 1}, "value", Quote(name), "example", meant))
		}
	}
	return faults
}

var stops = regexp.MustCompile(`\.{2,}`)

var ascii = strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "é", "e", "ü", "u", "ø", "o", "æ", "ae", "ß", "ss", " ", ".", "_", "-")

// Slug makes a key of a name: lower case, å ä ö as a a o, full stops between the words. It is empty if nothing is left.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range ascii.Replace(strings.ToLower(norm.NFC.String(name))) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			b.WriteRune(r)
		}
	}
	s := strings.Trim(stops.ReplaceAllString(b.String(), "."), ".-")
	return strings.TrimRight(s[:min(len(s), 64)], ".-")
}

func (o *Org) readRules() Faults {
	var faults Faults
	walk := func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			faults = append(faults, faultRead.at(Pos{file, 1, 1}))
		case entry.Type()&fs.ModeSymlink != 0:
			faults = append(faults, faultSymlink.at(Pos{file, 1, 1}))
		case entry.IsDir():
		case !entry.Type().IsRegular():
			faults = append(faults, faultIrregular.at(Pos{file, 1, 1}))
		case strings.HasSuffix(file, ".rego"):
			raw, f := readAll(o.files, file)
			faults = append(faults, f...)
			o.Rules[file] = string(raw)
		case strings.Contains(strings.ToLower(path.Base(file)), ".rego"):
			name, stem := path.Base(file), strings.ToLower(path.Base(file))
			stem = stem[:strings.Index(stem, ".rego")]
			faults = append(faults, faultExtension.at(Pos{file, 1, 1}, "value", Quote(name), "example", bare(stem)+".rego"))
		}
		return nil
	}
	walkTree(o.files, "policies", walk)
	return faults
}
