package portal

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// dates are the functions that show days and times as Swedes write them.
func (s *set) dates(r *renderer) template.FuncMap {
	return template.FuncMap{
		"day": func(d schema.Date) template.HTML { return dayElement(d, d.String()) },
		"until": func(d schema.Date) template.HTML {
			return dayElement(d, cmp.Or(d.String(), r.say(s.x.Lang, "no-end")))
		},
		"near": func(d schema.Date) template.HTML {
			word := map[schema.Date]string{-1: "yesterday", 0: "today", 1: "tomorrow"}[d-s.x.Now.On]
			if d == 0 || word == "" {
				return dayElement(d, d.String())
			}
			return dayElement(d, r.say(s.x.Lang, word))
		},
		"at": func(t time.Time) template.HTML {
			if t.IsZero() {
				return ""
			}
			t = t.In(s.x.Now.Zone)
			return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2006-01-02 15:04") + `</time>`) // digits alone
		},
		"clock": func(t time.Time) string { return t.In(s.x.Now.Zone).Format("15.04") },
		"iso":   func(d schema.Date) string { return d.String() },
	}
}

// dayElement is a day that a program can read too; text is of our own words and digits.
func dayElement(d schema.Date, text string) template.HTML {
	text = template.HTMLEscapeString(text)
	if d == 0 {
		return template.HTML(text)
	}
	return template.HTML(`<time class="day" datetime="` + d.String() + `">` + text + `</time>`)
}

// names are the functions that show what things are called, and that put templates together.
func (s *set) names() template.FuncMap {
	return template.FuncMap{
		"unit": func(key string) string {
			if u := s.x.Now.Org.Unit(key); u != nil {
				return u.Name
			}
			return key
		},
		"system": func(key string) string {
			if y := s.x.Now.Org.Systems[key]; y != nil {
				return y.Name
			}
			return key
		},
		"role": func(system, role string) string {
			if role == "" {
				return s.x.t("account")
			}
			if r := s.x.Now.Org.Role(system, role); r != nil && r.Name != "" {
				return r.Name
			}
			return role
		},
		"package": func(key string) string {
			if g := s.x.Now.Org.Packages[key]; g != nil {
				return g.Name
			}
			return key
		},
		"sees": func(person string) bool { return s.x.Viewer.SeesDrawn(s.x.Now.Picture.Person(person)) },
		"badge": func(stage any) template.HTML {
			word := fmt.Sprint(stage)
			return template.HTML(`<span class="badge ` + template.HTMLEscapeString(word) + `">` + template.HTMLEscapeString(s.x.t("stage-"+word)) + `</span>`)
		},
		"dict": dict,
		"list": func(all ...any) []any { return all },
		"join": strings.Join,
		"esc":  url.PathEscape,
		"add":  func(a, b int) int { return a + b },
		"text": func(sv, en string) schema.Text { return schema.Text{Sv: sv, En: en} },
	}
}

// dict puts values together for a template that is given one.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: names and values come in pairs")
	}
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: a name is no text")
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}
