package report

import (
	"cmp"
	"io"
	"net/url"
	"regexp"
	"slices"

	"github.com/behorig/behorig/policies"
)

// The part of SARIF 2.1.0 that GitHub and GitLab show (OASIS, docs.oasis-open.org/sarif/sarif/v2.1.0). Types of our own: the library's
// write a score of empty lists and offsets of -1 for every finding, and bring a second validator into the program.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		Language   string        `json:"language"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name     string      `json:"name"`
		Language string      `json:"language"`
		Rules    []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID         string          `json:"id"`
		Short      sarifText       `json:"shortDescription"`
		Full       sarifText       `json:"fullDescription"`
		Help       sarifText       `json:"help"`
		Default    sarifDefault    `json:"defaultConfiguration"`
		Properties sarifProperties `json:"properties"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifProperties struct {
		Controls []string `json:"controls"` // of ISO/IEC 27002:2022
		Effect   string   `json:"effect"`
		Person   string   `json:"person,omitempty"`
	}
	sarifResult struct {
		RuleID     string            `json:"ruleId"`
		RuleIndex  int               `json:"ruleIndex"`
		Level      string            `json:"level"`
		Message    sarifText         `json:"message"`
		Locations  []sarifLocation   `json:"locations"`
		Prints     map[string]string `json:"partialFingerprints"`
		Properties sarifProperties   `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// linePrint is the fingerprint by which GitHub knows a finding again (docs.github.com, SARIF support for code scanning).
const linePrint = "primaryLocationLineHash"

// writeSARIF writes findings as a SARIF 2.1.0 log with one run, its rules and messages in the language.
func writeSARIF(w io.Writer, r Finder, lang string, rules []policies.Rule) error {
	if lang != "sv" {
		lang = "en"
	}
	found := r.Located()
	rules = rulesOf(rules, found)
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "behorig", Language: lang}}, Language: lang, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	for _, rule := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(rule, lang))
	}
	for i, id := range prints(found) {
		f := found[i]
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Rule, RuleIndex: slices.IndexFunc(rules, func(r policies.Rule) bool { return r.Name == f.Rule }),
			Level: sarifLevel(f.Severity), Message: sarifText{spoken(f, lang)},
			Locations: []sarifLocation{{sarifPhysical{
				Artifact: sarifArtifact{(&url.URL{Path: f.File}).String()},
				Region:   sarifRegion{lineOf(f), columnOf(f)},
			}}},
			Prints:     map[string]string{linePrint: id},
			Properties: sarifProperties{listed(f.Controls), f.Effect.String(), f.Person},
		})
	}
	return writeJSON(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifRuleOf describes a rule: in short what it says, in full why it is, and as help what to do.
func sarifRuleOf(r policies.Rule, lang string) sarifRule {
	short := general(r.Message.In(lang))
	return sarifRule{
		ID: r.Name, Short: sarifText{short}, Full: sarifText{cmp.Or(r.Why.In(lang), short)}, Help: sarifText{cmp.Or(general(r.Hint.In(lang)), short)},
		Default: sarifDefault{sarifLevel(r.Severity)}, Properties: sarifProperties{Controls: listed(r.Controls), Effect: r.Effect.String()},
	}
}

var parameter = regexp.MustCompile(`\{\w+\}`)

// general is a message of which no finding has filled in the parameters.
func general(s string) string { return parameter.ReplaceAllString(s, "…") }

func sarifLevel(severity string) string {
	if severity == "deny" {
		return "error"
	}
	return "warning"
}

// listed is a list that is never null in JSON.
func listed(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
