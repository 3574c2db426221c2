package catalog

import (
	"context"
	"strings"
	"time"

	"ferric/internal/fault"
)

// WindowTx is what the pages of labels, artists and releases need of a transaction.
type WindowTx interface {
	Label(LabelID) (Label, error)
	LabelBySlug(string) (Label, error)
	Labels() ([]Label, error) // by name, at most MaxLabels
	PutLabel(Label) error     // name and profile
	Artist(ArtistID) (Artist, error)
	ArtistBySlug(string) (Artist, error)
	ReleaseBySlug(LabelID, string) (Release, error)
	PutRelease(Release) error // all but its id, label, slug and creation
	DeleteRelease(ReleaseID) error
	PutWords(subject string, words []string) error // in place of earlier ones
	InsertPhoto(Photo) error
	Photos(RunID, int) ([]Photo, error)
}

// MaxLabels is how many labels one shop lists.
const MaxLabels = 1000

// Profile is what a label says of itself.
type Profile struct {
	About    string // who they are; several lines
	HowToPay string // bank details and the like, shown on the pages of orders
	Place    string // "Łódź"; optional
	Country  string // ISO 3166-1 alpha-2; optional
	Accent   string // the key of one of Accents, or "#RRGGBB"; '' is the first
}

func (p Profile) check() error {
	if err := CheckText("about", p.About, MaxText); err != nil {
		return err
	}
	if err := CheckText("how_to_pay", p.HowToPay, 2000); err != nil {
		return err
	}
	if p.Place != "" {
		if err := CheckName("place", p.Place, 100); err != nil {
			return err
		}
	}
	if p.Country != "" && (len(p.Country) != 2 || strings.ToUpper(p.Country) != p.Country || strings.Trim(p.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return fault.Field("country", "A country has two capital letters, such as PL.")
	}
	return CheckAccent(p.Accent)
}

// EditLabel changes a label's name and what it says of itself. Its address stays.
func (c *Catalog) EditLabel(ctx context.Context, id LabelID, name string, p Profile) (l Label, err error) {
	if err := CheckName("name", name, 200); err != nil {
		return Label{}, err
	}
	if err := p.check(); err != nil {
		return Label{}, err
	}
	err = c.store.Update(ctx, func(tx Tx) error {
		if l, err = tx.Label(id); err != nil {
			return err
		}
		l.Name, l.Profile = name, p
		if err := tx.PutLabel(l); err != nil {
			return err
		}
		return tx.PutWords(string(l.ID), l.words())
	})
	return l, err
}

// Label is a label by its id.
func (c *Catalog) Label(ctx context.Context, id LabelID) (l Label, err error) {
	err = c.store.View(ctx, func(tx Tx) error { l, err = tx.Label(id); return err })
	return l, err
}

// LabelBySlug is a label by its part of an address.
func (c *Catalog) LabelBySlug(ctx context.Context, slug string) (l Label, err error) {
	err = c.store.View(ctx, func(tx Tx) error { l, err = tx.LabelBySlug(slug); return err })
	return l, err
}

// Labels are all labels by name.
func (c *Catalog) Labels(ctx context.Context) (ls []Label, err error) {
	err = c.store.View(ctx, func(tx Tx) error { ls, err = tx.Labels(); return err })
	return ls, err
}

// Artist is an artist by id.
func (c *Catalog) Artist(ctx context.Context, id ArtistID) (a Artist, err error) {
	err = c.store.View(ctx, func(tx Tx) error { a, err = tx.Artist(id); return err })
	return a, err
}

// ArtistBySlug is an artist by the part of an address.
func (c *Catalog) ArtistBySlug(ctx context.Context, slug string) (a Artist, err error) {
	err = c.store.View(ctx, func(tx Tx) error { a, err = tx.ArtistBySlug(slug); return err })
	return a, err
}

// Release is a release by its id, whatever its state.
func (c *Catalog) Release(ctx context.Context, id ReleaseID) (r Release, err error) {
	err = c.store.View(ctx, func(tx Tx) error { r, err = tx.Release(id); return err })
	return r, err
}

// ReleaseBySlug is a label's release by its part of an address, whatever its state.
func (c *Catalog) ReleaseBySlug(ctx context.Context, label LabelID, slug string) (r Release, err error) {
	err = c.store.View(ctx, func(tx Tx) error { r, err = tx.ReleaseBySlug(label, slug); return err })
	return r, err
}

// Photo is a picture of a copy's condition.
type Photo struct {
	Run     RunID
	Number  int
	Seq     int    // the grade event that it belongs to
	SHA256  string // its blob
	Caption string
	At      time.Time
}

// MaxPhotos is how many photos a copy may have.
const MaxPhotos = 24

// AddPhoto adds a photo to the copy's last grade. The blob must be there already, re-encoded.
func (c *Catalog) AddPhoto(ctx context.Context, run RunID, number int, hash, caption string) (p Photo, err error) {
	if !isHash(hash) {
		return Photo{}, fault.Field("photo", "This is not a picture that was kept here.")
	}
	if caption != "" {
		if err := CheckName("caption", caption, 200); err != nil {
			return Photo{}, err
		}
	}
	err = c.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.Copy(run, number); err != nil {
			return err
		}
		history, err := tx.History(run, number)
		if err != nil {
			return err
		}
		p = Photo{Run: run, Number: number, SHA256: hash, Caption: caption, At: c.clock()}
		for _, e := range history {
			if e.Verb == Grade {
				p.Seq = e.Seq
			}
		}
		if p.Seq == 0 {
			return fault.New(fault.Conflict, "Write the copy's condition down first; the photos belong to it.")
		}
		have, err := tx.Photos(run, number)
		if err != nil {
			return err
		}
		if len(have) >= MaxPhotos {
			return fault.Newf(fault.Limit, "A copy has at most %d photos.", MaxPhotos)
		}
		return tx.InsertPhoto(p)
	})
	return p, err
}

// Photos are the photos of a copy, the oldest first.
func (c *Catalog) Photos(ctx context.Context, run RunID, number int) (ps []Photo, err error) {
	err = c.store.View(ctx, func(tx Tx) error { ps, err = tx.Photos(run, number); return err })
	return ps, err
}
