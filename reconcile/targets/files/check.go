package files

import (
	"encoding/xml"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Check finds the faults of a target's options and of its systems' bindings, from files alone.
func Check(c kind.Config) schema.Faults {
	var o Options
	faults := c.Options(&o)
	if len(faults) == 0 {
		faults = o.check(c)
	}
	seen := map[string]string{}
	for _, system := range c.Systems {
		var b Binding
		wrong := c.Binding(system, &b)
		if len(wrong) > 0 {
			faults = append(faults, wrong...)
			continue
		}
		l, ps := compile(system, b)
		if len(ps) == 0 {
			l.check(c, o, &ps)
		}
		if other, taken := seen[b.File]; taken && !strings.Contains(b.File, "{system}") {
			ps.add("file", schema.Text{Sv: other + " har samma filnamn", En: other + " has the same file name"},
				schema.Text{Sv: "sätt {system} i namnet", En: "put {system} in the name"})
		}
		seen[b.File] = system
		for _, p := range ps {
			faults = append(faults, c.BindingFault(system, p.path, p.what, p.do))
		}
	}
	return faults
}

func (o Options) check(c kind.Config) schema.Faults {
	faults := c.Either(o.SFTP == nil, "folder", o.Folder, "folderEnv", o.FolderEnv)
	if o.SFTP == nil {
		return faults
	}
	if o.Folder != "" || o.FolderEnv != "" {
		faults = append(faults, c.Fault("sftp", schema.Text{Sv: "både sftp och folder står där", En: "both sftp and folder are given"},
			schema.Text{Sv: "behåll det ena", En: "keep one"}))
	}
	s, port := o.SFTP, ""
	if s.Port != 0 {
		port = strconv.Itoa(s.Port)
	}
	faults = slices.Concat(faults,
		c.Either(true, "sftp/host", s.Host, "sftp/hostEnv", s.HostEnv), c.Either(false, "sftp/port", port, "sftp/portEnv", s.PortEnv),
		c.Either(true, "sftp/user", s.User, "sftp/userEnv", s.UserEnv), c.Either(true, "sftp/knownHosts", s.KnownHosts, "sftp/knownHostsEnv", s.KnownHostsEnv),
		c.Either(false, "sftp/keyFile", s.KeyFile, "sftp/keyFileEnv", s.KeyFileEnv), c.Either(false, "sftp/passwordEnv", s.PasswordEnv, "sftp/passwordFile", s.PasswordFile))
	key, password := s.KeyFile != "" || s.KeyFileEnv != "", s.PasswordEnv != "" || s.PasswordFile != ""
	if key == password {
		faults = append(faults, c.Fault("sftp", schema.Text{Sv: "en nyckel eller ett lösenord ska anges, inte båda", En: "a key or a password is to be given, not both"},
			schema.Text{Sv: "skriv keyFile (hellre) eller passwordEnv", En: "write keyFile (better) or passwordEnv"}))
	}
	return faults
}

// check finds what spans several options of a binding, or the catalogue.
func (l *layout) check(c kind.Config, o Options, ps *problems) {
	l.checkNames(ps)
	l.checkColumns(o, ps)
	l.checkWords(c, ps)
	checkForm(l.Form, "", l.names, ps)
	if l.Receipt != nil {
		checkForm(l.receiptForm, "receipt/", slices.Collect(maps.Values(l.Receipt.Columns)), ps)
		l.checkAnswers(ps)
	}
	if l.Listing != nil {
		checkForm(l.listingForm, "listing/", slices.Collect(maps.Values(l.Listing.Columns)), ps)
		if len(matched(l.Listing.Columns)) == 0 {
			ps.add("listing/columns", schema.Text{Sv: "ingen kolumn säger vems raden är", En: "no column tells whose the line is"},
				schema.Text{Sv: "ange person, login, employeeId eller hsaId", En: "give person, login, employeeId or hsaId"})
		}
		if (l.Listing.Columns["status"] == "") != (len(l.Listing.Active) == 0) {
			ps.add("listing", schema.Text{Sv: "kolumnen status och active hör ihop", En: "the column status and active go together"},
				schema.Text{Sv: "ange båda eller ingen", En: "give both or neither"})
		}
	}
}

// checkNames fills the names with a sample and looks where they lead.
func (l *layout) checkNames(ps *problems) {
	if !l.file.Uses("number") {
		ps.add("file", schema.Text{Sv: "{number} saknas: två filer finge samma namn, och ingen fil skrivs över", En: "{number} is missing: two files would have one name, and no file is overwritten"},
			schema.Text{Sv: "sätt {number} i namnet", En: "put {number} in the name"})
	}
	name, err := l.fileName(1, 1)
	if err != nil || strings.Contains(name, "*") {
		outside(ps, "file")
		return
	}
	names := map[string]string{name: "file"}
	for _, t := range []struct {
		path  string
		t     *kind.Template
		globs bool
	}{{"temporary", l.temporary, false}, {"marker", l.marker, false}, {"receipt/file", l.receipt, true}} {
		if t.t == nil {
			continue
		}
		if !t.t.Uses("file") && !t.t.Uses("stem") && !t.t.Uses("number") {
			ps.add(t.path, schema.Text{Sv: "namnet är detsamma för alla filer", En: "the name is the same for all files"},
				schema.Text{Sv: "sätt {file}, {stem} eller {number} i det", En: "put {file}, {stem} or {number} in it"})
		}
		got, err := l.beside(t.t, name, 1, 1)
		if folder := got[:strings.LastIndexByte(got, '/')+1]; err != nil || strings.Contains(folder, "*") || strings.Contains(got, "*") && !t.globs {
			outside(ps, t.path)
		} else if other, taken := names[got]; taken {
			ps.add(t.path, schema.Text{Sv: "namnet är detsamma som för " + other, En: "the name is the same as that of " + other},
				schema.Text{Sv: "skriv ett annat", En: "write another"})
		}
		names[got] = t.path
	}
	if l.listing != nil {
		got, err := l.listingName()
		if err != nil || strings.Contains(got[:strings.LastIndexByte(got, '/')+1], "*") {
			outside(ps, "listing/file")
		}
	}
}

func outside(ps *problems, path string) {
	ps.add(path, schema.Text{Sv: "namnet duger inte: det ska ligga under mappen", En: "the name will not do: it must be below the folder"},
		schema.Text{Sv: `skriv mapp/namn, utan .., utan / först och utan \ : och dolda tecken; * bara i sista delen av en fil som läses`, En: `write folder/name, with no .., no / first, no \ : and no hidden character; * only in the last part of a file that is read`})
}

func (l *layout) checkColumns(o Options, ps *problems) {
	if !slices.ContainsFunc([]string{"person", "login", "employeeId", "hsaId", "identity"}, l.uses) {
		ps.add("columns", schema.Text{Sv: "ingen kolumn säger vem raden gäller", En: "no column tells whom the line is of"},
			schema.Text{Sv: "ta med {employeeId}, {login}, {hsaId} eller {person}", En: "have one with {employeeId}, {login}, {hsaId} or {person}"})
	}
	if !l.full() && !l.uses("verb") {
		ps.add("columns", schema.Text{Sv: "ingen kolumn säger vad som ska göras", En: "no column tells what is to be done"},
			schema.Text{Sv: "ta med {verb}, eller skriv mode: full", En: "have one with {verb}, or write mode: full"})
	}
	if l.uses("identity") && !o.Identity {
		ps.add("columns", schema.Text{Sv: "{identity} får inte stå i målets filer", En: "{identity} may not stand in the target's files"},
			schema.Text{Sv: "ta bort kolumnen, eller skriv identity: true för målet", En: "remove the column, or write identity: true of the target"})
	}
	if l.Verbs["grant"] == l.Verbs["revoke"] && l.Verbs["grant"] != "" {
		ps.add("verbs", schema.Text{Sv: "grant och revoke är samma ord", En: "grant and revoke are one word"}, schema.Text{Sv: "skriv två", En: "write two"})
	}
}

func (l *layout) checkAnswers(ps *problems) {
	r := l.Receipt
	for _, name := range []string{"line", "status"} {
		if r.Columns[name] == "" {
			ps.add("receipt/columns", schema.Text{Sv: name + " saknas", En: name + " is missing"},
				schema.Text{Sv: "skriv vad kolumnen heter", En: "write what the column is called"})
		}
	}
	if r.By != "row" && !l.uses("id") {
		ps.add("receipt", schema.Text{Sv: "ingen kolumn har {id}, så kvittot kan inte nämna rader", En: "no column has {id}, so that the receipt cannot name lines"},
			schema.Text{Sv: "ta med {id}, eller skriv by: row", En: "have one with {id}, or write by: row"})
	}
	for _, s := range r.OK {
		if among(r.Refused, s) {
			ps.add("receipt/refused", schema.Text{Sv: schema.Quote(s) + " står också under ok", En: schema.Quote(s) + " is under ok too"},
				schema.Text{Sv: "behåll den på ett ställe", En: "keep it in one place"})
		}
	}
}

// checkWords holds the maps to the catalogue.
func (l *layout) checkWords(c kind.Config, ps *problems) {
	words := func(path string, words map[string]string, known []string, all bool) {
		by := map[string]string{}
		for _, key := range slices.Sorted(maps.Keys(words)) {
			if !slices.Contains(known, key) {
				do := schema.Text{Sv: "ta bort raden", En: "remove the line"}
				if meant := schema.Nearest(key, known); meant != "" {
					do = schema.Text{Sv: "skriv " + meant, En: "write " + meant}
				}
				ps.add(path+"/"+key, schema.Text{Sv: schema.Quote(key) + " finns inte", En: schema.Quote(key) + " does not exist"}, do)
			}
			folded := strings.ToLower(words[key])
			if other, taken := by[folded]; taken {
				ps.add(path+"/"+key, schema.Text{Sv: other + " heter likadant hos leverantören", En: "the vendor calls " + other + " the same"},
					schema.Text{Sv: "skriv ett eget ord", En: "write a word of its own"})
			}
			by[folded] = key
		}
		for _, key := range known {
			if _, ok := words[key]; all && len(words) > 0 && !ok {
				ps.add(path, schema.Text{Sv: key + " saknas", En: key + " is missing"}, schema.Text{Sv: "skriv vad leverantören kallar den", En: "write what the vendor calls it"})
			}
		}
	}
	words("roles", l.Roles, c.Roles(l.system), true)
	words("units", l.Units, slices.Sorted(maps.Keys(c.Org.Units)), false)
	for _, m := range []struct {
		path  string
		words map[string]string
	}{
		{"roles", l.Roles},
		{"units", l.Units},
		{"verbs", l.Verbs},
		{"account", map[string]string{"": l.Account}},
		{"noEnd", map[string]string{"": l.NoEnd}},
		{"trailer", map[string]string{"": l.Trailer}},
	} {
		for _, key := range slices.Sorted(maps.Keys(m.words)) {
			if err := fits(l.Encoding, m.words[key]); err != nil {
				ps.add(strings.TrimSuffix(m.path+"/"+key, "/"), schema.Text{Sv: "texten ryms inte i kodningen", En: "the text does not fit the encoding"}, schema.Text{Sv: err.Error(), En: err.Error()})
			}
		}
	}
}

// checkForm finds options that do not go together with a format.
func checkForm(f Form, path string, columns []string, ps *problems) {
	if !slices.Contains([]string{";", ",", "|", "tab"}, f.Separator) {
		ps.add(path+"separator", schema.Text{Sv: schema.Quote(f.Separator) + " duger inte", En: schema.Quote(f.Separator) + " will not do"},
			schema.Text{Sv: "skriv ; , | eller tab", En: "write ; , | or tab"})
	}
	if f.Format == "json" && f.Encoding != "utf-8" {
		ps.add(path+"encoding", schema.Text{Sv: "JSON skrivs i UTF-8 utan BOM (RFC 8259)", En: "JSON is written in UTF-8 with no BOM (RFC 8259)"},
			schema.Text{Sv: "skriv utf-8", En: "write utf-8"})
	}
	if f.Trailer != "" && (f.Format != "csv" || !strings.Contains(f.Trailer, "{count}")) {
		ps.add(path+"trailer", schema.Text{Sv: "en sista rad finns bara i CSV, och har {count}", En: "only CSV has a last line, and it has {count}"},
			schema.Text{Sv: "skriv t.ex. SLUT;{count}, eller ta bort den", En: "write as END;{count}, or remove it"})
	}
	for i, name := range columns {
		at := path + "columns"
		if path == "" {
			at += "/" + strconv.Itoa(i) + "/name"
		}
		if slices.ContainsFunc(columns[:i], func(s string) bool { return strings.EqualFold(s, name) }) {
			ps.add(at, schema.Text{Sv: "kolumnen " + schema.Quote(name) + " finns två gånger", En: "the column " + schema.Quote(name) + " is there twice"},
				schema.Text{Sv: "behåll en", En: "keep one"})
		}
		if fits(f.Encoding, name) != nil || f.Format == "xml" && !element(name) {
			ps.add(at, schema.Text{Sv: schema.Quote(name) + " duger inte i " + f.Format + ", " + f.Encoding, En: schema.Quote(name) + " will not do in " + f.Format + ", " + f.Encoding},
				schema.Text{Sv: "skriv ett annat namn", En: "write another name"})
		}
		if _, err := strconv.Atoi(name); path != "" && f.Format == "csv" && !*f.Header && err != nil {
			ps.add(at, schema.Text{Sv: "utan rubrikrad är kolumner nummer", En: "without a header columns are numbers"}, schema.Text{Sv: "skriv 1, 2, 3", En: `write "1", "2", "3"`})
		}
	}
	if f.Format == "xml" && (!element(f.Root) || !element(f.Row)) {
		ps.add(path+"root", schema.Text{Sv: "root och row ska vara namn på element", En: "root and row must be names of elements"}, schema.Text{Sv: "skriv t.ex. rows och row", En: "write as rows and row"})
	}
}

// element tells a name that an XML element may have, with no prefix.
func element(name string) bool {
	if strings.ContainsAny(name, ":<>&\"'/= ") {
		return false
	}
	var v struct{ XMLName xml.Name }
	return xml.Unmarshal([]byte("<"+name+"/>"), &v) == nil && v.XMLName.Local == name
}

func among(words []string, s string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, s) })
}
