package adopt

import (
	"bytes"
)

// File is a file to be written.
type File struct {
	Path string
	Raw  []byte
}

// Files are the files of a proposal, units first, in a language. What is assumed is said in the file itself.
func (p *Proposal) Files(lang string) ([]File, error) {
	var files []File
	for _, u := range p.Units {
		raw, err := u.Write("")
		if err != nil {
			return nil, err
		}
		files = append(files, File{u.Path, raw})
	}
	for _, of := range p.People {
		raw, err := of.Write("")
		if err != nil {
			return nil, err
		}
		if of.Assumed {
			raw = bytes.Replace(raw, []byte("\nemployments:\n"), []byte("\nemployments:\n  # "+assumed.In(lang)+"\n"), 1)
		}
		files = append(files, File{of.Path, raw})
	}
	return files, nil
}

// Knows tells whether a person's file is among those proposed.
func (p *Proposal) Knows(person string) bool {
	for _, of := range p.People {
		if of.Key == person {
			return true
		}
	}
	return false
}
