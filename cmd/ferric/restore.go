package main

import (
	"context"
	"errors"
	"fmt"

	"ferric/internal/app"
	"ferric/internal/backup"
)

type restoreCmd struct {
	placeFlags
	Source string `arg:"" help:"Folder of the backups." type:"existingdir"`
	At     string `help:"Which snapshot, by its name. Default: the newest." placeholder:"SNAPSHOT"`
	Secret string `help:"File with the shop's secret, for a backup that was taken without." type:"existingfile" placeholder:"FILE"`
	Seen   string `help:"What the shop's log signed last: log.seen or log/checkpoint of the old data folder, or what ferric audit --seen kept." type:"existingfile" placeholder:"FILE"`
	Newest bool   `help:"Say that nothing was sold or handed on after the backup."`
	Check  bool   `help:"Only read the snapshot and compare every byte with its hash."`
	List   bool   `help:"Only list the snapshots."`
}

func (c *restoreCmd) Help() string {
	return "Brings a shop back from a backup, into a folder that is empty or not there and, with --database, an empty database of PostgreSQL, whichever of the two the " +
		"backup was taken from. Every hash is compared first.\n\nA shop's ownership log must never tell two histories, so it goes on only from the last checkpoint that it signed, " +
		"and no backup can know whether one was signed after it. Say what is so:\n\n  ferric restore /mnt/disk/shop-backup --data shop --seen old-shop/log.seen\n" +
		"  ferric restore /mnt/disk/shop-backup --data shop --newest\n\nWith --seen the two are compared. When the log has signed more than the " +
		"backup has, the shop stays closed and exit code 3 says so; so does it without either. docs/operations.md has what to do then."
}

func (c *restoreCmd) Run(ctx context.Context, t *terminal) error {
	if c.Newest && c.Seen != "" {
		return fmt.Errorf("%w: --newest says that nothing came after the backup, and --seen shows what did: give one of them", errUsage)
	}
	switch {
	case c.List:
		return c.list(t)
	case c.Check:
		return c.check(ctx, t)
	}
	bar := t.progress()
	r, err := app.Restore(ctx, c.place(), app.Restoring{From: c.Source, At: c.At, Secret: c.Secret, Seen: c.Seen, Newest: c.Newest, Progress: bar.set})
	bar.close()
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	t.say("%s is in %s: %d rows, %d files; the ownership log has %d entries.", t.bold("Snapshot "+r.ID), c.Data, r.Rows(), len(r.Files), r.Log.Size)
	for _, f := range r.Lost {
		t.say("  %s file %s: the shop had lost it before the backup", t.bad("lost"), f.SHA256)
	}
	switch {
	case r.Missing > 0:
		t.fail(fmt.Errorf("the shop's log has signed %d entries that this backup does not have. The shop stays closed, since it would sell again what was sold since. "+
			"Look for a newer backup or the old disk; docs/operations.md says what else can be done", r.Missing))
	case r.Locked:
		t.fail(errors.New("what the log signed last is not known, so the shop stays closed: put log.seen of the old data folder into " + c.Data +
			", or restore with --newest when it is certain that nothing was sold after the backup"))
	case len(r.Lost) > 0:
		t.fail(errors.New("some files were lost before the backup was taken"))
	default:
		t.say("Look it over with ferric doctor, and open it with ferric serve.")
		return nil
	}
	return errors.Join(errSaid, errFound)
}

func (c *restoreCmd) list(t *terminal) error {
	ids, err := backup.IDs(c.Source)
	if err != nil {
		return err
	}
	var bad error
	for _, id := range ids {
		s, err := backup.Open(c.Source, id)
		if err != nil {
			t.say("%s  %s", id, t.bad(err.Error()))
			bad = errors.Join(errSaid, errFound)
			continue
		}
		t.say("%s  %d rows, %d files, %s, %d entries in the log", id, s.Rows(), len(s.Files), bytesText(s.Bytes()), s.Log.Size)
		s.Close()
	}
	if len(ids) == 0 {
		return fmt.Errorf("%s: %w: the folder has none", c.Source, backup.ErrNone)
	}
	return bad
}

func (c *restoreCmd) check(ctx context.Context, t *terminal) error {
	s, err := backup.Open(c.Source, c.At)
	if err != nil {
		return err
	}
	defer s.Close()
	bar := t.progress()
	found, err := s.Check(ctx, bar.set)
	bar.close()
	if err != nil {
		return err
	}
	for _, f := range found {
		t.say("  %s %s", t.bad("bad"), f)
	}
	if len(found) > 0 {
		t.fail(fmt.Errorf("snapshot %s: %d things are not as they were. A new ferric backup --full mends what the shop still has", s.ID, len(found)))
		return errors.Join(errSaid, errFound)
	}
	t.say("%s: snapshot %s, %s.", t.good("Whole"), s.ID, bytesText(s.Bytes()))
	return nil
}
