package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"ferric/internal/store/storetest"
)

// TestTerminalOfAHostileShop: what a shop answers reaches the terminal of who publishes to it or audits it as words, never as
// what moves the cursor, names the window, copies to the clipboard or runs backwards.
func TestTerminalOfAHostileShop(t *testing.T) {
	const hostile = "\x1b]0;owned\x07\x1b[2J\x1b[1;1H\x1b]52;c;cm0=\x07\u009b31m\u202egnp.exe\u2066\r\x08\x00 words"
	folder := storetest.NewPressing(t, "A", "B", "C", 1).Folder(t)
	for name, answer := range map[string]http.HandlerFunc{
		"a refusal": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			json.NewEncoder(w).Encode(map[string]string{"error": hostile, "kind": hostile, "field": hostile})
		},
		"text":     func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(hostile)) },
		"an error": func(w http.ResponseWriter, r *http.Request) { http.Error(w, hostile, http.StatusForbidden) },
		"a way": func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Location"] = []string{"http://x/" + strings.ReplaceAll(hostile, "\r", "")}
			w.WriteHeader(302)
		},
		"a published": func(w http.ResponseWriter, r *http.Request) {
			json.NewEncoder(w).Encode(map[string]any{"id": hostile, "done": map[string]any{"release": hostile, "address": hostile, "path": hostile, "title": hostile}})
		},
		"a key": func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("evil" + hostile + "+00000000+AAAA\n\n— evil" + hostile + " AAAA\n"))
		},
	} {
		shop := httptest.NewServer(answer)
		commands := [][]string{{"audit", shop.URL}}
		if name == "a refusal" || name == "an error" { // the others it takes for a bad line, and tries again for minutes
			commands = append(commands, []string{"publish", folder, "--to", shop.URL, "--token", "t"})
		}
		for _, args := range commands {
			code, out, said := ferric(args...)
			if code == exitDone && args[0] == "audit" {
				t.Errorf("%s: %s says all is well", name, args[0])
			}
			for _, r := range out + said {
				if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Errorf("%s: %s writes %q to the terminal:\n%q", name, args[0], r, out+said)
					break
				}
			}
		}
		shop.Close()
	}
}
