package listen

import (
	"context"
	"os"
	"path/filepath"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/pressing"
)

// Folder is a pressing on disk, to be heard with no shop: it is the Files of a
// Listening, and its Store is the one to give with it (with Config.Own).
type Folder struct {
	*Memory
	Manifest *pressing.Manifest
	Release  catalog.Release
	root     *os.Root
	files    map[string]string // names by hash
}

// OpenFolder opens the pressing in dir.
func OpenFolder(dir string) (*Folder, error) {
	m, err := pressing.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Manifest: m, files: map[string]string{}}
	r := catalog.Release{ID: "folder", Title: m.Release.Title, CatalogNumber: m.Release.CatalogNumber, Accent: m.Release.Accent, Tape: m.Tape.Name}
	r.Detail.Tape = catalog.Tape{Name: m.Tape.Name, Type: m.Tape.Type, Formulation: m.Tape.Formulation, DolbyDBFS: m.Master.DolbyDBFS}
	for _, file := range m.Files {
		f.files[file.SHA256] = file.Name
		for _, s := range m.Sides {
			if p := s.Programme; p.File == file.Name {
				r.Detail.Sides = append(r.Detail.Sides, catalog.Side{Name: s.Name, Programme: file.SHA256, Frames: p.Frames, Rate: p.SampleRate, Bits: p.Bits})
			}
		}
	}
	f.Release, f.Memory = r, NewMemory(r)
	if f.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	return f, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Open opens a side's programme.
func (f *Folder) Open(_ context.Context, sha256 string) (Sound, error) {
	name, ok := f.files[sha256]
	if !ok {
		return nil, fault.New(fault.NotFound, "This pressing has no such file.")
	}
	file, err := f.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return diskFile{file, info.Size()}, nil
}

type diskFile struct {
	*os.File
	size int64
}

func (f diskFile) Size() int64 { return f.size }
