package main

// exampleCase is one marked case of examples/falkenberg: the file that marks it and what is to be seen of it.
type exampleCase struct {
	slug, file string
	near       string // the rules that it is the near miss of
	person     string // whose grants are looked at; left out: the file's own
	also       string // another file whose findings count
	sights     []sight
}

// sight is what a case is to look like on a day.
//
// Grants reads "WHICH [NUMBER] STANDING [RULE…] [until DAY]; …". WHICH is system, system/role, any of them with @unit, *@unit, or "rest": what none
// before it named; each grant counts for the first that fits. STANDING is wanted, kept, withheld or not; RULE are those that stop it, all of them. A
// grant that nothing names is an error.
//
// Rules are those of all findings in the case's files, each once, sorted.
type sight struct{ on, grants, rules string }

var exampleCases = []exampleCase{
	// Employments and their forms
	{slug: "several-employments", file: "people/hemtjanst/maria.lund-svensson.yaml", sights: []sight{
		{"2026-12-01", "*@sabo-solhaga 2 wanted until 2026-12-10; rest 10 wanted", "expiring"},
		{"2026-12-11", "*@sabo-solhaga not; rest 10 wanted", ""},
	}},
	{slug: "private-provider", file: "people/hemtjanst/maria.lund-svensson.yaml", sights: []sight{
		{"2026-12-01", "*@strandhem-hemtjanst 3 wanted; rest 9 wanted", "expiring"},
	}},
	{slug: "form-substitute", file: "people/sabo/lovisa.aspnas.yaml", near: "card-form", sights: []sight{
		{"2026-12-01", "rest 6 wanted until 2027-08-31", ""},
	}},
	{slug: "form-hourly", file: "people/hemtjanst/simon.vindahl.yaml", sights: []sight{{"2026-12-01", "rest 5 wanted until 2027-02-28", ""}}},
	{slug: "form-agency", file: "people/hsl/katarzyna.wolska.yaml", near: "employment hsa-id", sights: []sight{
		{"2026-12-01", "pascal wanted until 2027-02-28; rest 8 wanted until 2027-02-28", ""},
	}},
	{slug: "form-student", file: "people/hsl/freja.nymark.yaml", sights: []sight{
		{"2026-12-01", "combine/chef withheld role-allowed; rest 3 wanted until 2027-06-04", "role-allowed"},
	}},
	{slug: "form-consultant", file: "people/myndighet/leif.stenhammar.yaml", sights: []sight{{"2026-12-01", "rest 6 wanted until 2027-06-30", ""}}},
	{slug: "form-elected", file: "people/ledning/margareta.silfver.yaml", sights: []sight{
		{"2026-12-01", "rest 3 wanted until 2030-12-31", "expiring"},
		{"2027-01-01", "rest 3 wanted until 2030-12-31", ""},
	}},
	{slug: "agency-no-end", file: "people/hsl/dragan.petrik.yaml", sights: []sight{{"2026-12-01", "rest 9 withheld employment", "employment"}}},
	{slug: "substitute-no-end", file: "people/sabo/tilde.ekmark.yaml", sights: []sight{{"2026-12-01", "rest 6 withheld employment", "employment"}}},
	{slug: "access-outside", file: "people/sabo/torun.vestman.yaml", sights: []sight{
		{"2026-12-01", "v-katalogen 1 wanted until 2027-01-24; rest 4 wanted", "employment expiring"},
		{"2027-01-25", "rest not", "employment items"},
	}},
	{slug: "access-same-end", file: "people/sabo/torun.vestman.yaml", sights: []sight{
		{"2026-12-01", "v-katalogen wanted; rest 4 wanted until 2027-01-24", "employment expiring"},
	}},
	{slug: "no-access", file: "people/ledning/per.algotsson.yaml", sights: []sight{{"2026-12-01", "rest not", ""}}},

	// Hourly staff
	{slug: "hourly-renewed", file: "people/hemtjanst/hilda.franzen.yaml", sights: []sight{{"2026-12-01", "rest 5 wanted until 2027-01-26", ""}}},
	{slug: "hourly-121-days", file: "people/hemtjanst/alma.rosenkvist.yaml", sights: []sight{{"2026-12-01", "rest 5 withheld hourly", "hourly"}}},
	{slug: "hourly-120-days", file: "people/hemtjanst/noel.gyllby.yaml", near: "hourly", sights: []sight{
		{"2026-12-01", "rest 5 wanted until 2027-01-28", ""},
	}},
	{slug: "hourly-no-end", file: "people/lss/ester.kullman.yaml", sights: []sight{{"2026-12-01", "rest 4 withheld hourly", "hourly"}}},
	{slug: "hourly-lifecare", file: "people/bemanning/kevin.stromdahl.yaml", sights: []sight{
		{"2026-12-01", "lifecare withheld card-form siths; rest 5 wanted", "card-form siths"},
	}},
	{slug: "hourly-siths-held", file: "people/bemanning/wilma.hedberg-kahn.yaml", sights: []sight{
		{"2026-12-01", "lifecare withheld card-form; rest 4 wanted", "card-form"},
	}},

	// Cards
	{slug: "substitute-92-days", file: "people/sabo/oskar.brandefors.yaml", sights: []sight{
		{"2026-12-01", "lifecare withheld card-form; rest 4 wanted", "card-form expiring"},
	}},
	{slug: "substitute-93-days", file: "people/sabo/stina.lagerlov.yaml", near: "card-form", sights: []sight{
		{"2026-12-01", "rest 5 wanted until 2027-01-05", "expiring"},
	}},
	{slug: "siths-expires", file: "people/hemtjanst/berit.sallstrom.yaml", near: "siths", sights: []sight{
		{"2026-12-01", "rest 7 wanted", "expiring"},
		{"2026-12-15", "rest 7 wanted", "expiring"},
		{"2026-12-16", "lifecare withheld siths; rest 6 wanted", "siths"},
	}},
	{slug: "reserve-card", file: "people/hsl/magnus.tornblad.yaml", sights: []sight{
		{"2026-12-01", "pascal withheld siths; rest 8 wanted", "siths"},
	}},
	{slug: "loa2-pascal", file: "people/hsl/sigrid.ahlmarck.yaml", sights: []sight{
		{"2026-12-01", "pascal withheld siths; npo/lasare-utokad withheld siths; npo/lasare wanted; rest 7 wanted", "siths"},
	}},
	{slug: "expiring-60-days", file: "people/sabo/gunvor.bjorkenstam.yaml", sights: []sight{{"2026-12-01", "rest 6 wanted", "expiring"}}},
	{slug: "expiring-61-days", file: "people/sabo/marianne.tidstrand.yaml", near: "expiring", sights: []sight{{"2026-12-01", "rest 6 wanted", ""}}},

	// Days
	{slug: "future-start", file: "people/hemtjanst/albin.morner.yaml", sights: []sight{
		{"2027-01-10", "rest not", ""}, {"2027-01-11", "rest 7 wanted", ""},
	}},
	{slug: "future-start-no-card", file: "people/hemtjanst/ronja.faltskog.yaml", sights: []sight{
		{"2026-12-01", "rest not", "siths"}, {"2027-01-11", "lifecare withheld siths; rest 6 wanted", "siths"},
	}},
	{slug: "expires-alone", file: "people/sabo/vera.hjalmarsdotter.yaml", sights: []sight{
		{"2026-12-15", "svedem wanted until 2026-12-15; rest 6 wanted", ""}, {"2026-12-16", "svedem not; rest 6 wanted", ""},
	}},
	{slug: "last-day-counts", file: "people/sabo/love.granstrand.yaml", sights: []sight{
		{"2026-12-01", "rest 4 wanted until 2026-12-01", "expiring"}, {"2026-12-02", "rest not", ""},
	}},
	{slug: "leave-and-return", file: "people/lss/ellinor.wrang.yaml", sights: []sight{
		{"2026-12-01", "rest not", ""}, {"2027-03-01", "rest 5 wanted", ""},
	}},
	{slug: "leave-card-lapsed", file: "people/lss/tage.hallonlund.yaml", sights: []sight{
		{"2026-12-01", "rest not", "expiring siths"}, {"2027-01-18", "lifecare withheld siths; rest 4 wanted", "siths"},
	}},
	{slug: "move-overlap", file: "people/sabo/lars.moberger.yaml", sights: []sight{
		{"2026-12-14", "*@hemtjanst-norr 6 wanted until 2026-12-14; *@sabo-vasterhojd 5 wanted; smartcard wanted", "expiring"},
		{"2026-12-15", "*@sabo-vasterhojd 5 wanted; smartcard wanted", ""},
	}},
	{slug: "rehire", file: "people/hemtjanst/rebecka.tallmo.yaml", sights: []sight{
		{"2026-12-01", "*@hemtjanst-soder not; *@hemtjanst-centrum 6 wanted; smartcard wanted", ""},
	}},
	{slug: "ended-long-ago", file: "people/privat/wanja.ekstrand.yaml", sights: []sight{{"2026-12-01", "rest not", ""}}},

	// Names and identity
	{slug: "name-change", file: "people/sabo/emma.karlsryd.yaml", sights: []sight{{"2026-12-01", "rest 6 wanted", ""}}},
	{slug: "protected-person", file: "people/lss/p4711.yaml", sights: []sight{{"2026-12-01", "rest 5 wanted", ""}}},
	{slug: "single-name", file: "people/hemtjanst/suryani.yaml", sights: []sight{{"2026-12-01", "rest 7 wanted", ""}}},
	{slug: "double-surname", file: "people/hemtjanst/maria.lund-svensson.yaml", sights: []sight{{"2026-12-01", "rest 12 wanted", "expiring"}}},
	{slug: "swedish-letters", file: "people/hemtjanst/asa.oberg-akesson.yaml", sights: []sight{{"2026-12-01", "rest 7 wanted", ""}}},
	{slug: "namesakes", file: "people/sabo/anna.andersson.yaml", sights: []sight{{"2026-12-01", "rest 6 wanted", ""}}},
	{slug: "new-personnummer", file: "people/bemanning/davit.beridze.yaml", sights: []sight{{"2026-12-01", "rest 6 wanted", ""}}},
	{slug: "former-unit-key", file: "people/hemtjanst/asa.oberg-akesson.yaml", near: "reference", sights: []sight{
		{"2026-12-01", "*@hemtjanst-norr 6 wanted; smartcard wanted", ""},
	}},

	// Temporary and extended
	{slug: "lent-nurse", file: "people/hsl/anna.lindqvist.yaml", sights: []sight{
		{"2026-12-10", "appva-mcss@sabo-vasterhojd wanted until 2026-12-23; rest 9 wanted", "expiring"},
		{"2026-12-23", "appva-mcss@sabo-vasterhojd wanted until 2026-12-23; rest 9 wanted", "expiring"},
		{"2026-12-24", "appva-mcss@sabo-vasterhojd not; rest 9 wanted", ""},
	}},
	{slug: "overlapping-temporary", file: "people/hsl/goran.abrahamsson.yaml", sights: []sight{
		{"2026-12-01", "lifecare/planering@hsl-team-soder wanted until 2027-01-20; rest 9 wanted", "expiring"},
		{"2026-12-16", "lifecare/planering@hsl-team-soder wanted until 2027-01-20; rest 9 wanted", "expiring"},
	}},
	{slug: "temporary-90-days", file: "people/sabo/bo.eklof.yaml", near: "temporary", sights: []sight{
		{"2026-12-01", "combine@sabo-havsbris wanted until 2027-01-12; rest 6 wanted", "expiring"},
	}},
	{slug: "temporary-91-days", file: "people/sabo/disa.ekenvall.yaml", sights: []sight{
		{"2026-12-01", "combine@sabo-havsbris withheld temporary; rest 6 wanted", "expiring temporary"},
	}},
	{slug: "temporary-no-reason", file: "people/sabo/egil.svanberg.yaml", sights: []sight{
		{"2026-12-01", "combine@korttid-ekbacken withheld temporary; rest 6 wanted", "expiring temporary"},
	}},
	{slug: "temporary-no-until", file: "people/sabo/greta.lundkvist-bohm.yaml", sights: []sight{
		{"2026-12-01", "combine@korttid-ekbacken withheld temporary; rest 6 wanted", "temporary"},
	}},
	{slug: "temporary-no-identity", file: "people/sabo/hugo.almsater.yaml", sights: []sight{
		{"2026-12-01", "combine@korttid-ekbacken withheld temporary; rest 6 wanted", "expiring temporary"},
	}},
	{slug: "extended-ok", file: "people/hemtjanst/elin.sandahl.yaml", sights: []sight{
		{"2026-12-01", "combine/chef wanted until 2027-01-31; rest 8 wanted", ""},
	}},
	{slug: "extended-no-until", file: "people/hemtjanst/jonna.rudbeck.yaml", sights: []sight{
		{"2026-12-01", "combine/chef withheld temporary; rest 8 wanted", "temporary"},
	}},

	// Adopted
	{slug: "adopted-kept", file: "people/lss/rut.sandelius.yaml", sights: []sight{
		{"2026-12-01", "lifecare kept siths; rest 4 wanted", "siths"},
		{"2027-02-28", "lifecare kept siths until 2027-02-28; rest 4 wanted", "expiring siths"},
		{"2027-03-01", "lifecare not; rest 4 wanted", ""},
	}},
	{slug: "adopted-180-days", file: "people/lss/rut.sandelius.yaml", near: "adopted", sights: []sight{
		{"2026-12-01", "v-katalogen 1 wanted until 2027-05-30; lifecare kept siths; rest 3 wanted", "siths"},
		{"2027-05-31", "v-katalogen not; rest 3 wanted", ""},
	}},
	{slug: "adopted-181-days", file: "people/sabo/yngve.palmquist.yaml", sights: []sight{
		{"2026-12-01", "svedem kept adopted; rest 6 wanted", "adopted"},
		{"2026-12-02", "svedem wanted until 2027-05-31; rest 6 wanted", ""},
	}},

	// Guideline, HSA-id, licence
	{slug: "guideline-old-edition", file: "people/natt/roland.osterdahl.yaml", sights: []sight{
		{"2025-03-15", "rest 7 wanted", ""},
		{"2025-04-15", "rest 7 withheld guideline", "guideline"},
		{"2026-12-01", "rest 7 withheld guideline", "guideline"},
	}},
	{slug: "guideline-never-read", file: "people/natt/selma.tunborg.yaml", sights: []sight{{"2026-12-01", "rest 7 withheld guideline", "guideline"}}},
	{slug: "guideline-first-day", file: "people/natt/tyra.malmsjo.yaml", near: "guideline", sights: []sight{{"2026-12-01", "rest 7 wanted", ""}}},
	{slug: "hsa-id-missing", file: "people/hsl/ottilia.barkman.yaml", sights: []sight{
		{"2026-12-01", "appva-mcss withheld hsa-id; npo withheld hsa-id; pascal withheld hsa-id; rest 6 wanted", "hsa-id"},
	}},
	{slug: "licence-missing", file: "people/hsl/valter.ingelsson.yaml", sights: []sight{
		{"2026-12-01", "appva-mcss withheld licence; npo withheld licence; pascal withheld licence; rest 6 wanted", "licence"},
	}},
	{slug: "licence-366-days", file: "people/hsl/ylva.stormdal.yaml", sights: []sight{
		{"2026-12-01", "appva-mcss withheld licence; npo withheld licence; pascal withheld licence; rest 6 wanted", "licence"},
	}},
	{slug: "licence-365-days", file: "people/hsl/axel.kronvall.yaml", near: "licence", sights: []sight{
		{"2026-12-01", "rest 9 wanted", "expiring"},
		{"2026-12-02", "appva-mcss withheld licence; npo withheld licence; pascal withheld licence; rest 6 wanted", "licence"},
	}},
	{slug: "licence-other-profession", file: "people/hsl/cecilia.rapp.yaml", sights: []sight{
		{"2026-12-01", "pascal withheld licence; rest 8 wanted", "licence"},
	}},

	// Roles
	{slug: "role-wrong-unit-kind", file: "people/lss/dag.wennerholm.yaml", sights: []sight{
		{"2026-12-01", "intraphone withheld role-allowed; rest 3 wanted", "role-allowed"},
	}},
	{slug: "role-right-unit-kind", file: "people/lss/ebba.hagstromer.yaml", near: "role-allowed", sights: []sight{
		{"2026-12-01", "intraphone@hemtjanst-soder wanted until 2027-02-07; rest 3 wanted", ""},
	}},
	{slug: "role-wrong-form", file: "people/hsl/freja.nymark.yaml", sights: []sight{
		{"2026-12-01", "combine/chef withheld role-allowed; rest 3 wanted", "role-allowed"},
	}},
	{slug: "conflict-now", file: "people/myndighet/jakob.nordlof.yaml", sights: []sight{
		{"2026-12-01", "migrationsverket/administrator withheld conflict; migrationsverket/anvandare wanted; rest 6 wanted", "conflict"},
	}},
	{slug: "conflict-future", file: "people/myndighet/klara.winther.yaml", sights: []sight{
		{"2026-12-01", "migrationsverket/administrator wanted until 2027-02-28; migrationsverket/anvandare not; rest 6 wanted", "conflict"},
		{"2027-02-01", "migrationsverket/administrator wanted; migrationsverket/anvandare withheld conflict; rest 6 wanted", "conflict"},
	}},
	{slug: "conflict-day-after", file: "people/myndighet/ludvig.tegner.yaml", near: "conflict", sights: []sight{
		{"2026-12-01", "migrationsverket/administrator wanted; migrationsverket/anvandare not; rest 6 wanted", ""},
		{"2027-02-01", "migrationsverket/administrator not; migrationsverket/anvandare wanted; rest 6 wanted", ""},
	}},
	{slug: "at-least", file: "people/myndighet/helmer.lindskoug.yaml", also: "systems/migrationsverket.yaml", sights: []sight{
		{"2027-03-31", "migrationsverket/administrator wanted until 2027-03-31; rest 6 wanted", ""},
		{"2027-04-01", "migrationsverket/administrator not; rest 6 wanted", "at-least"},
	}},
	{slug: "at-least-others-remain", file: "people/myndighet/ida.fredholm.yaml", also: "systems/migrationsverket.yaml", near: "at-least", sights: []sight{
		{"2026-12-31", "migrationsverket/administrator wanted; rest 6 wanted", ""},
		{"2027-01-01", "migrationsverket/administrator not; rest 6 wanted", ""},
	}},
	{slug: "reference-role", file: "people/bemanning/ulrik.vang.yaml", sights: []sight{
		{"2026-12-01", "combine/utforar 1 withheld reference; treserva withheld reference; *@sabo-gronlid withheld reference; rest 6 wanted", "expiring reference"},
	}},
	{slug: "reference-system", file: "people/bemanning/ulrik.vang.yaml", sights: []sight{
		{"2026-12-01", "treserva 1 withheld reference; combine/utforar withheld reference; *@sabo-gronlid withheld reference; rest 6 wanted", "expiring reference"},
	}},
	{slug: "reference-unit", file: "people/bemanning/ulrik.vang.yaml", sights: []sight{
		{"2026-12-01", "combine@sabo-gronlid 1 withheld reference; combine/utforar withheld reference; treserva withheld reference; rest 6 wanted", "expiring reference"},
	}},
	{slug: "reference-package", file: "people/bemanning/ulrik.vang.yaml", sights: []sight{
		{"2026-12-01", "*@sabo-gronlid withheld reference; combine/utforar withheld reference; treserva withheld reference; rest 6 wanted", "expiring reference"},
		{"2026-12-14", "combine/utforar withheld reference; treserva withheld reference; rest 6 wanted", "reference"},
	}},

	// Things
	{slug: "swedlock-no-key", file: "people/hemtjanst/pia.solander.yaml", sights: []sight{{"2026-12-01", "swedlock kept items; rest 6 wanted", "items"}}},
	{slug: "swedlock-key-returned", file: "people/hemtjanst/reza.najafi.yaml", sights: []sight{{"2026-12-01", "swedlock kept items; rest 6 wanted", "items"}}},
	{slug: "swedlock-key-issued", file: "people/hemtjanst/siv.holmstedt.yaml", near: "items no-lent-keys", sights: []sight{{"2026-12-01", "rest 7 wanted", ""}}},
	{slug: "lent-key", file: "people/hemtjanst/mirela.kovac.yaml", sights: []sight{
		{"2026-12-01", "swedlock@hemtjanst-centrum withheld no-lent-keys; rest 7 wanted", "expiring no-lent-keys"},
	}},
	{slug: "items-not-returned", file: "people/hemtjanst/nanna.ekroth.yaml", sights: []sight{{"2026-12-01", "rest not", "items"}}},
	{slug: "items-returned", file: "people/hemtjanst/olle.bergkvara.yaml", near: "items", sights: []sight{{"2026-12-01", "rest not", ""}}},

	// The catalogue
	{slug: "analysis-missing", file: "systems/df-respons.yaml", person: "niklas.torsson", sights: []sight{
		{"2026-12-01", "df-respons/admin kept analysis; rest 1 wanted", "analysis"},
	}},
	{slug: "analysis-stale", file: "systems/senior-alert.yaml", person: "gunnel.ekeroth", sights: []sight{
		{"2026-12-01", "senior-alert/koordinator kept analysis; svedem wanted; rest 9 wanted", "analysis"},
	}},
	{slug: "analysis-last-day", file: "systems/svedem.yaml", near: "analysis", person: "gunnel.ekeroth", sights: []sight{
		{"2026-12-01", "svedem/koordinator wanted; senior-alert/koordinator kept analysis; rest 9 wanted", ""},
		{"2026-12-02", "svedem/koordinator kept analysis; senior-alert/koordinator kept analysis; rest 9 wanted", "analysis"},
	}},
	{slug: "authoritative", file: "systems/citrix.yaml", sights: []sight{{"2026-12-01", "rest not", ""}}},

	// Managers
	{slug: "manager-two-units", file: "people/hemtjanst/marie.fagerlund.yaml", sights: []sight{
		{"2026-12-01", "combine/chef@hemtjanst-inland wanted; combine/chef@hemtjanst-dalen wanted; rest 10 wanted", ""},
	}},
	{slug: "manager-of-manager", file: "units/socialforvaltningen.yaml", person: "birgitta.sjolund", sights: []sight{{"2026-12-01", "rest 6 wanted", ""}}},
	{slug: "manager-on-leave", file: "units/aldreomsorg/hemtjanst-centrum.yaml", person: "asa.nystrom", sights: []sight{{"2026-12-01", "rest not", ""}}},
	{slug: "deputy-dates", file: "units/aldreomsorg/hemtjanst-norr.yaml", person: "omar.haddad", sights: []sight{{"2026-12-20", "rest 7 wanted", ""}}},
}
