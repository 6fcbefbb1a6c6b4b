package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/behorig/behorig/schema"
)

func sealCommand(w *world) *cobra.Command {
	var f flags
	var show, rotate bool
	var keyFile string
	c := &cobra.Command{
		Use: "seal PERSON", Short: "Seal a person's personnummer into their file",
		Long: `Asks for a personnummer or samordningsnummer, or reads it from standard input, and seals it to the age keys that behorig.yaml names under
identity.recipients. Only the key identity of the person's file changes. The number is never an argument: arguments stay in the shell's history.
With --rotate everybody's is opened with a key of yours and sealed anew to the keys that behorig.yaml names now, all or nothing.`,
		Example: "  behorig seal anna.lindqvist --repo examples/falkenberg\n  behorig seal anna.lindqvist --print < number\n  behorig seal --rotate --key-file /media/safe/key.txt",
		Args: func(_ *cobra.Command, args []string) error {
			return onePerson(args, rotate)
		},
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.openToSeal(c, w)
			if err != nil {
				return err
			}
			if rotate {
				return s.rotate(keyFile)
			}
			return s.seal(c.InOrStdin(), args[0], show)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&show, "print", false, "print the sealed block instead of writing it")
	c.Flags().BoolVar(&rotate, "rotate", false, "seal everybody's anew, after a key has come or gone")
	c.Flags().StringVar(&keyFile, "key-file", "", keyFileHelp)
	c.MarkFlagsMutuallyExclusive("print", "rotate")
	return c
}

// onePerson holds that one argument is given and that it is no number; of what is given it shows nothing.
func onePerson(args []string, rotate bool) error {
	switch {
	case rotate && len(args) == 0:
		return nil
	case rotate:
		return usage("--rotate is for everybody: leave the person out")
	case len(args) == 0:
		return usage("say whose it is: behorig seal PERSON")
	case len(args) > 1 || schema.Mask(args[0]) != args[0]:
		return usage("the number is never an argument, for arguments stay in the shell's history (remove it there); give the person alone, and the number when it is asked for or on standard input")
	}
	return nil
}

// openToSeal opens a repository whose folder can be written and that says whom to seal to.
func (f *flags) openToSeal(c *cobra.Command, w *world) (*session, error) {
	s, err := f.openOrFail(c.Context(), w)
	if err != nil {
		return nil, err
	}
	if s.tree.Commit != "" {
		return nil, usage("seal writes into the folder; leave --rev out")
	}
	if len(s.org.Identity.Recipients) == 0 {
		return nil, &exit{exitBroken, fmt.Errorf("%s: %s", schema.Locate(s.org.Files(), "behorig.yaml", "identity/recipients"), s.sealSay("nobody"))}
	}
	return s, nil
}

// seal reads a number, seals it and writes it into the person's file.
func (s *session) seal(in io.Reader, person string, show bool) error {
	if err := mustKnow("person", person, s.org.PersonKeys()); err != nil {
		return err
	}
	number, err := s.ask(in, person)
	if err != nil {
		return broke(err)
	}
	id, err := schema.ParseIdentity(number, s.on)
	if err != nil {
		return &exit{exitBroken, errors.New(s.sealError(err))}
	}
	block, err := schema.Seal(id, s.org.Identity.Recipients)
	if err != nil {
		return &exit{exitBroken, errors.New(s.sealError(err))}
	}
	if show {
		_, err := io.WriteString(s.w.out, block)
		return broke(err)
	}
	e, err := s.edit(s.org.Path(person), block)
	if err != nil {
		return &exit{exitBroken, errors.New(s.org.Path(person) + ": " + s.sealError(err))}
	}
	if err := s.replaceFiles([]edit{e}); err != nil {
		return broke(err)
	}
	fmt.Fprintln(s.w.err, e.path+": "+s.sealSay("sealed", "n", strconv.Itoa(len(s.org.Identity.Recipients))))
	return nil
}

// ask reads one number: without echo from a terminal, else the one line of standard input.
func (s *session) ask(in io.Reader, person string) (string, error) {
	var line []byte
	defer func() { clear(line) }()
	var err error
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(s.w.err, s.sealSay("ask", "person", person))
		line, err = term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.w.err)
	} else {
		line, err = io.ReadAll(io.LimitReader(in, 256))
	}
	number := bytes.TrimSpace(line)
	switch {
	case err != nil:
		return "", errors.New(s.sealSay("unread"))
	case len(number) == 0:
		return "", errors.New(s.sealSay("empty"))
	case bytes.ContainsAny(number, "\r\n"):
		return "", errors.New(s.sealSay("several"))
	}
	return string(number), nil
}

// What seal and unseal say.
var sealWords = map[string]schema.Text{
	"nobody":  {Sv: "det finns ingen nyckel att försegla till; lägg en publik age-nyckel (age-keygen) i behorig.yaml under identity: recipients", En: "there is no key to seal to; put a public age key (age-keygen) into behorig.yaml under identity: recipients"},
	"ask":     {Sv: "Personnummer för {person} (syns inte): ", En: "Personnummer of {person} (not shown): "},
	"unread":  {Sv: "numret kunde inte läsas", En: "the number could not be read"},
	"empty":   {Sv: "inget nummer skrevs; skriv det när det efterfrågas eller på standard in", En: "no number was given; write it when it is asked for or on standard input"},
	"several": {Sv: "mer än en rad skrevs; ge ett nummer i taget", En: "more than one line was given; give one number at a time"},
	"sealed":  {Sv: "förseglat till {n} nycklar", En: "sealed to {n} keys"},
	"rotated": {Sv: "{n} personnummer förseglade på nytt till {keys} nycklar", En: "{n} identities sealed anew to {keys} keys"},
	"left":    {Sv: "{n} gick inte att öppna; inget skrevs", En: "{n} could not be opened; nothing was written"},
	"none":    {Sv: "{person} har inget förseglat personnummer; behorig seal {person} lägger in det", En: "{person} has no sealed personnummer; behorig seal {person} puts one in"},
	"person":  {Sv: "ett giltigt personnummer", En: "a valid personnummer"},
	"coord":   {Sv: "ett giltigt samordningsnummer", En: "a valid samordningsnummer"},
	"no-key":  {Sv: "ingen nyckel är given; ange --key-file eller BEHORIG_IDENTITY_FILE", En: "no key is given; name it with --key-file or BEHORIG_IDENTITY_FILE"},
	"bad-key": {Sv: "nyckelfilen går inte att läsa som age-nycklar (age-keygen, AGE-SECRET-KEY-1…)", En: "the key file cannot be read as age keys (age-keygen, AGE-SECRET-KEY-1…)"},
	"half":    {Sv: "{n} av {all} filer skrevs; kör om kommandot", En: "{n} of {all} files were written; run the command again"},
}

// What sealing and opening can fail of, in the two languages.
var sealErrors = map[error]schema.Text{
	schema.ErrIdentityShape: {Sv: "inget personnummer: skriv ÅÅÅÅMMDD-NNNN, eller ÅÅMMDD-NNNN med + från det år personen fyller 100", En: schema.ErrIdentityShape.Error()},
	schema.ErrIdentityDate:  {Sv: "inget personnummer: de första siffrorna är ingen dag då någon fötts (ett samordningsnummer har dagen plus 60); se efter igen", En: schema.ErrIdentityDate.Error()},
	schema.ErrIdentityCheck: {Sv: "inget personnummer: den sista siffran, kontrollsiffran, stämmer inte med de andra; se efter igen", En: schema.ErrIdentityCheck.Error()},
	schema.ErrSealKey:       {Sv: "ingen av nycklarna öppnar det", En: schema.ErrSealKey.Error()},
	schema.ErrSealDamaged:   {Sv: "det förseglade blocket är skadat; försegla numret på nytt", En: "the sealed block is damaged; seal the number anew"},
	schema.ErrSealContent:   {Sv: "det förseglade är inget personnummer; försegla numret på nytt", En: "what is sealed is no personnummer; seal the number anew"},
	schema.ErrEditFile:      {Sv: "filen har inte en nyckel per rad; rätta den först", En: schema.ErrEditFile.Error()},
	schema.ErrEditKey:       {Sv: "identity är inte vanlig text; ta bort raden först", En: "identity is no plain text; remove the line first"},
}

func (s *session) sealSay(name string, pairs ...any) string {
	return sealWords[name].With(pairs...).In(s.lang)
}

func (s *session) sealError(err error) string {
	if text, ok := sealErrors[err]; ok {
		return text.In(s.lang)
	}
	return err.Error()
}
