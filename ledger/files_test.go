package ledger

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
)

// TestFilesAreWhatAnAuditReads: the list of files names every tile that an audit opens, in its order, and no other.
func TestFilesAreWhatAnAuditReads(t *testing.T) {
	s := newShop(t)
	run := s.declare("first edition", few(600))
	for n := range few(600) {
		s.mint(run, n+1)
	}
	log := &watched{MapFS: s.export()}
	if _, err := Audit(t.Context(), log, Trust{}, nil); err != nil {
		t.Fatal(err)
	}
	want := append([]string{CheckpointPath, KeyPath}, slices.Collect(Files(int64(len(s.leaves))))...)
	if !slices.Equal(log.opened, want) {
		t.Errorf("opened %v\nlisted %v", log.opened, want)
	}
	for _, name := range want {
		if info, err := fs.Stat(log.MapFS, name); err != nil || info.Size() > MostBytes(name) {
			t.Errorf("%s: %v, at most %d bytes (%v)", name, info, MostBytes(name), err)
		}
	}
	for name := range Files(MaxSize) { // a size that somebody claims
		if name != "tile/entries/000" {
			t.Errorf("the first file of the largest log is %s", name)
		}
		break
	}
}

type watched struct {
	fstest.MapFS
	opened []string
}

func (w *watched) Open(name string) (fs.File, error) {
	w.opened = append(w.opened, name)
	return w.MapFS.Open(name)
}
