// Package publish brings a pressing into the shop.
//
// A label's member sends the manifest, [Desk.Begin], and learns which files
// are wanted and how much of each is there. [Desk.Put] adds to a file at its end, over as many connections as it takes.
// [Desk.Finish] reads all of it as the hostile thing it may be: every hash, every size, every picture,
// every frame of sound, with our own decoders. Only then anything is kept, and in one transaction: the artist, the
// release as a draft, the pressing as the draft of a run. The same pressing again changes nothing and says so.
//
// Not everything in a pressing comes up. Wanted are the programmes, the cover and the drawings on which no code stands;
// claim codes never are, and neither is what can be made again. The manifest has the codes' salted hashes, and the shop needs no more.
//
// [Desk.PutOnSale] declares the run, once and for good, and opens the release.
//
// Who may publish for a label is for the caller to check.
package publish

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/sheet"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx.
type Store interface {
	View(context.Context, func(Tx) error) error
	Update(context.Context, func(Tx) error) error
}

// Tx is one transaction. Things that do not exist are of kind NotFound.
type Tx interface {
	UploadTx
	PressingTx
	Label(catalog.LabelID) (catalog.Label, error)
	Artist(catalog.ArtistID) (catalog.Artist, error)
	ArtistBySlug(string) (catalog.Artist, error)
	InsertArtist(catalog.Artist) error
	Release(catalog.ReleaseID) (catalog.Release, error)
	ReleaseBySlug(catalog.LabelID, string) (catalog.Release, error)
	InsertRelease(catalog.Release) error
	PutRelease(catalog.Release) error
	PutWords(subject string, words []string) error
	Runs(catalog.ReleaseID) ([]catalog.Run, error)
}

// UploadTx keeps sessions.
type UploadTx interface {
	InsertUpload(Upload) error // Conflict when the label has one of this manifest already
	Upload(id string) (Upload, error)
	Uploads(catalog.LabelID) ([]Upload, error)
	PutUpload(Upload) error // its Expires
	DeleteUpload(id string) error
	Expired(before time.Time, n int) ([]Upload, error)
}

// PressingTx keeps which pressings a release has, and who refers to which blob.
type PressingTx interface {
	InsertPressing(Pressing, []File) error // with references to its files
	Pressings(catalog.ReleaseID) ([]Pressing, error)
	PutPressing(Pressing) error // its Run
	DeletePressing(catalog.ReleaseID, string) error
	PressingOf(label catalog.LabelID, manifest string) (Pressing, error)
	Stored(catalog.LabelID) (int64, error)                // bytes that the label's releases refer to
	Has(label catalog.LabelID, hash string) (bool, error) // whether one of the label's releases refers to it
	Referred(hash string) (bool, error)                   // whether anything does
}

// Blobs is where files are kept; package blob's Store is one.
type Blobs interface {
	Open(hash string) (*blob.File, error)
	Stat(hash string) (int64, error)
	Put(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error)
	Refer(hashes []string, f func() error) error
	Sweep(ctx context.Context, before time.Time, referred func(hash string) (bool, error)) (int, error)
	Parts(session string) (map[string]int64, error)
	Append(ctx context.Context, session, hash string, offset, size int64, r io.Reader) (int64, error)
	OpenPart(session, hash string) (*blob.File, error)
	CheckPart(ctx context.Context, session, hash string) error
	Keep(session, hash string) error
	Spoil(session, hash string) error
	Drop(session string) error
	Sessions() ([]string, error)
	Made(hash, name string) (*blob.File, error)
	Make(hash, name string, write func(io.Writer) error) error
}

// Config is how publishing behaves. Zero fields mean the default in brackets.
type Config struct {
	Now         func() time.Time // needed
	MaxFile     int64            // bytes of one file [2 GiB: an hour a side at 48 kHz and 24 bits is 1.04 GB]
	MaxPressing int64            // bytes of all files of one pressing [5 GiB]
	MaxLabel    int64            // bytes that a label may keep here, what is on its way counted [50 GiB]
	MaxSessions int              // that a label may have under way [4]
	KeepFor     time.Duration    // how long a session waits for its next byte [3 days]
	Checks      int              // pressings and pictures that are checked at one time [1]
	Waiting     int              // and that may wait for their turn [16]
}

// Desk takes pressings in. It is safe for use by many goroutines.
type Desk struct {
	cfg     Config
	store   Store
	blobs   Blobs
	catalog *catalog.Catalog
	shop    *shop.Shop
	turn    chan struct{} // one token for each check under way
	line    chan struct{} // and one for each that waits or is under way
	fonts   *sheet.Fonts
	parsing sync.Mutex // one manifest at a time is read in Begin
	selling sync.Mutex // one run at a time is declared here
}

// New makes a desk.
func New(store Store, blobs Blobs, c *catalog.Catalog, s *shop.Shop, cfg Config) (*Desk, error) {
	if cfg.Now == nil {
		return nil, errors.New("publish: a clock is needed")
	}
	cfg.MaxFile = or(cfg.MaxFile, 2<<30)
	cfg.MaxPressing = or(cfg.MaxPressing, 5<<30)
	cfg.MaxLabel = or(cfg.MaxLabel, 50<<30)
	cfg.MaxSessions = or(cfg.MaxSessions, 4)
	cfg.KeepFor = or(cfg.KeepFor, 3*24*time.Hour)
	cfg.Checks = or(cfg.Checks, 1)
	cfg.Waiting = or(cfg.Waiting, 16)
	return &Desk{cfg: cfg, store: store, blobs: blobs, catalog: c, shop: s, fonts: sheet.NewFonts(),
		turn: make(chan struct{}, cfg.Checks), line: make(chan struct{}, cfg.Checks+cfg.Waiting)}, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Kind is what a file of a pressing is for.
type Kind string

// The kinds of files that come up.
const (
	Programme Kind = "programme" // a side's sound, WAV or FLAC
	Cover     Kind = "cover"     // JPEG or PNG
	Drawing   Kind = "drawing"   // PNG: a card or a shell label as printed, without codes
	Manifest  Kind = "manifest"  // release.json; it comes with Begin
)

// File is a file of a pressing that comes up.
type File struct {
	Name   string `json:"name"` // in the pressing; it never becomes a name on disk
	Kind   Kind   `json:"kind"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
}

// Upload is a session as it is stored.
type Upload struct {
	ID       string
	Label    catalog.LabelID
	Account  string // who began it
	Manifest string // its hash
	Repress  bool
	Files    []File // all that come up, the manifest first
	Bytes    int64  // in them
	Made     time.Time
	Expires  time.Time
}

// Session is an upload as its sender sees it.
type Session struct {
	ID      string          `json:"id"` // '' when it is done
	Label   catalog.LabelID `json:"-"`
	Files   []Wanted        `json:"files"`
	Expires time.Time       `json:"expires"`
	Done    *Result         `json:"done,omitempty"` // nothing is wanted: this pressing is kept already
}

// Wanted is a file and how much of it is there.
type Wanted struct {
	File
	Have int64 `json:"have"` // bytes; Size when it is whole
}

// Result is what came of a pressing.
type Result struct {
	Release  catalog.ReleaseID `json:"release"`
	Slug     string            `json:"slug"`
	Label    string            `json:"label"` // its slug
	Title    string            `json:"title"`
	Artist   string            `json:"artist"`
	State    catalog.Status    `json:"state"`
	Manifest string            `json:"manifest"`
	Repress  bool              `json:"repress"` // it is the draft of a further run
	Changed  bool              `json:"changed"` // false: all of it was here already
	Made     bool              `json:"made"`    // the release is new
}

// Pressing is a pressing that is kept: the draft of a run, or the run that it became.
type Pressing struct {
	Release  catalog.ReleaseID
	Manifest string // its hash
	Bytes    int64
	Run      catalog.RunID // '' for a draft
	Account  string        // who brought it
	At       time.Time
	Detail   catalog.Detail // what its manifest tells
}

// OffsetError says where a part ends when bytes came for another place.
type OffsetError struct{ Have int64 }

func (e *OffsetError) Error() string { return "the file does not end there" }

func (d *Desk) clock() time.Time { return d.cfg.Now().UTC().Truncate(time.Microsecond) }
