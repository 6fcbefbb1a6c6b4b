package schema

import (
	"slices"
	"strings"
)

// Authority is who may order access in a unit on a day: its manager, its deputies within their dates, and those of every unit above. Lapsed
// are deputies named there outside their dates. Both are sorted, each person once. A unit that does not exist has nobody.
func (o *Org) Authority(unit string, on Date) (may, lapsed []string) {
	for u := o.Unit(unit); u != nil; u = o.Unit(u.Parent) {
		may = append(may, u.Manager)
		for _, d := range u.Deputies {
			if (Span{d.From, d.Until}).Holds(on) {
				may = append(may, d.Person)
			} else {
				lapsed = append(lapsed, d.Person)
			}
		}
		if u.Parent == u.Key {
			break
		}
	}
	return each(may), each(lapsed)
}

func each(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// Area is what kind of file of the repository a path is, as the keys of owners name them; people for people's files. What is no noun
// counts as settings: it may be a pipeline that holds the keys to everything.
func Area(path string) string {
	top, rest, nested := strings.Cut(path, "/")
	switch {
	case nested && top == "people" && strings.HasSuffix(rest, ".yaml"):
		return "people"
	case nested && slices.Contains([]string{"units", "systems", "packages", "policies"}, top):
		return top
	case !nested && strings.HasPrefix(top, "targets") && strings.HasSuffix(top, ".yaml"):
		return "targets"
	}
	return "settings"
}
