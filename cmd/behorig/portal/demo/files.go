package demo

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// read are the files of a folder that an access repository is made of: those that are hidden are not.
func read(from fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		raw, err := fs.ReadFile(from, name)
		files[name] = raw
		return err
	})
	if err == nil && files["behorig.yaml"] == nil {
		err = errors.New("there is no behorig.yaml in it: name an example's folder, as --repo examples/falkenberg")
	}
	return files, err
}
