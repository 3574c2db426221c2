package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "ferric/"

type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	Doc        string
	GoFiles    []string
	Imports    []string
}

// rel is the package's path inside the module.
func (p pkg) rel() string { return strings.TrimPrefix(p.ImportPath, module) }

// room is the first part of the path: "audio" of "audio/wav".
func (p pkg) room() string { return room(p.rel()) }

func room(rel string) string { first, _, _ := strings.Cut(rel, "/"); return first }

func (p pkg) craft() bool { return p.room() != "internal" && p.room() != "cmd" }

func load(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Doc,GoFiles,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(all) < 5 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

func below(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

func TestImports(t *testing.T) {
	all := load(t)
	for _, p := range all {
		for _, imp := range p.Imports {
			own := strings.HasPrefix(imp, module)
			target := strings.TrimPrefix(imp, module)
			for _, r := range Rules {
				if (r.From == "craft" && p.craft() || below(p.rel(), r.From)) && below(target, r.Never) && p.rel() != r.But {
					t.Errorf("%s imports %s: %s", p.rel(), target, r.Why)
				}
			}
			for never, why := range DomainsNever {
				if slices.ContainsFunc(Domains, func(d string) bool { return below(p.rel(), d) }) && below(target, never) {
					t.Errorf("%s imports %s: %s", p.rel(), target, why)
				}
			}
			if !p.craft() {
				continue
			}
			if own {
				checkOrder(t, p, target)
			} else if strings.Contains(room(imp), ".") && !slices.ContainsFunc(keys(Libraries), func(l string) bool { return below(imp, l) }) {
				t.Errorf("%s imports %s, which is not on the list of libraries for craft", p.rel(), imp)
			}
			if imp == "os" && !slices.ContainsFunc(OS, func(r string) bool { return below(p.rel(), r) }) {
				t.Errorf("%s imports os; only %v touch files by name", p.rel(), OS)
			}
		}
	}
}

func checkOrder(t *testing.T, p pkg, target string) {
	t.Helper()
	from, to := p.room(), room(target)
	if from == to {
		return
	}
	if slices.Contains(Alone, from) {
		t.Errorf("%s imports %s; %s stands alone", p.rel(), target, from)
	}
	i, j := slices.Index(Order, from), slices.Index(Order, to)
	if i < 0 {
		t.Errorf("%s: the room %q is not in Order", p.rel(), from)
	} else if j > i {
		t.Errorf("%s imports %s, which comes after it in the life of a tape", p.rel(), target)
	}
}

// TestKitsAreNotLinked: no package that a program or another package is made of imports a test kit.
func TestKitsAreNotLinked(t *testing.T) {
	for _, p := range load(t) {
		for _, imp := range p.Imports {
			if target := strings.TrimPrefix(imp, module); slices.Contains(Kits, target) {
				t.Errorf("%s imports the test kit %s outside a test", p.rel(), target)
			}
		}
	}
}

func TestEveryNameExists(t *testing.T) {
	rooms := map[string]bool{"craft": true}
	used := map[string]bool{}
	for _, p := range load(t) {
		rooms[p.room()], rooms[p.rel()] = true, true
		for _, imp := range p.Imports {
			for lib := range Libraries {
				if below(imp, lib) {
					used[lib] = true
				}
			}
		}
	}
	for _, name := range slices.Concat(Order, Alone, OS, Domains, Kits) {
		if !rooms[name] {
			t.Errorf("%q is in a table but not in the tree", name)
		}
	}
	for _, r := range Rules {
		if !rooms[r.From] {
			t.Errorf("rule from %q names no room", r.From)
		}
		if r.But != "" && !rooms[r.But] {
			t.Errorf("rule from %q names %q, which is not in the tree", r.From, r.But)
		}
	}
	for lib := range Libraries {
		if !used[lib] {
			t.Errorf("library %s is on the list and unused", lib)
		}
	}
}

func TestPackageNamesAndComments(t *testing.T) {
	for _, p := range load(t) {
		if slices.Contains(Unwelcome, p.Name) {
			t.Errorf("%s: a package name should say what it is", p.rel())
		}
		if len(p.GoFiles) > 0 && len(p.Doc) < 20 {
			t.Errorf("%s has no package comment that teaches its subject", p.rel())
		}
	}
}

// TestCraftHasNoClock parses the craft for time.Now and its kin: what a function does must follow from what it is given.
func TestCraftHasNoClock(t *testing.T) {
	clock := map[string]bool{"time.Now": true, "time.Since": true, "time.Until": true, "os.Getenv": true, "os.LookupEnv": true}
	for _, p := range load(t) {
		if !p.craft() {
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
					if x, ok := sel.X.(*ast.Ident); ok && clock[x.Name+"."+sel.Sel.Name] {
						t.Errorf("%s: the craft calls %s.%s", fset.Position(sel.Pos()), x.Name, sel.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

func keys(m map[string]string) []string {
	var ks []string
	for k := range m {
		ks = append(ks, k)
	}
	return ks
}
