package main

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

// completer offers what may stand in a place of the command line, knowing the rest of the line. What it cannot find out it leaves out: a shell that
// waits for a suggestion is no place for an error.
type completer func(*cobra.Command) []string

// words are the completers of arguments, by the word that stands for the argument in how a command is used.
func words() map[string]completer {
	return map[string]completer{
		"PERSON": keys("people"), "SYSTEM": keys("systems"), "UNIT": keys("units"), "REPOSITORY": nil, "NUMBER": nil,
		"TARGET": func(c *cobra.Command) []string {
			if org := catalogue(c); org != nil {
				return keysOf(org.Targets.Targets)
			}
			return nil
		},
		"KIND": func(*cobra.Command) []string { return targets.Kinds() },
		"RULE": func(c *cobra.Command) []string {
			rules, err := policies.Catalogue(catalogue(c))
			if err != nil { // no repository, or rules of its own that do not load: the program's are there all the same
				rules, _ = policies.Catalogue(nil)
			}
			var names []string
			for _, r := range rules {
				names = append(names, r.Name)
			}
			return names
		},
	}
}

// values are the completers of flags, by their name.
func values() map[string]completer {
	return map[string]completer{
		"lang": fixed("sv", "en"), "log-format": fixed("json", "text"), "system": keys("systems"), "unit": keys("units"), "package": keys("packages"),
		"manager": keys("people"), "approved-by": keys("people"), "person": keys("people"),
		"desk": func(c *cobra.Command) []string {
			var desks []string
			if org := catalogue(c); org != nil {
				for _, s := range org.Systems {
					desks = append(desks, s.Desk)
				}
			}
			return desks
		},
		"format": func(c *cobra.Command) []string { // the help of the flag lists those that this command writes
			_, list, _ := strings.Cut(c.Flags().Lookup("format").Usage, "output: ")
			return strings.Split(list, ", ")
		},
		"at": nil, "on": nil, "from": nil, "until": nil, "days": nil, "timeout": nil, "rev": nil, "base": nil, "branch": nil, "reason": nil, "reference": nil, "name": nil,
	}
}

// complete gives all commands below c their completion.
func complete(c *cobra.Command) {
	arguments, flagged := words(), values()
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if c.ValidArgsFunction == nil && !c.HasSubCommands() {
			c.ValidArgsFunction = argument(c.Use, arguments)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			offer, known := flagged[f.Name]
			switch {
			case known:
				_ = c.RegisterFlagCompletionFunc(f.Name, func(c *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
					return offered(c, begun, offer), cobra.ShellCompDirectiveNoFileComp
				})
			case f.Name == "repo" || f.Name == "state":
				_ = c.MarkFlagDirname(f.Name)
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(c)
}

// argument completes the arguments of a command that is used so: "why PERSON SYSTEM", "who SYSTEM|UNIT|PERSON". A word that stands for nothing known,
// DIR and FILE among them, is completed by the shell with files.
func argument(use string, known map[string]completer) cobra.CompletionFunc {
	places := strings.Fields(use)[1:]
	return func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		at := len(args)
		if n := len(places); n > 0 && at >= n && strings.Contains(places[n-1], "…") {
			at = n - 1
		}
		if at >= len(places) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var all []string
		for _, word := range strings.Split(strings.Trim(places[at], "[…]"), "|") {
			offer, ok := known[word]
			if !ok {
				return nil, cobra.ShellCompDirectiveDefault
			}
			all = append(all, offered(c, begun, offer)...)
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
}

// offered is what a completer offers that goes on as begun, sorted.
func offered(c *cobra.Command, begun string, offer completer) []string {
	if offer == nil {
		return nil
	}
	all := slices.DeleteFunc(offer(c), func(word string) bool { return word == "" || !strings.HasPrefix(word, begun) })
	slices.Sort(all)
	return slices.Compact(all)
}

func fixed(words ...string) completer {
	return func(*cobra.Command) []string { return slices.Clone(words) }
}

// keys are those of a folder's files, by their names alone: nothing is read, so that thousands of people take no time.
func keys(folder string) completer {
	return func(c *cobra.Command) []string {
		files := tree(c)
		if files == nil {
			return nil
		}
		var all []string
		_ = fs.WalkDir(files, folder, func(name string, d fs.DirEntry, err error) error {
			if key, ok := strings.CutSuffix(path.Base(name), ".yaml"); err == nil && ok && !d.IsDir() {
				all = append(all, key)
			}
			return nil
		})
		return all
	}
}

// tree is the files of the repository that the line names, nil if there is none.
func tree(c *cobra.Command) fs.FS {
	value := func(name string) string {
		if f := c.Flags().Lookup(name); f != nil {
			return f.Value.String()
		}
		return ""
	}
	dir := value("repo")
	if dir == "" {
		dir = "."
	}
	r, err := repo.Open(dir)
	if err != nil {
		return nil
	}
	t, err := r.At(value("rev"))
	if err != nil {
		return nil
	}
	return t.FS
}

// catalogue is all of the repository but its people, as far as it can be read; nil if there is none.
func catalogue(c *cobra.Command) *schema.Org {
	files := tree(c)
	if files == nil {
		return nil
	}
	name := "targets.yaml"
	if f := c.Flags().Lookup("targets"); f != nil {
		name = f.Value.String()
	}
	org, _ := schema.LoadCatalogue(files, name)
	return org
}
