package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// update writes what git-receive-pack is asked for (git's Documentation/gitprotocol-pack, "Pushing Data To a Server").
func (p *place) update(refs *packp.AdvRefs, cmd *packp.Command, options []*packp.Option, pack io.Reader) (*packp.ReferenceUpdateRequest, error) {
	has := refs.Capabilities.Supports
	switch {
	case !has(capability.ReportStatus):
		return nil, told{fmt.Errorf("%s: it does not say what becomes of a push; it needs a newer git", p.shown)}
	case len(options) > 0 && !has(capability.PushOptions):
		return nil, told{fmt.Errorf("%s: it takes no push options; set receive.advertisePushOptions there, or name another kind of forge", p.shown)}
	case cmd.New.IsZero() && !has(capability.DeleteRefs):
		return nil, &Rejected{p.shown, "it does not let branches be deleted"}
	}
	req := packp.NewReferenceUpdateRequestFromCapabilities(refs.Capabilities)
	use := map[capability.Capability]bool{capability.Sideband64k: true, capability.Quiet: true, capability.PushOptions: len(options) > 0}
	for c, wanted := range use {
		if wanted && has(c) {
			if err := req.Capabilities.Set(c); err != nil {
				return nil, err
			}
		}
	}
	req.Commands, req.Options = []*packp.Command{cmd}, options
	if pack != nil {
		req.Packfile = io.NopCloser(pack)
	}
	return req, nil
}

// afterwards is how long what a server runs after a push (its post-receive hook) is listened to.
const afterwards = 15 * time.Second

// verdict reads what became of a push, and what is said beside: before the report by what decides, after it by what the server then does.
func (p *place) verdict(a *attention, req *packp.ReferenceUpdateRequest, answer io.Reader, secrets ...string) (string, error) {
	words := &head{&bytes.Buffer{}}
	answer = &limited{answer, maxRefs}
	if req.Capabilities.Supports(capability.Sideband64k) {
		d := sideband.NewDemuxer(sideband.Sideband64k, answer)
		d.Progress = words
		answer = d
	}
	report := packp.NewReportStatus()
	if err := report.Decode(answer); err != nil {
		if said := p.words(words, secrets); said != "" && a.Err() == nil {
			return "", &Rejected{p.shown, scrub(said, secrets)}
		}
		return "", err
	}
	reason := ""
	if report.UnpackStatus != "ok" {
		reason = report.UnpackStatus
	}
	for _, s := range report.CommandStatuses {
		if s.Status != "ok" {
			reason = s.Status
		}
	}
	if reason != "" {
		return "", &Rejected{p.shown, scrub(strings.TrimSpace(words.String()+" "+reason), secrets)}
	}
	if len(report.CommandStatuses) == 0 {
		return "", &Rejected{p.shown, "nothing"}
	}
	a.timer.Reset(afterwards)
	_, _ = io.Copy(io.Discard, answer)
	return p.words(words, secrets), nil
}

// words are what a server has said, line by line.
func (p *place) words(said *head, secrets []string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(said.String(), "\r", "\n"), "\n") {
		if line = scrub(line, secrets); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// mayNot says in a push's own words that who signed in may not.
func (p *place) mayNot(err error) error {
	if errors.Is(err, transport.ErrAuthenticationRequired) || errors.Is(err, transport.ErrAuthorizationFailed) {
		return told{fmt.Errorf("%s: it does not let the portal push; give its token the right to write branches to the repository", p.shown)}
	}
	return err
}
