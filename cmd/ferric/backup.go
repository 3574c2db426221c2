package main

import (
	"context"
	"errors"
	"fmt"

	"ferric/internal/app"
	"ferric/internal/backup"
)

// placeFlags say where a shop is kept.
type placeFlags struct {
	Data     string `help:"Folder that holds the shop." default:"ferric-data" env:"FERRIC_DATA" type:"path" placeholder:"DIR"`
	Database string `help:"postgres://user:password@host/name, when PostgreSQL has the shop's rows. Default: SQLite in the data folder." env:"FERRIC_DATABASE" placeholder:"URL"`
}

func (f placeFlags) place() app.Place { return app.Place{Data: f.Data, Database: f.Database} }

type backupCmd struct {
	placeFlags
	Dest          string `arg:"" help:"Folder of the backups, on another disk. It is made when it is not there; snapshots in it share what they have in common." type:"path"`
	WithoutSecret bool   `help:"Leave secret.key out. Keep it elsewhere, then: without it the shop's log cannot go on."`
	Keep          int    `help:"How many snapshots stay; older ones are removed. Default: all." placeholder:"N"`
	Full          bool   `help:"Also read everything that the folder has already, and write anew what is no longer whole."`
	JSON          bool   `name:"json" help:"Answer as JSON."`
}

func (c *backupCmd) Help() string {
	return "Takes a snapshot of a shop while it is open: its rows in one consistent reading, its files, and its secret, each under its SHA-256. What the folder has " +
		"already is not written again. All that the shop acknowledged before is in it. The snapshot appears when all of it is on disk, so a backup that was " +
		"killed leaves none. Exit code 0 when all is there, 3 when the shop itself had lost a file: the rest is taken all the same.\n\n" +
		"  ferric backup --data shop /mnt/disk/shop-backup --keep 30\n\nThe folder holds personal data and, unless it is left out, the secret: " +
		"whoever has them can sign as the shop. Try what it is worth with ferric restore."
}

func (c *backupCmd) Run(ctx context.Context, t *terminal) error {
	if c.Keep < 0 {
		return fmt.Errorf("%w: --keep is 1 or more", errUsage)
	}
	bar := t.progress()
	r, err := app.Backup(ctx, c.place(), c.Dest, !c.WithoutSecret, backup.Options{Keep: c.Keep, Full: c.Full, Progress: bar.set})
	bar.close()
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if c.JSON {
		if err := writeJSON(t.out, map[string]any{"id": r.ID, "taken": r.Taken, "rows": r.Rows(), "files": len(r.Files), "bytes": r.Bytes(), "written": r.Written,
			"log_size": r.Log.Size, "checkpoint": r.Log.Checkpoint, "secret": r.Secret != "", "lost": r.Lost, "removed": r.Removed}); err != nil {
			return err
		}
	} else {
		t.say("%s  %d rows, %d files, %s; %s of them new", t.bold("Snapshot "+r.ID), r.Rows(), len(r.Files), bytesText(r.Bytes()), bytesText(r.Written))
		t.say("The ownership log had %d entries.", r.Log.Size)
		if r.Removed > 0 {
			t.say("%d older snapshots were removed.", r.Removed)
		}
		if r.Secret == "" {
			t.say("%s: secret.key is not in it. Without it the log cannot go on.", t.care("Note"))
		}
	}
	if len(r.Lost) > 0 {
		for _, f := range r.Lost {
			t.say("  %s the shop's own file %s is missing or not whole", t.bad("lost"), f.SHA256)
		}
		t.fail(errors.New("the snapshot has everything but what the shop itself has lost; ferric doctor says more"))
		return errors.Join(errSaid, errFound)
	}
	return nil
}
