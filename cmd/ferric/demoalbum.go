package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ferric/album/demo"
	"ferric/audio"
)

type demoAlbumCmd struct {
	Dir    string `arg:"" help:"Folder to write; it must not exist or be empty."`
	Seed   uint64 `help:"Another number is another performance, and another cover." default:"1"`
	Single bool   `help:"Two of its pieces, one a side: a cassette single."`

	Excerpt time.Duration `help:"Play only so long of each piece, for a quick try." placeholder:"TIME"`
}

func (c *demoAlbumCmd) Help() string {
	return "Eight pieces, played by code: 24-bit FLAC with tags, a cover and a release.toml. The same seed gives the same bytes."
}

func (c *demoAlbumCmd) Run(ctx context.Context, t *terminal) error {
	made, err := newDirectory(c.Dir)
	if err != nil {
		return err
	}
	bar := t.progress()
	var written []string
	err = demo.Write(ctx, func(name string) (demo.File, error) {
		path := filepath.Join(c.Dir, name)
		written = append(written, path)
		return os.Create(path)
	}, demo.Options{Seed: c.Seed, Single: c.Single, Excerpt: c.Excerpt, Progress: func(done, total audio.Frames) { bar.set("playing", float64(done)/float64(total)) }})
	bar.close()
	if err != nil {
		for _, path := range written {
			os.Remove(path)
		}
		if made {
			os.Remove(c.Dir)
		}
		return err
	}
	t.say("An album is in %s. Press it:", c.Dir)
	t.say("  ferric press %s -o %s-pressing", c.Dir, filepath.Clean(c.Dir))
	return nil
}

// newDirectory makes dir, or finds it empty. made says that it was not there before.
func newDirectory(dir string) (made bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case os.IsNotExist(err):
		return true, os.MkdirAll(dir, 0o777)
	case err != nil:
		return false, err
	case len(entries) > 0:
		return false, fmt.Errorf("%s is not empty; name a new folder", dir)
	}
	return false, nil
}
