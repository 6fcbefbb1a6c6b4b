package adopt

import "github.com/behorig/behorig/schema"

// fault is what can be wrong with an HR list, and what to do.
type fault struct{ what, do schema.Text }

var (
	faultIdentity       = fault{schema.Text{Sv: "här står ett personnummer i klartext", En: "a personnummer in clear stands here"}, schema.Text{Sv: "ta bort det; import behöver det inte, och behorig seal förseglar det", En: "remove it; import does not need it, and behorig seal seals it"}}
	faultIdentityColumn = fault{schema.Text{Sv: "listan har en kolumn för personnummer", En: "the list has a column for personnummer"}, schema.Text{Sv: "ta bort kolumnen; import behöver den inte", En: "remove the column; import does not need it"}}
	faultMisspelt       = fault{schema.Text{Sv: "kolumnen {value} finns inte", En: "column {value} is not known"}, schema.Text{Sv: "skriv {want}, eller döp om kolumnen om den är något annat", En: "write {want}, or rename the column if it is something else"}}
	faultColumnTwice    = fault{schema.Text{Sv: "kolumnen {value} säger samma sak som en tidigare", En: "column {value} says what an earlier one says"}, schema.Text{Sv: "ta bort den ena", En: "remove one of them"}}
	faultNoName         = fault{schema.Text{Sv: "rubrikraden har ingen kolumn för namnet", En: "the headings have no column for the name"}, schema.Text{Sv: "kolumnerna är namn, anstnr, login, hsaId, enhet, anställningsform, befattning, från, till", En: "the columns are name, employeeId, login, hsaId, unit, form, title, from, until"}}
	faultNameless       = fault{schema.Text{Sv: "raden har inget namn", En: "the line has no name"}, schema.Text{Sv: "skriv namnet eller ta bort raden", En: "write the name or remove the line"}}
	faultValue          = fault{schema.Text{Sv: "{value} duger inte som {column}", En: "{value} will not do as {column}"}, schema.Text{Sv: "rätta värdet eller lämna cellen tom", En: "mend the value or leave the cell empty"}}
	faultForm           = fault{schema.Text{Sv: "{value} är ingen anställningsform", En: "{value} is no form of employment"}, schema.Text{Sv: "skriv tillsvidare, vikarie, timavlönad, inhyrd, student, konsult eller förtroendevald", En: "write permanent, substitute, hourly, agency, student, consultant or elected"}}
	faultDay            = fault{schema.Text{Sv: "{value} är inget datum", En: "{value} is no date"}, schema.Text{Sv: "skriv ÅÅÅÅ-MM-DD", En: "write YYYY-MM-DD"}}
	faultDays           = fault{schema.Text{Sv: "sista dagen ligger före den första", En: "the last day lies before the first"}, schema.Text{Sv: "rätta något av datumen", En: "mend one of the dates"}}
	faultSomebodyElse   = fault{schema.Text{Sv: "{rule} står också på rad {line}, som av namnet eller annat är någon annan", En: "{rule} stands on line {line} too, which by name or otherwise is somebody else"}, schema.Text{Sv: "se efter i personalsystemet vem det tillhör och rätta listan", En: "look in the HR system whose it is and mend the list"}}
)

// ruleWords are the rules in a sentence.
var ruleWords = map[Rule]schema.Text{
	ByHSAID:      {Sv: "HSA-id", En: "the HSA-id"},
	ByEmployeeID: {Sv: "anställningsnumret", En: "the employee number"},
	ByLogin:      {Sv: "inloggningsnamnet", En: "the login"},
	ByName:       {Sv: "namnet", En: "the name"},
	ByKey:        {Sv: "nyckeln", En: "the key"},
}

// Why an account or a grant is not adopted.
var (
	whyProtect   = schema.Text{Sv: "står under protect i targets.yaml", En: "is under protect in targets.yaml"}
	whyDisabled  = schema.Text{Sv: "kontot är avstängt", En: "the account is switched off"}
	whyService   = schema.Text{Sv: "ser ut som ett tjänstekonto; är det verktygets eget eller får det inte röras, skriv det under protect i targets.yaml", En: "looks like a service account; if it is the tool's own or must not be touched, write it under protect in targets.yaml"}
	whyNameless  = schema.Text{Sv: "har inget namn, och inget annat som säger vems det är; ge en personallista (--people)", En: "has no name, and nothing else that says whose it is; give an HR list (--people)"}
	whyIdentity  = schema.Text{Sv: "{rule} är ett personnummer, som inte får stå i klartext, och inget annat säger vems det är", En: "{rule} is a personnummer, which must not stand in clear, and nothing else says whose it is"}
	whyNoFact    = schema.Text{Sv: "har inget av det som --match kopplar på", En: "has nothing of what --match links by"}
	whyStranger  = schema.Text{Sv: "finns inte i personallistan", En: "is not in the HR list"}
	whyNoKey     = schema.Text{Sv: "av namnet går ingen nyckel att göra; skriv filen med behorig new --key", En: "no key can be made of the name; write the file with behorig new --key"}
	whyUnseen    = schema.Text{Sv: "hör till {person} genom {rule}, men målet {target} kopplar inte kontot till {person}: se hur det kopplar konton (match i targets.yaml), eller rätta kontot", En: "belongs to {person} by {rule}, but target {target} does not take it for {person}'s: see how it matches accounts (match in targets.yaml), or mend the account"}
	whySays      = schema.Text{Sv: "{rule} säger {person}", En: "{rule} says {person}"}
	whyTangled   = schema.Text{Sv: "delar uppgifter med konton som är både {person} och {other}", En: "has facts in common with accounts that are both {person}'s and {other}'s"}
	whyTwice     = schema.Text{Sv: "målet {target} har två konton som av uppgifterna är samma persons: {one} och {other}", En: "target {target} has two accounts that by the facts are one person's: {one} and {other}"}
	whyDiffers   = schema.Text{Sv: "{one} och {other} hör ihop av uppgifterna, men {rule} skiljer sig", En: "{one} and {other} belong together by the facts, but {rule} differs"}
	whyNames     = schema.Text{Sv: "{one} och {other} hör ihop av uppgifterna, men heter inte likadant", En: "{one} and {other} belong together by the facts, but are not of one name"}
	whyNamesakes = schema.Text{Sv: "flera heter så, och inget annat på kontot säger vem", En: "several are of that name, and nothing else of the account says who"}
	whyBare      = schema.Text{Sv: "kontot har ingen roll", En: "the account has no role"}
	whyNoAccount = schema.Text{Sv: "personen har inget konto i systemet som är påslaget", En: "the person has no account in the system that is switched on"}
	whyRole      = schema.Text{Sv: "katalogen har ingen sådan roll", En: "the catalogue has no such role"}
	whyNeedsUnit = schema.Text{Sv: "rollen ges per enhet, och ingen enhet står där; skriv perUnit: false på rollen om den inte gör det", En: "the role is given per unit, and no unit is there; write perUnit: false on the role if it is not"}
	whyNoUnits   = schema.Text{Sv: "rollen ges inte per enhet, men en enhet står där", En: "the role is not given per unit, but a unit is there"}
	whyUnit      = schema.Text{Sv: "enheten finns inte, och ingen nyckel går att göra av den", En: "the unit does not exist, and no key can be made of it"}
	whyOver      = schema.Text{Sv: "dess sista dag har passerat", En: "its last day has passed"}
	whyHomeless  = schema.Text{Sv: "inget säger var personen arbetar; ge en personallista (--people) eller --unit", En: "nothing says where the person works; give an HR list (--people) or --unit"}
	whyNoJob     = schema.Text{Sv: "personen är inte anställd den dagen", En: "the person is not employed on that day"}
)

// What the files say of themselves.
var (
	reason  = schema.Text{Sv: "Övertagen vid import {day}", En: "Adopted by import {day}"}
	assumed = schema.Text{Sv: "Övertagen vid import: enhet och anställningsform är antagna, kontrollera", En: "Adopted by import: unit and form of employment are assumed, check them"}
)
