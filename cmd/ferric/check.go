package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ferric/pressing"
)

type checkCmd struct {
	Dir  string `arg:"" help:"Folder that ferric press made." type:"path"`
	JSON bool   `name:"json" help:"Answer as JSON."`
}

func (c *checkCmd) Help() string {
	return "Reads every file and compares it with release.json, MD5SUMS and SHA256SUMS. Needs nothing but the folder. " +
		"Exit code 0 only when the pressing is whole, 3 when it is not, 4 when the folder is not a pressing."
}

func (c *checkCmd) Run(ctx context.Context, t *terminal) error {
	bar := t.progress()
	found, err := pressing.Check(ctx, c.Dir, func(done float64) { bar.set("reading", done) })
	bar.close()
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		faults := found.Faults
		if faults == nil {
			faults = []pressing.Fault{}
		}
		if err := enc.Encode(map[string]any{"whole": len(faults) == 0, "files": found.Files, "bytes": found.Bytes, "faults": faults}); err != nil {
			return err
		}
	} else {
		m := found.Manifest
		t.say("%s", t.bold(heading(m)))
		for _, f := range found.Faults {
			t.say("  %s %s %s", t.bad("bad"), f.File, f.Text)
		}
		if len(found.Faults) == 0 {
			t.say("%s: %d files, %s, all as the manifest says.", t.good("Whole"), found.Files, bytesText(found.Bytes))
		}
	}
	if n := len(found.Faults); n > 0 {
		t.fail(fmt.Errorf("%s: %w: %d of %d files are wrong; press again or take the folder from a backup", c.Dir, pressing.ErrNotWhole, n, len(found.Manifest.Files)))
		return errors.Join(errSaid, pressing.ErrNotWhole)
	}
	return nil
}

// bytesText is a size as people say it, in powers of ten.
func bytesText(n int64) string {
	v := float64(n)
	for _, unit := range []string{"bytes", "kB", "MB"} {
		if v < 1000 {
			if unit == "bytes" {
				return fmt.Sprintf("%d bytes", n)
			}
			return fmt.Sprintf("%.3g %s", v, unit)
		}
		v /= 1000
	}
	return fmt.Sprintf("%.3g GB", v)
}
