package main

import (
	"time"

	"github.com/behorig/behorig/schema"
)

func (s *session) clockText(t time.Time) string {
	return t.In(s.org.Location()).Format("2006-01-02 15:04")
}

func (s *session) standingSay(name string, pairs ...any) string {
	return standingSaid[name].With(pairs...).In(s.lang)
}

var standingSaid = map[string]schema.Text{
	"revoked":   {Sv: "order {id} gäller: {person} får ingen behörighet igen förrän filerna säger detsamma; ändra också personens fil", En: "order {id} is in force: {person} is given nothing until the repository agrees; change the person's file too"},
	"lifted":    {Sv: "order {id} om {person} är hävd; nästa körning ger det som är beställt", En: "order {id} about {person} is lifted; the next run gives what is ordered"},
	"none":      {Sv: "ingenting gäller för {person} vid sidan av filerna; behorig revoke --list visar det som gör det", En: "nothing stands for {person} past the repository; behorig revoke --list shows what does"},
	"ordered":   {Sv: "order {id} väntar på en andra person: behorig grant --confirm {id} --key FIL. {person} får ingenting förrän dess.", En: "order {id} waits for a second person: behorig grant --confirm {id} --key FILE. {person} is given nothing before that."},
	"confirmed": {Sv: "order {id} är bekräftad och gäller till {until}; sedan tas den tillbaka, och någon ska granska den", En: "order {id} is confirmed and in force until {until}; then it is taken back, and somebody is to review it"},
	"ended":     {Sv: "order {id} är avslutad; nästa körning tar tillbaka det som gavs", En: "order {id} has ended; the next run takes back what was given"},
}
