package kind

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// Endpoint is where a server is and how it proves who it is. A kind's options embed it.
type Endpoint struct {
	URL       string `json:"url,omitempty" is:"line" sv:"Serverns adress" en:"The server's address"`
	URLEnv    string `json:"urlEnv,omitempty" is:"env" sv:"Miljövariabel med serverns adress" en:"Environment variable with the server's address"`
	CAFile    string `json:"caFile,omitempty" is:"line" sv:"Fil med de certifikatutfärdare (PEM) som servern prövas mot; utelämnat: datorns egna" en:"File of the certificate authorities (PEM) that the server is verified by; left out: the machine's own"`
	CAFileEnv string `json:"caFileEnv,omitempty" is:"env" sv:"Miljövariabel med namnet på den filen" en:"Environment variable with that file's name"`
}

// Check finds what is wrong with an endpoint by itself. secure are the URL schemes with TLS, plain those without: allowed on this machine alone.
func (e Endpoint) Check(c Config, secure, plain []string) schema.Faults {
	faults := slices.Concat(c.Either(true, "url", e.URL, "urlEnv", e.URLEnv), c.Either(false, "caFile", e.CAFile, "caFileEnv", e.CAFileEnv))
	faults = append(faults, c.CheckURL("url", e.URL, secure, plain)...)
	return faults
}

// CheckURL finds what is wrong with an address that stands in an option of the target, by the option's path; nothing where there is none.
func (c Config) CheckURL(path, address string, secure, plain []string) schema.Faults {
	if address == "" {
		return nil
	}
	if _, err := parseURL(address, secure, plain); err != nil {
		return schema.Faults{c.Fault(path, schema.Text{Sv: "adressen duger inte: " + err.Error(), En: "the address will not do: " + err.Error()},
			schema.Text{Sv: "skriv " + secure[0] + "://värd/", En: "write " + secure[0] + "://host/"})}
	}
	return nil
}

// Open gives the address and how its TLS is verified; a nil TLS configuration is a plain connection within this machine.
func (e Endpoint) Open(c Config, secure, plain []string) (*url.URL, *tls.Config, error) {
	address, err := c.Setting("url", e.URL, e.URLEnv)
	if err != nil {
		return nil, nil, err
	}
	u, err := parseURL(address, secure, plain)
	if err != nil {
		return nil, nil, err
	}
	if slices.Contains(plain, u.Scheme) {
		return u, nil, nil
	}
	ca, err := c.Setting("caFile", e.CAFile, e.CAFileEnv)
	if err != nil {
		return nil, nil, err
	}
	t, err := TLS(ca, u.Hostname())
	return u, t, err
}

// TLS is a configuration that verifies a server by the authorities in a file, or by the machine's own where the file is "".
func TLS(caFile, host string) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("caFile: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("caFile: %s holds no certificate in PEM", caFile)
	}
	return t, nil
}

func parseURL(address string, secure, plain []string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return nil, fmt.Errorf("it is no address of a server")
	case u.User != nil:
		return nil, fmt.Errorf("it holds a user or password; name the secret by its own option")
	case slices.Contains(secure, u.Scheme), slices.Contains(plain, u.Scheme) && local(u.Hostname()):
		return u, nil
	case slices.Contains(plain, u.Scheme):
		return nil, fmt.Errorf("%s is not encrypted; use %s", u.Scheme, secure[0])
	}
	return nil, fmt.Errorf("%s is not known; use %s", schema.Quote(u.Scheme), strings.Join(secure, " or "))
}

// local tells a host that is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
