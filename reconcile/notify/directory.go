package notify

import (
	"sync"

	"github.com/behorig/behorig/schema"
)

// DirectoryOf is what is to be known of an organisation. People are read when they are asked for, and kept.
func DirectoryOf(o *schema.Org, repository string) (*Directory, error) {
	zone, err := o.Zone()
	if err != nil {
		return nil, err
	}
	d := &Directory{
		Repository: repository, Organisation: o.Organisation, Lang: o.Language, Zone: zone, Guideline: o.Guideline.Title, Units: o.Units,
		Systems: map[string]string{}, Managers: o.Notify.Managers, Desks: o.Notify.Desks, Operations: o.Notify.Operations,
	}
	for key, s := range o.Systems {
		d.Systems[key] = s.Name
	}
	var mu sync.Mutex
	known := map[string]Contact{}
	d.People = func(key string) Contact {
		mu.Lock()
		defer mu.Unlock()
		c, asked := known[key]
		if !asked {
			if p, err := o.Person(key); err == nil {
				c = Contact{Name: p.Name, Email: p.Email, Protected: p.Protected}
			}
			known[key] = c
		}
		return c
	}
	return d, nil
}
