package report

import "github.com/behorig/behorig/schema"

// logWords are what a [Logbook] says.
var logWords = map[string]schema.Text{
	"title":  {Sv: "Vad som har hänt · {name}", En: "What has happened · {name}"},
	"lead":   {Sv: "{n} händelser, den senaste sist.", En: "{n} events, the newest last."},
	"unread": {Sv: "Personernas filer kan inte läsas, så vilka som har skyddade personuppgifter är inte känt: namn, skäl och fel visas inte.", En: "The people's files cannot be read, so whose personal data are protected is not known: names, reasons and errors are not shown."},
	"events": {Sv: "Händelser", En: "Events"},
	"time":   {Sv: "Tid", En: "Time"},
	"detail": {Sv: "Närmare", En: "Detail"},
	"by":     {Sv: "Av", En: "By"},
	"entry":  {Sv: "Post", En: "Record"},
	"until":  {Sv: "till och med {until}", En: "until {until}"},

	"to-grant":  {Sv: "ge", En: "give"},
	"to-revoke": {Sv: "ta bort", En: "take away"},
	"to-change": {Sv: "ny sista dag", En: "new last day"},
	"begun":     {Sv: "påbörjat, utfallet okänt: {verb}", En: "begun, outcome unknown: {verb}"},

	"done-grant":        {Sv: "gavs", En: "given"},
	"done-revoke":       {Sv: "togs bort", En: "taken away"},
	"done-change":       {Sv: "fick ny sista dag", En: "given a new last day"},
	"status-already":    {Sv: "var redan så: {verb}", En: "already so: {verb}"},
	"status-dispatched": {Sv: "beställdes av handläggare: {verb}", En: "ordered from a desk: {verb}"},
	"status-failed":     {Sv: "MISSLYCKADES: {verb}", En: "FAILED: {verb}"},
	"status-held":       {Sv: "hölls tillbaka: {verb}", En: "held back: {verb}"},
	"confirmed":         {Sv: "bekräftades borttagen", En: "confirmed taken away"},
	"adopted":           {Sv: "fanns redan, togs över", En: "there already, adopted"},

	"anchor-ledger":   {Sv: "loggen börjar; {n} äldre ändringar", En: "the log begins; {n} older changes"},
	"anchor-new":      {Sv: "loggen börjar", En: "the log begins"},
	"anchor-owned":    {Sv: "given före loggen", En: "given before the log"},
	"anchor-unsure":   {Sv: "påbörjad före loggen, utfallet okänt", En: "begun before the log, outcome unknown"},
	"run-begin":       {Sv: "körning {run} började och slutade inte", En: "run {run} began and did not end"},
	"run-end":         {Sv: "körning {run}", En: "run {run}"},
	"run-clock":       {Sv: "klockan hade gått tillbaka, från {was}", En: "the clock had gone back, from {was}"},
	"commit-good":     {Sv: "version som läses utan fel", En: "version that loads"},
	"commit-accepted": {Sv: "version godtagen", En: "version accepted"},

	"result-ok":         {Sv: "allt som det ska", En: "all as it should be"},
	"result-guarded":    {Sv: "spärren stoppade något", En: "the guard stopped something"},
	"result-incomplete": {Sv: "något misslyckades eller kunde inte bedömas", En: "something failed or could not be judged"},
	"result-unread":     {Sv: "något system kunde inte läsas", En: "some system could not be read"},
	"result-broken":     {Sv: "ingen plan kunde göras", En: "no plan could be made"},

	"override":   {Sv: "kvitterad spärr släppte igenom {count} av {of}", En: "an acknowledged guard let through {count} of {of}"},
	"review":     {Sv: "granskad: {decision}", En: "reviewed: {decision}"},
	"checkpoint": {Sv: "kontrollpunkt undertecknad", En: "checkpoint signed"},

	"order-ordered":   {Sv: "order {id}: {kind}", En: "order {id}: {kind}"},
	"order-confirmed": {Sv: "order {id} bekräftad av en andra person: {kind}", En: "order {id} confirmed by a second person: {kind}"},
	"order-lifted":    {Sv: "order {id} hävd: {kind}", En: "order {id} lifted: {kind}"},
	"order-ended":     {Sv: "order {id} slut: {kind}", En: "order {id} ended: {kind}"},
	"kind-revoke":     {Sv: "avsluta omedelbart", En: "revoke at once"},
	"kind-grant":      {Sv: "nödåtkomst", En: "break-glass"},
	"kind-suspend":    {Sv: "lämna systemet i fred", En: "leave the system alone"},
}
