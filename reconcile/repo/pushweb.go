package repo

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// webGift is a push over HTTPS. go-git's own ends as soon as the report has come, and a forge says after it where the merge request is.
type webGift struct {
	*web
	at     *attention
	secret string
	base   string // the repository's address, after redirects
	refs   *packp.AdvRefs
}

func (w *web) give(a *attention) (_ gift, err error) {
	g := &webGift{web: w, at: a}
	defer func() { err = w.fault(a, w.mayNot(err), g.secret) }()
	defer recovered(&err)
	if w.Token != nil {
		if g.secret, err = w.Token(); err != nil {
			return nil, told{w.noToken(err)}
		}
	}
	const asked = "/info/refs"
	answer, err := g.do(http.MethodGet, w.shown+asked+"?service="+transport.ReceivePackServiceName, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	to := *answer.Request.URL
	to.RawQuery, to.User = "", nil
	g.base = strings.TrimSuffix(to.String(), asked)
	refs := packp.NewAdvRefs()
	if err := refs.Decode(heard{answer.Body, a}); err != nil {
		return nil, err
	}
	g.refs = refs
	return g, nil
}

// do asks with the token, and makes an error of what is no success.
func (g *webGift) do(method, address string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(g.at, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if g.secret != "" {
		r.SetBasicAuth(g.user, g.secret)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-"+transport.ReceivePackServiceName+"-request")
		r.Header.Set("Accept", "application/x-"+transport.ReceivePackServiceName+"-result")
	}
	answer, err := g.client.Do(r)
	if err != nil {
		return nil, err
	}
	g.at.timer.Reset(patience)
	if err := githttp.NewErr(answer); err != nil {
		_ = answer.Body.Close()
		return nil, err
	}
	return answer, nil
}

func (g *webGift) all() (map[string]plumbing.Hash, error) { return g.refs.References, nil }

func (g *webGift) end() {}

func (g *webGift) send(cmd *packp.Command, options []*packp.Option, pack io.Reader) (_ string, err error) {
	defer func() { err = g.fault(g.at, g.mayNot(err), g.secret) }()
	defer recovered(&err)
	req, err := g.update(g.refs, cmd, options, pack)
	if err != nil {
		return "", err
	}
	var body bytes.Buffer
	if err := req.Encode(&body); err != nil {
		return "", err
	}
	answer, err := g.do(http.MethodPost, g.base+"/"+transport.ReceivePackServiceName, body.Bytes())
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	return g.verdict(g.at, req, heard{answer.Body, g.at}, g.secret)
}
