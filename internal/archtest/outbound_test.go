package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// outward are the packages that may reach out of the process, and what for. Whatever else would be a way for a stranger's
// words to make the shop ask somebody (SSRF), or run something.
var outward = map[string]string{
	"internal/mail":            "mails go to the server that the settings name",
	"internal/store/postgres":  "the database that the settings name",
	"internal/store/storetest": "a test kit: starts a PostgreSQL of its own",
	"internal/chromium":        "a test kit: starts a browser",
	"internal/load":            "a load generator for a shop on this machine, no part of ferric",
	"internal/app":             "takes connections",
	"audio/codec":              "ferric press asks the ffmpeg of the one who runs it about files of their own; the shop never does",
	"cmd/ferric":               "ferric publish and ferric audit ask the shop that they are told; ferric play and bench start what they are told",
}

// TestNobodyAsksElsewhere reads every call by which Go dials, asks an address or starts a program.
func TestNobodyAsksElsewhere(t *testing.T) {
	calls := map[string]bool{"net.Dial": true, "net.DialTimeout": true, "net.Dialer": true, "net.Listen": true, "net.LookupHost": true, "net.LookupIP": true, "net.Resolver": true, "net.DefaultResolver": true,
		"http.Get": true, "http.Post": true, "http.PostForm": true, "http.Head": true, "http.Client": true, "http.DefaultClient": true, "http.Transport": true, "http.DefaultTransport": true,
		"http.NewRequest": true, "http.NewRequestWithContext": true, "httputil.ReverseProxy": true, "tls.Dial": true, "exec.Command": true, "exec.CommandContext": true, "os.StartProcess": true, "syscall.Exec": true, "syscall.ForkExec": true,
		"smtp.Dial": true, "smtp.SendMail": true, "plugin.Open": true}
	for _, p := range load(t) {
		if p.room() == "tools" {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := sel.X.(*ast.Ident); ok && calls[x.Name+"."+sel.Sel.Name] && outward[p.rel()] == "" {
						t.Errorf("%s: %s.%s; only these reach out: %v", fset.Position(sel.Pos()), x.Name, sel.Sel.Name, keys(outward))
					}
				}
				return true
			})
		}
	}
}

// TestSQLIsWritten: what a statement is made of stands in the program. A query is put together from constants, marks of
// arguments ($N) and names of our own, never from what came in: no query is printed with %.
func TestSQLIsWritten(t *testing.T) {
	statement := regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|PRAGMA|CREATE|DROP|ALTER)\s`)
	for _, p := range load(t) {
		if !below(p.rel(), "internal/store") || slices.Contains(Kits, p.rel()) {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 {
					return true
				}
				sel, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !strings.HasPrefix(sel.Sel.Name, "Sprint") {
					return true
				}
				if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING && statement.MatchString(strings.Trim(lit.Value, "`\"")) {
					t.Errorf("%s: a statement is printed: %s", fset.Position(call.Pos()), lit.Value)
				}
				return true
			})
		}
	}
}

// TestFaultsAreHeld: every test that docs/faults.md names is there, so that its table says the truth.
func TestFaultsAreHeld(t *testing.T) {
	text, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz|test)[A-Za-z0-9]+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 40 {
		t.Errorf("docs/faults.md names only %d tests", len(named))
	}
	there := map[string]map[string]bool{}
	for _, n := range named {
		folder, test := n[1], n[2]
		if there[folder] == nil {
			there[folder] = map[string]bool{}
			files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
			if err != nil || len(files) == 0 {
				t.Errorf("docs/faults.md names a test of %s, which is no package", folder)
			}
			for _, name := range files {
				file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range file.Decls {
					if f, ok := d.(*ast.FuncDecl); ok {
						there[folder][f.Name.Name] = true
					}
				}
			}
		}
		if !there[folder][test] {
			t.Errorf("docs/faults.md names %s.%s, which is not there", folder, test)
		}
	}
}
