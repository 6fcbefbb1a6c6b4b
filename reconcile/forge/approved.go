package forge

import (
	"regexp"
	"slices"
	"strings"
)

// trailer is a line of the last paragraph of a commit's message: what it is of, and what it says without an address. See git-interpret-trailers(1).
var trailer = regexp.MustCompile(`^([A-Za-z][A-Za-z-]*):[ \t]*([^<]*)`)

// longestName is how much of a name is told, in characters.
const longestName = 100

// approvers are the names behind a trailer in the last paragraph of a merge's message, if that is trailers alone and another stands among them that the forge
// writes and whoever asks for the merge cannot: else a request titled "Approved-by: …" would approve itself.
func approvers(message, anchor, approval string) []string {
	paragraphs := strings.Split(strings.TrimSpace(strings.ReplaceAll(message, "\r\n", "\n")), "\n\n")
	if len(paragraphs) < 2 {
		return nil
	}
	var all []string
	anchored := anchor == ""
	for text := range strings.SplitSeq(paragraphs[len(paragraphs)-1], "\n") {
		m := trailer.FindStringSubmatch(text)
		if m == nil {
			return nil
		}
		anchored = anchored || strings.EqualFold(m[1], anchor)
		if name := line(m[2], longestName); strings.EqualFold(m[1], approval) && name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if !anchored {
		return nil
	}
	return all
}

// Approvers of a merge that somebody makes by hand are whom that somebody writes down.
func (plain) Approvers(message string) []string { return approvers(message, "", "Approved-by") }

// Approvers are told where the project's template of merge commit messages ends with "%{approved_by}" and "Merged-by: %{merged_by}", a line each:
// https://docs.gitlab.com/user/project/merge_requests/commit_templates/.
func (*gitlab) Approvers(message string) []string {
	return approvers(message, "Merged-by", "Approved-by")
}

// Approvers are told by the message that the forge proposes to whoever merges.
func (*forgejo) Approvers(message string) []string {
	return approvers(message, "Reviewed-on", "Reviewed-by")
}

// Approvers are not told: all of a merge's message there may be words of whoever asked for it.
func (*github) Approvers(string) []string { return nil }
