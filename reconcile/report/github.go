package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/behorig/behorig/policies"
)

// A workflow command's data may hold anything but line ends, its properties neither ':' nor ','; what may not be is written %XX
// (docs.github.com, Workflow commands; actions/toolkit, command.ts).
var (
	commandData  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeGitHub writes findings as the workflow commands that make GitHub Actions show them at their lines, and the answer last.
func writeGitHub(w io.Writer, r Finder, lang string, _ []policies.Rule) error {
	out := bufio.NewWriter(w)
	for _, f := range r.Located() {
		level := "warning"
		if blocks(f) {
			level = "error"
		}
		fmt.Fprintf(out, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", level, commandValue.Replace(f.File), lineOf(f), columnOf(f),
			commandValue.Replace(f.Rule), commandData.Replace(spoken(f, lang)))
	}
	d := r.Document(lang)
	fmt.Fprintf(out, "::notice title=%s::%s\n", commandValue.Replace(d.Title), commandData.Replace(strings.Join(d.Lead, " ")))
	return out.Flush()
}

// spoken is what is wrong and what to do.
func spoken(f policies.Finding, lang string) string {
	return f.Message.In(lang) + "\n→ " + f.Hint.In(lang)
}
