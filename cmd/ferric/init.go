package main

import (
	"context"
	"os/exec"
	"path/filepath"

	"ferric/album"
)

type initCmd struct {
	Album string `arg:"" help:"Folder of songs." type:"path"`
}

func (c *initCmd) Help() string {
	return "Writes what the files' tags and names say, with a line for everything that could be said besides. " +
		"An existing release.toml is never touched."
}

func (c *initCmd) Run(ctx context.Context, t *terminal) error {
	a, err := readAlbum(ctx, t, c.Album)
	if err != nil {
		return err
	}
	path, err := album.Init(a)
	if err != nil {
		return err
	}
	by := ""
	if a.Artist != "" {
		by = " by " + a.Artist
	}
	t.say("%s is written: %d %s, %s%s.", path, len(a.Tracks), plural(len(a.Tracks), "track", "tracks"), a.Title, by)
	t.say("Mend what is wrong in it, then: ferric press %s -o %s-pressing", c.Album, filepath.Clean(c.Album))
	return nil
}

// readAlbum reads a folder with progress; what its owner should know goes to the error stream.
func readAlbum(ctx context.Context, t *terminal, dir string) (*album.Album, error) {
	bar := t.progress()
	a, notices, err := album.Read(ctx, dir, album.Options{
		FFmpeg:   findFFmpeg(),
		Progress: func(done, total int) { bar.set("reading tracks", float64(done)/float64(total)) },
	})
	bar.close()
	for _, n := range notices {
		t.warn(n.Text, "")
	}
	return a, err
}

// findFFmpeg is the user's own ffmpeg, "" without one. It is only ever given files that the user named.
func findFFmpeg() string {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return ""
	}
	return path
}
