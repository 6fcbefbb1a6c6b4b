package helpdesk

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// options are what targets.yaml says of a helpdesk.
type options struct {
	kind.Endpoint
	TokenEnv  string            `json:"tokenEnv,omitempty" is:"env" sv:"Miljövariabel med nyckeln (token) till RT" en:"Environment variable with the token for RT"`
	TokenFile string            `json:"tokenFile,omitempty" is:"line" sv:"Fil med nyckeln (token) till RT" en:"File with the token for RT"`
	Timeout   string            `json:"timeout,omitempty" is:"duration" sv:"Hur länge ett svar får dröja; utelämnat: 30s" en:"How long an answer may take; left out: 30s"`
	Queues    map[string]string `json:"queues" need:"yes" keys:"key" is:"line" sv:"Varje servicedisks kö i RT: disk: kö" en:"Each service desk's queue in RT: desk: queue"`
	Ticket    string            `json:"ticket,omitempty" is:"order|person" sv:"order: ett ärende per beställning; person: ett per person och kö; utelämnat: order" en:"order: a ticket for each order; person: one for each person and queue; left out: order"`
	Subject   string            `json:"subject,omitempty" is:"line" sv:"Ord som ärendets rubrik börjar med; utelämnat: Behörighet" en:"Words that the ticket's title begins with; left out: Behörighet"`
	Field     string            `json:"field,omitempty" is:"word" sv:"Eget fält i RT som får beställningens märke; utelämnat: märket står bara i rubriken" en:"Custom field of RT that gets the order's marker; left out: the marker stands in the title alone"`
	Identity  bool              `json:"identity,omitempty" sv:"true: personnumret står i ärendet, utom för den som har skyddade uppgifter" en:"true: the personnummer stands in the ticket, except where somebody's data are protected"`
	Priority  int               `json:"priority,omitempty" max:"1000" sv:"Ärendets prioritet; utelämnat: köns" en:"The ticket's priority; left out: the queue's"`
	Done      []string          `json:"done,omitempty" is:"line" sv:"Statusar som betyder utfört; den första sätts när behorig work done används; utelämnat: resolved" en:"Statuses that mean done; the first is set when behorig work done is used; left out: resolved"`
	Refused   []string          `json:"refused,omitempty" is:"line" sv:"Statusar som betyder att det inte kan utföras; den första sätts när behorig work refuse används; utelämnat: rejected" en:"Statuses that mean that it cannot be done; the first is set when behorig work refuse is used; left out: rejected"`
	Withdrawn string            `json:"withdrawn,omitempty" is:"line" sv:"Status för ett ärende som tas tillbaka innan någon har börjat; en av done och refused; utelämnat: den första i refused" en:"Status of a ticket that is taken back before anybody has begun; one of done and refused; left out: the first of refused"`
	Escalate  escalate          `json:"escalate,omitzero" sv:"Vad som händer, en gång, med ett ärende som är försenat; det får alltid en kommentar" en:"What happens, once, to a ticket that is overdue; it always gets a comment"`
}

// escalate is what happens to a ticket that is overdue.
type escalate struct {
	Priority int    `json:"priority,omitempty" max:"1000" sv:"Ny prioritet; utelämnat: 100" en:"New priority; left out: 100"`
	Queue    string `json:"queue,omitempty" is:"line" sv:"Kö som ärendet flyttas till; utelämnat: det stannar" en:"Queue that the ticket is moved to; left out: it stays"`
}

const timeout = 30 * time.Second

var (
	secure = []string{"https"}
	plain  = []string{"http"}
)

// Check finds what is wrong with a helpdesk's options, from files alone.
func Check(c kind.Config) schema.Faults {
	var o options
	faults := c.Options(&o)
	if len(faults) == 0 {
		faults = slices.Concat(o.Check(c, secure, plain), c.Either(true, "tokenEnv", o.TokenEnv, "tokenFile", o.TokenFile), o.desks(c), o.statuses(c))
	}
	for _, system := range c.Systems {
		var none struct{}
		faults = append(faults, c.Binding(system, &none)...)
	}
	return faults
}

// desks finds systems whose desk has no queue, and queues of desks that no system has.
func (o options) desks(c kind.Config) schema.Faults {
	var faults schema.Faults
	lacking := map[string]string{}
	for _, system := range slices.Backward(c.Systems) {
		if desk := c.Org.Systems[system].Desk; o.Queues[desk] == "" {
			lacking[desk] = system
		}
	}
	for _, desk := range slices.Sorted(maps.Keys(lacking)) {
		faults = append(faults, c.Fault("queues",
			schema.Text{Sv: "disken " + desk + ", som har hand om " + lacking[desk] + ", har ingen kö", En: "the desk " + desk + ", which sees to " + lacking[desk] + ", has no queue"},
			schema.Text{Sv: "skriv " + desk + ": och köns namn i RT", En: "write " + desk + ": and the queue's name in RT"}))
	}
	known := map[string]bool{}
	for _, s := range c.Org.Systems {
		known[s.Desk] = true
	}
	for _, desk := range slices.Sorted(maps.Keys(o.Queues)) {
		if known[desk] {
			continue
		}
		do := schema.Text{Sv: "ta bort raden", En: "remove the line"}
		if meant := schema.Nearest(desk, slices.Collect(maps.Keys(known))); meant != "" {
			do = schema.Text{Sv: "menar du " + meant + "?", En: "do you mean " + meant + "?"}
		}
		faults = append(faults, c.Fault("queues/"+desk,
			schema.Text{Sv: "inget system har disken " + desk, En: "no system has the desk " + desk}, do))
	}
	return faults
}

// statuses finds statuses that would mean two things.
func (o options) statuses(c kind.Config) schema.Faults {
	full := o.filled()
	for i, s := range full.Refused {
		if slices.Contains(full.Done, s) {
			return schema.Faults{c.Fault(at("refused", o.Refused, i),
				schema.Text{Sv: "statusen " + schema.Quote(s) + " betyder både utfört och avslaget", En: "the status " + schema.Quote(s) + " means both done and refused"},
				schema.Text{Sv: "låt den stå i den ena listan", En: "leave it in one of the lists"})}
		}
	}
	if !slices.Contains(full.Done, full.Withdrawn) && !slices.Contains(full.Refused, full.Withdrawn) {
		return schema.Faults{c.Fault("withdrawn",
			schema.Text{Sv: "statusen " + schema.Quote(full.Withdrawn) + " står varken i done eller refused", En: "the status " + schema.Quote(full.Withdrawn) + " is neither in done nor in refused"},
			schema.Text{Sv: "skriv den i refused också", En: "write it in refused too"})}
	}
	return nil
}

// at is the path of a list's entry, or of the list where it is left out.
func at(name string, list []string, i int) string {
	if i < len(list) {
		return name + "/" + strconv.Itoa(i)
	}
	return ""
}

// filled is the options with what was left out.
func (o options) filled() options {
	if o.Subject == "" {
		o.Subject = "Behörighet"
	}
	if len(o.Done) == 0 {
		o.Done = []string{"resolved"}
	}
	if len(o.Refused) == 0 {
		o.Refused = []string{"rejected"}
	}
	if o.Withdrawn == "" {
		o.Withdrawn = o.Refused[0]
	}
	if o.Escalate.Priority == 0 {
		o.Escalate.Priority = 100
	}
	return o
}

// queue is the queue of a system's desk.
func (o options) queue(c kind.Config, system string) string {
	if s := c.Org.Systems[system]; s != nil {
		return o.Queues[s.Desk]
	}
	return ""
}

// Shape is what targets.yaml may say of a target and of a system on it.
func Shape() (target, system any) { return options{}, struct{}{} }
