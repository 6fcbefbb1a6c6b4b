package request

import "github.com/behorig/behorig/schema"

// What tests outside the package look into.
var (
	Hints        = hints
	ProblemWords = problemWords
	Within       = within
)

// Kinds are the names of all requests.
func Kinds() []string {
	var all []string
	for k := range kinds {
		all = append(all, k)
	}
	return all
}

// WhatAndDo are a problem's words.
func (w words) WhatAndDo() (what, do schema.Text) { return w.What, w.Do }
