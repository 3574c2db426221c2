package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"ferric/ledger"
)

type auditCmd struct {
	Log string `arg:"" help:"Address of a shop or of its log, as https://tapes.example/ledger, or a folder with a log's files: checkpoint, key and tile/." placeholder:"URL"`
	trustFlags
	Timeout time.Duration `help:"How long one file of a log on the web may take." default:"30s"`
	JSON    bool          `name:"json" help:"Answer as JSON."`
}

func (c *auditCmd) Help() string {
	return "Replays a shop's whole log, from the web or from a folder: every number minted once, nothing after the close of a run, every " +
		"void explained, every entry signed by who had the right, and all of it what the checkpoint signs. With --seen " +
		"FILE it also compares with the log as it was last seen, and keeps the new checkpoint there when all is well. A log " +
		"with two histories is proven in FILE.fork, which ferric verify reads. Exit code 0 only when nothing is wrong, 3 when " +
		"something is, 4 when there is no log, 1 when it could not be read to its end, which says nothing about it. Only the address " +
		"that is named is asked.\n\n  ferric audit https://tapes.example --seen shop.seen"
}

func (c *auditCmd) Run(ctx context.Context, t *terminal) error {
	trust, err := c.trust(true)
	if err != nil {
		return err
	}
	r, err := c.replay(ctx, trust, t)
	if err != nil {
		return err
	}
	kept, err := c.keep(r)
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(t.out, c.json(r, kept))
	} else {
		c.tell(r, kept, t)
	}
	if err == nil && r.Count > 0 {
		t.fail(fmt.Errorf("%s: %d things are wrong with this log", c.Log, r.Count))
		return errors.Join(errSaid, errFound)
	}
	return err
}

// replay audits the log, wherever it is.
func (c *auditCmd) replay(ctx context.Context, trust ledger.Trust, t *terminal) (*ledger.Report, error) {
	var files fs.FS
	lost := func() error { return nil }
	if strings.HasPrefix(c.Log, "https://") || strings.HasPrefix(c.Log, "http://") {
		web, err := openWebLog(ctx, c.Log, c.Timeout)
		if err != nil {
			return nil, err
		}
		defer web.close()
		files, lost = web, web.lost
	} else {
		root, err := os.OpenRoot(c.Log) // a link in the folder leads nowhere outside it
		if err != nil {
			return nil, err
		}
		defer root.Close()
		files = root.FS()
	}
	bar := t.progress()
	r, err := ledger.Audit(ctx, files, trust, func(done float64) { bar.set("replaying", done) })
	bar.close()
	if lost := lost(); lost != nil {
		return nil, fmt.Errorf("the log could not be read to its end, which says nothing about it: %w", lost)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Log, err)
	}
	return r, nil
}

// keep writes what was seen when all is well, or the proof of two histories; it names the file.
func (c *auditCmd) keep(r *ledger.Report) (string, error) {
	switch {
	case c.Seen == "":
		return "", nil
	case r.Count == 0:
		return c.Seen, writeBytes(c.Seen, ledger.Seen{Signed: r.Signed}.Encode())
	case r.Fork != nil:
		return c.Seen + ".fork", writeBytes(c.Seen+".fork", r.Fork.Encode())
	}
	return "", nil
}

func (c *auditCmd) tell(r *ledger.Report, kept string, t *terminal) {
	t.say("%s", t.bold(fmt.Sprintf("%s, %d entries", r.Origin, r.Size)))
	for _, run := range r.Runs {
		state := "open"
		if run.Closed {
			state = "closed"
		}
		t.say("  run %s  %d numbers, %d minted, %d owned, %d void, %s", ledger.Hex(run.ID)[:12], run.Size, run.Minted, run.Owned, run.Void, state)
	}
	for _, f := range r.Findings {
		where := "log"
		if f.Index >= 0 {
			where = fmt.Sprintf("entry %d", f.Index)
		}
		t.say("  %s %s: %v", t.bad("bad"), where, f.Err)
	}
	if more := r.Count - len(r.Findings); more > 0 {
		t.say("  and %d more", more)
	}
	if r.Count == 0 {
		t.say("%s: every number minted once, nothing after a close, every void explained, each entry signed by who had the right.", t.good("Sound"))
		if r.ByLabel > 0 {
			t.say("%d times the label, not the owner, handed a copy on or took it back.", r.ByLabel)
		}
	}
	if r.KeyTrusted {
		t.say("Signed with the key that you know: %s", r.Key)
	} else {
		t.say("%s: the key is the one that stands beside the log. Compare it with the one that the shop shows, or name that with --key:", t.care("Note"))
		t.say("  %s", r.Key)
	}
	switch r.Growth {
	case ledger.Same:
		t.say("The log is as you last saw it.")
	case ledger.GrewOutOf:
		t.say("The log grew out of what you last saw, and nothing in that has changed.")
	}
	switch {
	case r.Fork != nil && kept != "":
		t.say("The log has signed two histories. The proof is in %s: show it to anybody, it needs nothing else.", kept)
	case kept != "":
		t.say("Kept in %s, to compare with next time.", kept)
	}
}

func (c *auditCmd) json(r *ledger.Report, kept string) map[string]any {
	runs, findings := []map[string]any{}, []map[string]any{}
	for _, run := range r.Runs {
		runs = append(runs, map[string]any{"run": ledger.Hex(run.ID), "size": run.Size, "minted": run.Minted, "owned": run.Owned, "void": run.Void, "closed": run.Closed})
	}
	for _, f := range r.Findings {
		one := map[string]any{"text": f.Err.Error()}
		if f.Index >= 0 {
			one["index"] = f.Index
		}
		findings = append(findings, one)
	}
	return map[string]any{"sound": r.Count == 0, "origin": r.Origin, "entries": r.Size, "root": r.Root.String(), "key": r.Key, "key_known": r.KeyTrusted,
		"seen": r.Growth.String(), "runs": runs, "copies": r.Copies, "by_label": r.ByLabel, "findings": findings, "count": r.Count, "kept": kept}
}
