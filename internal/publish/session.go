package publish

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"syscall"
	"time"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/pressing"
)

// MaxManifest is how many bytes a manifest may have. A run of a hundred thousand numbers has ten million.
const MaxManifest = 16 << 20

// Ask is a pressing that somebody wants to publish.
type Ask struct {
	Label    catalog.LabelID
	Account  string // who asks
	Manifest []byte // release.json as it stands in the pressing
	Repress  bool   // a further run of a release that is public
}

// Begin begins a session, or finds the one that is under way for this pressing.
func (d *Desk) Begin(ctx context.Context, a Ask) (Session, error) {
	if len(a.Manifest) > MaxManifest {
		return Session{}, fault.Newf(fault.Invalid, "A manifest has at most %d MB.", MaxManifest/1_000_000)
	}
	d.parsing.Lock() // a hostile one takes as much memory as it has bytes several times over
	defer d.parsing.Unlock()
	m, err := pressing.ParseManifest(a.Manifest)
	if err != nil {
		return Session{}, fault.Wrap(err, fault.Invalid, "This is not the release.json of a pressing, or one of another version. Run ferric check on the folder.")
	}
	files, err := d.wanted(m, a.Manifest)
	if err != nil {
		return Session{}, err
	}
	u := Upload{ID: rand.Text(), Label: a.Label, Account: a.Account, Manifest: files[0].SHA256, Repress: a.Repress, Files: files}
	for _, f := range files {
		u.Bytes += f.Size
	}
	var done *Result
	err = d.store.Update(ctx, func(tx Tx) (err error) {
		done = nil
		u.Made = d.clock()
		u.Expires = u.Made.Add(d.cfg.KeepFor)
		if _, err := tx.Label(u.Label); err != nil {
			return err
		}
		if done, err = d.kept(tx, u); err != nil || done != nil {
			return err
		}
		if err := mayPublish(tx, u, m); err != nil {
			return err
		}
		under, err := tx.Uploads(u.Label)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(under, func(o Upload) bool { return o.Manifest == u.Manifest && o.Repress == u.Repress }); i >= 0 {
			u = under[i]
			return nil
		}
		stored, err := tx.Stored(u.Label)
		if err != nil {
			return err
		}
		for _, o := range under {
			stored += o.Bytes
		}
		switch {
		case len(under) >= d.cfg.MaxSessions:
			return fault.Newf(fault.Limit, "%d pressings of this label are on their way already. Finish one of them, or wait until it is given up.", len(under))
		case stored+u.Bytes > d.cfg.MaxLabel:
			return fault.Newf(fault.Limit, "The label's files would be %d GB, and it may keep %d GB here. Nothing was changed.", (stored+u.Bytes)>>30, d.cfg.MaxLabel>>30)
		}
		return tx.InsertUpload(u)
	})
	if err != nil {
		return Session{}, err
	}
	if done != nil {
		return Session{Label: u.Label, Files: []Wanted{}, Done: done}, nil
	}
	if err := d.putManifest(ctx, u, a.Manifest); err != nil {
		return Session{}, trouble(err)
	}
	return d.session(ctx, u)
}

// putManifest writes the manifest as the session's first file, unless it is there.
func (d *Desk) putManifest(ctx context.Context, u Upload, text []byte) error {
	parts, err := d.blobs.Parts(u.ID)
	if err != nil {
		return err
	}
	have := parts[u.Manifest]
	if have == int64(len(text)) {
		return nil
	}
	_, err = d.blobs.Append(ctx, u.ID, u.Manifest, have, int64(len(text)), bytes.NewReader(text[min(have, int64(len(text))):]))
	return err
}

// Session is a session under way.
func (d *Desk) Session(ctx context.Context, id string) (Session, error) {
	u, err := d.upload(ctx, id)
	if err != nil {
		return Session{}, err
	}
	return d.session(ctx, u)
}

func (d *Desk) upload(ctx context.Context, id string) (u Upload, err error) {
	err = d.store.View(ctx, func(tx Tx) error { u, err = tx.Upload(id); return err })
	if err == nil && !u.Expires.After(d.clock()) {
		err = fault.New(fault.Gone, "This upload was given up after a long silence. Publish the pressing again; nothing was kept.")
	}
	return u, err
}

// session says how much of each file is there. What another label has is not known here: who
// could publish a file by its hash alone would get what was never theirs.
func (d *Desk) session(ctx context.Context, u Upload) (Session, error) {
	parts, err := d.blobs.Parts(u.ID)
	if err != nil {
		return Session{}, err
	}
	s := Session{ID: u.ID, Label: u.Label, Expires: u.Expires, Files: []Wanted{}}
	err = d.store.View(ctx, func(tx Tx) error {
		s.Files = s.Files[:0]
		for _, f := range u.Files {
			w := Wanted{f, parts[f.SHA256]}
			if has, err := d.has(tx, u.Label, f); err != nil {
				return err
			} else if has {
				w.Have = f.Size
			}
			s.Files = append(s.Files, w)
		}
		return nil
	})
	return s, err
}

// has reports a file that one of the label's releases has already.
func (d *Desk) has(tx Tx, label catalog.LabelID, f File) (bool, error) {
	if size, err := d.blobs.Stat(f.SHA256); err != nil || size != f.Size {
		return false, nil
	}
	return tx.Has(label, f.SHA256)
}

// Put adds what r gives to a file, behind the offset bytes that are there, and returns how many are there then. When the
// file ends elsewhere the error is an *OffsetError that says where. What came before r or the connection failed is kept.
func (d *Desk) Put(ctx context.Context, id, hash string, offset int64, r io.Reader) (int64, error) {
	u, err := d.upload(ctx, id)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(u.Files, func(f File) bool { return f.SHA256 == hash })
	if i < 0 {
		return 0, fault.New(fault.NotFound, "This upload wants no such file.")
	}
	if err := d.extend(ctx, u); err != nil {
		return 0, err
	}
	have, err := d.blobs.Append(ctx, id, hash, offset, u.Files[i].Size, r)
	if errors.Is(err, blob.ErrOffset) {
		return have, &fault.Error{Kind: fault.Conflict, Text: "The file does not end there; go on where it ends.", Cause: &OffsetError{have}}
	}
	if err != nil {
		return have, trouble(err)
	}
	return have, nil
}

// extend lets a session in which something happens live on. Writing so once an hour is enough.
func (d *Desk) extend(ctx context.Context, u Upload) error {
	until := d.clock().Add(d.cfg.KeepFor)
	if until.Sub(u.Expires) < time.Hour {
		return nil
	}
	return d.store.Update(ctx, func(tx Tx) error {
		u, err := tx.Upload(u.ID)
		if err != nil {
			return err
		}
		u.Expires = until
		return tx.PutUpload(u)
	})
}

// trouble gives what the blobs say a text.
func trouble(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fault.Wrap(err, fault.Unavailable, "The shop's disk is full. What is there was kept; try again when there is room.")
	case errors.Is(err, blob.ErrBusy):
		return fault.Wrap(err, fault.Conflict, "Another connection is sending this file just now.")
	case errors.Is(err, blob.ErrTooBig):
		return fault.Wrap(err, fault.Invalid, "More bytes came than the manifest says the file has.")
	}
	return err
}

// GiveUp ends a session and drops what is there of it.
func (d *Desk) GiveUp(ctx context.Context, id string) error {
	err := d.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.Upload(id); err != nil {
			return err
		}
		return tx.DeleteUpload(id)
	})
	if err != nil {
		return err
	}
	return d.blobs.Drop(id)
}

func hashOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
