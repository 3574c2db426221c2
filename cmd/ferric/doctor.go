package main

import (
	"context"
	"errors"
	"fmt"

	"ferric/internal/app"
	"ferric/internal/doctor"
)

type doctorCmd struct {
	placeFlags
	Part   string `help:"Read only a part of the files, such as 1/10 today and 2/10 tomorrow. Everything else is always looked at." placeholder:"N/T"`
	Repair bool   `help:"Mend what needs no decision: write the log's public files again as they follow from the database, and drop remains of uploads. The shop must be closed."`
	JSON   bool   `name:"json" help:"Answer as JSON."`
}

func (c *doctorCmd) Help() string {
	return "Looks a shop over, also while it is open: every page and row of the database and the rules between them, every entry, signature and hash of the " +
		"ownership log as the database has it and as the public sees it, and every file. It only reads. Exit code 0 only when all is whole and agrees, 3 when something is not.\n\n" +
		"  ferric doctor --data shop\n\nWhat was lost for good comes back from a backup; docs/operations.md says how."
}

func (c *doctorCmd) Run(ctx context.Context, t *terminal) error {
	part := doctor.Part{N: 1, Of: 1}
	if c.Part != "" {
		if n, err := fmt.Sscanf(c.Part, "%d/%d", &part.N, &part.Of); err != nil || n != 2 || part.Of < 1 || part.N < 1 || part.N > part.Of || c.Part != fmt.Sprintf("%d/%d", part.N, part.Of) {
			return fmt.Errorf("%w: --part is such as 1/10", errUsage)
		}
	}
	r, err := c.examine(ctx, t, part)
	if err != nil {
		return err
	}
	mended := false
	if c.Repair && (r.Parts > 0 || mendable(r)) {
		if err := app.Mend(ctx, c.place()); err != nil {
			t.fail(fmt.Errorf("repair: %w", err))
		} else {
			mended = true
		}
		if r, err = c.examine(ctx, t, part); err != nil {
			return err
		}
	}
	if c.JSON {
		err = writeJSON(t.out, map[string]any{"sound": r.Sound(), "rows": r.Rows, "entries": r.Entries, "signed": r.Signed, "files": r.Files, "skipped": r.Skipped,
			"parts": r.Parts, "findings": r.Findings, "count": r.Count, "mended": mended})
	} else {
		c.tell(t, r, mended)
	}
	if err == nil && !r.Sound() {
		t.fail(fmt.Errorf("%s: %d things are wrong", c.Data, r.Count))
		return errors.Join(errSaid, errFound)
	}
	return err
}

func mendable(r *doctor.Report) bool {
	for _, f := range r.Findings {
		if f.Mend {
			return true
		}
	}
	return false
}

func (c *doctorCmd) examine(ctx context.Context, t *terminal, part doctor.Part) (*doctor.Report, error) {
	bar := t.progress()
	defer bar.close()
	r, err := app.Examine(ctx, c.place(), part, bar.set)
	if err != nil {
		return nil, fmt.Errorf("doctor: %w", err)
	}
	return r, nil
}

func (c *doctorCmd) tell(t *terminal, r *doctor.Report, mended bool) {
	t.say("%s: %d rows, %d entries in the log (%d signed), %d files read", t.bold(c.Data), r.Rows, r.Entries, r.Signed, r.Files)
	if r.Skipped > 0 {
		t.say("%d files are of other parts and were not read.", r.Skipped)
	}
	if mended {
		t.say("What could be mended was mended.")
	}
	for _, f := range r.Findings {
		note := ""
		if f.Mend {
			note = "  (--repair mends it)"
		}
		t.say("  %s %-8s %s%s", t.bad("bad"), f.Area, f.Text, note)
	}
	if more := r.Count - len(r.Findings); more > 0 {
		t.say("  and %d more", more)
	}
	if r.Parts > 0 {
		t.say("%d uploads left remains that nobody continues; the shop drops them while it runs, and so does --repair.", r.Parts)
	}
	if r.Sound() {
		t.say("%s: database, files and log are whole and agree.", t.good("Sound"))
	}
}
