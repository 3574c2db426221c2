package pressing

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func sampleManifest() *Manifest {
	level := -14.03
	return &Manifest{
		Schema: Schema, Tool: Tool{"ferric", "test"},
		Release:  Release{Title: "A", Artist: "B"},
		Tape:     Tape{Name: "C46", MinutesPerSide: 23},
		Sides:    []Side{{Name: "A", Programme: Programme{File: "side-a.wav", IntegratedLUFS: &level}, Tracks: []Track{{Position: "A1", Title: "One"}}}},
		LineUp:   []Tone{},
		Findings: []Finding{},
		Files:    []File{{Name: "side-a.wav", Size: 3, SHA256: "ab", MD5: "cd"}},
	}
}

func TestManifestRoundTrip(t *testing.T) {
	var b bytes.Buffer
	want := sampleManifest()
	if _, err := want.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	got, err := parseManifest(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestManifestRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":       `hello`,
		"other schema":   `{"schema":"ferric.pressing/2"}`,
		"no schema":      `{}`,
		"unknown field":  `{"schema":"ferric.pressing/1","extra":1}`,
		"leads out":      `{"schema":"ferric.pressing/1","files":[{"name":"../x"}]}`,
		"absolute":       `{"schema":"ferric.pressing/1","files":[{"name":"/etc/passwd"}]}`,
		"twice the same": `{"schema":"ferric.pressing/1","files":[{"name":"a"},{"name":"a"}]}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, manifestName), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadManifest(dir); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	var b bytes.Buffer
	sampleManifest().WriteTo(&b)
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":"ferric.pressing/1","files":[{"name":"a/../../b"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if !filepath.IsLocal(filepath.FromSlash(file.Name)) {
				t.Fatalf("%q leads out of the folder", file.Name)
			}
		}
	})
}
