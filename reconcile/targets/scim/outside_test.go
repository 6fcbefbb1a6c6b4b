package scim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// do makes a call as nobody's client: not through the door, and by none of the code under test.
func (s *service) do(method, path string, body any) (int, map[string]any) {
	s.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.vars["URL"]+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.vars["TOKEN"])
	r.Header.Set("Content-Type", "application/scim+json")
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var said map[string]any
	_ = json.NewDecoder(answer.Body).Decode(&said)
	return answer.StatusCode, said
}

// must is do where the answer must be good.
func (s *service) must(method, path string, body any) map[string]any {
	s.t.Helper()
	status, said := s.do(method, path, body)
	if status < 200 || status > 299 {
		s.t.Fatalf("%s %s: got %d %v, want 2xx", method, path, status, said)
	}
	return said
}

// all lists what is there, page by page.
func (s *service) all(path string) []map[string]any {
	s.t.Helper()
	var list []map[string]any
	for {
		said := s.must("GET", fmt.Sprintf("%s?startIndex=%d&count=1000", path, len(list)+1), nil)
		page, _ := said["Resources"].([]any)
		for _, r := range page {
			list = append(list, r.(map[string]any))
		}
		if total, _ := said["totalResults"].(float64); len(page) == 0 || len(list) >= int(total) {
			return list
		}
	}
}

// user is one user by userName, nil if there is none.
func (s *service) user(name string) map[string]any {
	s.t.Helper()
	for _, u := range s.all("/Users") {
		if u["userName"] == name {
			return u
		}
	}
	return nil
}

// holds are the userNames in a group, sorted; those of groups in it as group names.
func (s *service) holds(group string) []string {
	s.t.Helper()
	names := map[string]string{}
	for _, r := range append(s.all("/Users"), s.all("/Groups")...) {
		name, _ := r["userName"].(string)
		if name == "" {
			name, _ = r["displayName"].(string)
		}
		names[r["id"].(string)] = name
	}
	list := []string{}
	for _, g := range s.all("/Groups") {
		if g["displayName"] != group {
			continue
		}
		members, _ := g["members"].([]any)
		for _, m := range members {
			list = append(list, names[m.(map[string]any)["value"].(string)])
		}
	}
	slices.Sort(list)
	return list
}

// addUser and addGroup make one from outside and give its id.
func (s *service) addUser(attributes map[string]any) string {
	s.t.Helper()
	u := map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "active": true}
	maps.Copy(u, attributes)
	return s.must("POST", "/Users", u)["id"].(string)
}

func (s *service) addGroup(name string, members ...string) string {
	s.t.Helper()
	list := []map[string]string{}
	for _, m := range members {
		list = append(list, map[string]string{"value": m})
	}
	g := map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": name, "members": list}
	return s.must("POST", "/Groups", g)["id"].(string)
}

func (s *service) wipe() {
	s.t.Helper()
	for _, path := range []string{"/Groups", "/Users"} {
		for _, r := range s.all(path) {
			s.must("DELETE", path+"/"+r["id"].(string), nil)
		}
	}
}

// group is a group's id by name.
func (s *service) group(name string) string {
	s.t.Helper()
	for _, g := range s.all("/Groups") {
		if g["displayName"] == name {
			return g["id"].(string)
		}
	}
	s.t.Fatalf("got no group %s, want one", name)
	return ""
}

func patch(op, path string, value any) map[string]any {
	return map[string]any{
		"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": op, "path": path, "value": value}},
	}
}

// body reads a request's body and leaves it to be read again.
func body(t *testing.T, r *http.Request) string {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return string(raw)
}

// outside makes a call from within a hook, whose failure is no test's.
func (s *service) outside(method, path string, body any) {
	raw, _ := json.Marshal(body)
	r, err := http.NewRequest(method, s.vars["URL"]+path, bytes.NewReader(raw))
	if err != nil {
		s.t.Error(err)
		return
	}
	r.Header = http.Header{"Authorization": {"Bearer " + s.vars["TOKEN"]}, "Content-Type": {"application/scim+json"}}
	if version := s.version(path); version != "" {
		r.Header.Set("If-Match", version)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode > 299 {
		s.t.Errorf("%s %s: got %d, want 2xx", method, path, answer.StatusCode)
	}
}

// version is a resource's version.
func (s *service) version(path string) string {
	_, said := s.do("GET", path, nil)
	meta, _ := said["meta"].(map[string]any)
	version, _ := meta["version"].(string)
	return version
}

// pass makes a call that came through the door, and forgets the answer.
func (s *service) pass(r *http.Request) {
	u, _ := url.Parse(s.vars["URL"])
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host, out.RequestURI = u.Scheme, u.Host, u.Host, ""
	answer, err := s.client.Do(out)
	if err != nil {
		return // the caller went away
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
}
