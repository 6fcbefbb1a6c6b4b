package repo

import (
	"strings"
	"time"

	"github.com/go-git/go-git/v5/utils/diff"
)

// The largest files that are merged, and how long comparing two may take: what is beyond either is a conflict.
const (
	maxMergeLines = 20_000
	maxMergeTime  = 2 * time.Second
)

// hunk is a change of one side: lines from up to but not to of the base read otherwise.
type hunk struct {
	from, to int
	lines    []string
}

// merge3 merges two changes of a text, by lines. Changes that touch, with not one line between them, are a conflict unless both say the same: whether two
// lines of a list may follow each other is nothing that can be told from lines. A mark shows which sides changed what:
//
//	base      a b c d e
//	ours      A b c d e
//	theirs    a b c D e    → A b c D e
//	theirs    a B c d e    → conflict
func merge3(base, ours, theirs string) (string, bool) {
	switch {
	case ours == theirs, base == theirs:
		return ours, true
	case base == ours:
		return theirs, true
	}
	lines := split(base)
	a, ok := hunks(base, ours)
	b, also := hunks(base, theirs)
	if !ok || !also {
		return "", false
	}
	var out strings.Builder
	at := 0
	for len(a) > 0 || len(b) > 0 {
		left, right, from, to := meet(&a, &b)
		text, same := apply(lines, left, from, to), true
		switch {
		case len(left) == 0:
			text = apply(lines, right, from, to)
		case len(right) > 0:
			same = text == apply(lines, right, from, to)
		}
		if !same {
			return "", false
		}
		out.WriteString(strings.Join(lines[at:from], "") + text)
		at = to
	}
	out.WriteString(strings.Join(lines[at:], ""))
	return out.String(), true
}

// meet takes the first change off, with all of either side that touch it or each other, and the lines of the base that they are of.
func meet(a, b *[]hunk) (left, right []hunk, from, to int) {
	from = -1
	for {
		switch {
		case len(*a) > 0 && (from < 0 && (len(*b) == 0 || (*a)[0].from <= (*b)[0].from) || from >= 0 && (*a)[0].from <= to):
			left, from, to = append(left, (*a)[0]), start(from, (*a)[0]), max(to, (*a)[0].to)
			*a = (*a)[1:]
		case len(*b) > 0 && (from < 0 || (*b)[0].from <= to):
			right, from, to = append(right, (*b)[0]), start(from, (*b)[0]), max(to, (*b)[0].to)
			*b = (*b)[1:]
		default:
			return left, right, from, to
		}
	}
}

func start(from int, h hunk) int {
	if from < 0 {
		return h.from
	}
	return min(from, h.from)
}

// apply is how lines of the base read after changes of one side.
func apply(lines []string, side []hunk, from, to int) string {
	var out strings.Builder
	for _, h := range side {
		out.WriteString(strings.Join(lines[from:h.from], "") + strings.Join(h.lines, ""))
		from = h.to
	}
	return out.String() + strings.Join(lines[from:to], "")
}

// split cuts a text into lines that keep their ends.
func split(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// hunks are what one side changes; false where that cannot be told.
func hunks(base, side string) ([]hunk, bool) {
	for _, text := range []string{base, side} {
		if len(text) > maxFile || strings.Count(text, "\n") > maxMergeLines || strings.ContainsRune(text, 0) {
			return nil, false
		}
	}
	found := diff.DoWithTimeout(base, side, maxMergeTime)
	if diff.Src(found) != base || diff.Dst(found) != side {
		return nil, false
	}
	var all []hunk
	at, open := 0, false
	for _, d := range found {
		lines := split(d.Text)
		if d.Type == 0 { // of both; below it is of the base alone, above of the side
			at, open = at+len(lines), false
			continue
		}
		if !open {
			all, open = append(all, hunk{from: at, to: at}), true
		}
		h := &all[len(all)-1]
		if d.Type > 0 {
			h.lines = append(h.lines, lines...)
			continue
		}
		at += len(lines)
		h.to = at
	}
	return all, true
}
