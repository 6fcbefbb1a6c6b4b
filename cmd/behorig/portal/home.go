package portal

// homeRoutes are the first page, and the choice of language.
var homeRoutes = []route{
	{"GET /{$}", (*Portal).home},
	{"POST /language", (*Portal).chooseLanguage},
}

// link is one of the rooms.
type link struct {
	To, Text string
	Here     bool
}

// Links are the rooms that are for whoever looks, for the layout.
func (s *sheet) Links() []link {
	x := s.X
	if x.Viewer == nil {
		return nil
	}
	var all []link
	add := func(may bool, to, word string, also ...string) {
		if !may {
			return
		}
		here := within(x.r.URL.Path, to)
		for _, a := range also {
			here = here || within(x.r.URL.Path, a)
		}
		all = append(all, link{to, x.t(word), here})
	}
	manager := len(x.Viewer.Orders) > 0
	add(manager, "/people", "nav-people", "/order", "/units")
	add(manager, "/orders", "nav-orders")
	add(manager, "/reviews", "nav-reviews", "/review")
	add(x.Viewer.Works(), "/work", "nav-work")
	add(x.Viewer.Works() || x.Viewer.Auditor, "/systems", "nav-systems")
	add(x.Viewer.Auditor, "/audit", "nav-audit")
	return all
}

// within tells whether a path is a page or lies below it.
func within(path, page string) bool {
	return path == page || len(path) > len(page) && path[:len(page)] == page && path[len(page)] == '/'
}

// home is the room that somebody most likely comes for.
func (p *Portal) home(x *visit) error {
	v := x.Viewer
	switch {
	case len(v.Orders) > 0:
		return x.redirect("/people")
	case v.Works():
		return x.redirect("/work")
	case v.Auditor:
		return x.redirect("/audit")
	}
	return x.page("home", shellWords["nobody"], nil)
}

// chooseLanguage remembers the language that somebody chose, for a year; it is no secret.
func (p *Portal) chooseLanguage(x *visit) error {
	to := x.value("to")
	if to != "sv" && to != "en" {
		return errBadForm
	}
	p.cookies().Plain(x.w, "language", to)
	return x.redirect(x.value("back"))
}
