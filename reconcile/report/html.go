package report

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed document.html
var documentPage string

// writeHTML writes one page that needs nothing but itself.
func writeHTML(w io.Writer, d Document, lang string) error {
	page, err := template.New("document").Parse(documentPage)
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		Document
		Lang string
	}{d, lang})
}
