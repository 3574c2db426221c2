package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ferric/pressing"
)

func TestFindingsAlikeAreCounted(t *testing.T) {
	var out, err bytes.Buffer
	var all []pressing.Finding
	for range 200 {
		all = append(all, pressing.Finding{Severity: "care", Code: "tail", Text: "It stops."})
	}
	all = append(all, pressing.Finding{Severity: "note", Code: "cover", Text: "There is no cover."})
	sayFindings(newTerminal(&out, &err), all)
	got := out.String()
	if n := strings.Count(got, "It stops."); n != alike {
		t.Errorf("%d of them are shown", n)
	}
	if !strings.Contains(got, "and 196 more like these") || !strings.Contains(got, "There is no cover.") {
		t.Errorf("%s", got)
	}
	out.Reset()
	sayFindings(newTerminal(&out, &err), all[:alike])
	if strings.Contains(out.String(), "more like") {
		t.Errorf("%s", out.String())
	}
}

func TestHeading(t *testing.T) {
	m := &pressing.Manifest{Release: pressing.Release{Title: "Dusk"}}
	if got := heading(m); got != "Dusk" {
		t.Errorf("%q", got)
	}
	m.Release.Artist = "Weir"
	if got := heading(m); got != "Weir - Dusk" {
		t.Errorf("%q", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestAnswerLost: an answer that nobody got is a failure, whatever was done.
func TestAnswerLost(t *testing.T) {
	var errs bytes.Buffer
	if code := run([]string{"budget", "--copies", "10"}, strings.NewReader(""), full{}, &errs); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(errs.String(), "no space left") {
		t.Errorf("%s", errs.String())
	}
}
