// Package registry keeps the shop's ownership log: which numbered copy is whose,
// in entries that anybody can replay (package ledger).
//
// Writing is in two steps, so that a sale waits for nobody. In the transaction
// of the sale itself the entry is made, checked against what stands, signed and
// stored as a leaf: sold and written down, or neither. It has no place in the
// log yet. Then [Registry.Run], one at a time in all processes, gives the new leaves
// their places, hashes them into the tree, writes the log's public files and
// signs the new size and root.
//
// What may be signed next depends on what was signed last, and that is kept in a
// file outside the database. A database that was restored from an old backup
// would otherwise tell a second history: here it is refused.
//
// Owners have a key for each copy, made when they get it and kept by the shop for
// them, sealed, in a row of its own. The log has only a salted commitment to it. When a
// person leaves the row goes, and nothing in the log says any more whose it was.
package registry

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"ferric/internal/fault"
	"ferric/ledger"
)

// Store runs functions in transactions. Update may run one again when the
// database asks for it, so a function has no effect but through its Tx. Alone is for reading only, and
// runs its function when no other process and no other goroutine is in one.
type Store interface {
	View(context.Context, func(LogTx) error) error
	Update(context.Context, func(LogTx) error) error
	Alone(context.Context, func(LogTx) error) error
}

// Tx is what entries need of the transaction that they are part of. Things that
// do not exist are of kind NotFound. A run and a number are the catalogue's.
type Tx interface {
	InsertLedgerRun(Run, []Copy, []Leaf) error // Conflict when the label has a run of this catalogue number and edition
	LedgerRun(run string) (Run, error)
	CloseLedgerRun(run string, step int64) error
	LedgerCopy(run string, number int) (Copy, error) // in an Update nobody else may change it until the end
	LedgerCopies(run string) ([]Copy, error)         // by number, likewise
	PutLedgerCopy(c Copy, head ledger.Hash) error    // its stored head must be this one
	InsertLeaf(Leaf) error
	InsertSheet(Sheet) error
	OwnerKey(run string, number int) (Key, error)
	PutOwnerKey(Key) error
	DropOwnerKey(run string, number int) error
	DropOwnerKeys(account string) (int, error)
}

// LogTx is what the log as a whole needs.
type LogTx interface {
	Tx
	BeginLog(Log) error            // adds the log's row when there is none
	Log() (Log, error)             // in an Update nobody else may change it until the end
	Waiting(n int) ([]Leaf, error) // at most n leaves without a place, by step
	Append(size int64, placed []Leaf, first int64, hashes []ledger.Hash) error
	PutNote(size int64, note string) error // of a larger size than the one that is there, or it stays
	Hashes(indexes []int64) ([]ledger.Hash, error)
	Entries(first int64, n int) ([]Leaf, error)    // by place
	Leaves(run string, number int) ([]Leaf, error) // by step; number 0: of the run itself
}

// Log is the state of the log as a whole.
type Log struct {
	Origin string
	Key    string // verifier key
	Size   int64  // leaves that have a place
	Note   string // the checkpoint that was published last, signed; empty before the first
	Signed int64  // its size
}

// Run is what the log says of a run. Owned and Void are not counted along, since every
// sale of a run would wait for the one before: they are counted when it is closed.
type Run struct {
	ID        string // the catalogue's
	Label     string // whose key signs for it
	Catalogue string
	Edition   string
	Step      int64 // of its declaration, or of its closing
	ledger.Run
}

// Copy is what the log says of a copy.
type Copy struct {
	RunID string
	Step  int64 // of its last entry
	ledger.Copy
}

// Leaf is a signed entry. Step is greater than that of every leaf that it builds
// on, within its run: leaves in the order of their steps are in an order that the rules allow.
type Leaf struct {
	RunID  string
	Number int // 0: about the run
	Step   int64
	Index  int64 // its place in the log; -1: none yet
	Body   []byte
}

// Sheet is what opens the commitment of a grade: the text and the salt.
type Sheet struct {
	RunID  string
	Number int
	Step   int64 // of the entry
	Text   string
	Salt   [32]byte
}

// Key is an owner's key for one copy, kept by the shop.
type Key struct {
	RunID   string
	Number  int
	Account string // whose; empty: a buyer's without an account, or the label's own
	Kept    bool   // the label itself is the owner
	Sealed  string // seed and salt, encrypted
}

// Config is how a registry works. Zero fields mean the default in brackets.
type Config struct {
	Origin string // the log's name: a URL without scheme, as tapes.example/ledger; needed, kept for good
	Master []byte // all keys derive from it; needed, 32 bytes or more, kept for good and never in the database
	Folder string // of the log's public files; needed
	Seen   string // file with the last checkpoint signed, outside of the database and of its backups; needed

	Every   time.Duration // Run looks for new leaves at least so often [5 s]
	Batch   int           // how many leaves one transaction places [512]
	Random  io.Reader     // [crypto/rand]
	Disk    Disk          // [the file system]
	Trouble func(error)   // hears of a round that failed and will be tried again [nobody]
	// Unseen lets the log go on although Seen is lost and there is no public checkpoint either. Only
	// for who is certain that the database is the newest.
	Unseen bool
}

// Registry writes the log. It is safe for use by many goroutines.
type Registry struct {
	cfg    Config
	store  Store
	keys   keys
	signer note.Signer
	vkey   string
	wake   chan struct{}

	round  sync.Mutex // one sequencing at a time; others of other processes wait in the store
	labels sync.Map   // label to ed25519.PrivateKey
}

// New makes a registry on a store. It refuses a database whose log has another name or key.
func New(ctx context.Context, store Store, c Config) (*Registry, error) {
	switch {
	case !ledger.ValidOrigin(c.Origin):
		return nil, fmt.Errorf("registry: the log cannot be called %q: a URL without its scheme is needed, as tapes.example/ledger", c.Origin)
	case len(c.Master) < 32:
		return nil, errors.New("registry: a master key of at least 32 bytes is needed")
	case c.Folder == "" || c.Seen == "":
		return nil, errors.New("registry: a folder for the log's files and a file for its last checkpoint are needed")
	}
	if c.Every == 0 {
		c.Every = 5 * time.Second
	}
	if c.Batch == 0 {
		c.Batch = 512
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Disk == nil {
		c.Disk = disk{}
	}
	r := &Registry{cfg: c, store: store, keys: keys{c.Master}, wake: make(chan struct{}, 1)}
	var err error
	if r.signer, r.vkey, err = r.keys.log(c.Origin); err != nil {
		return nil, err
	}
	var log Log
	err = store.Update(ctx, func(tx LogTx) error {
		if err := tx.BeginLog(Log{Origin: c.Origin, Key: r.vkey}); err != nil {
			return err
		}
		log, err = tx.Log()
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("registry: %w", err)
	case log.Origin != c.Origin:
		return nil, fmt.Errorf("registry: the log in this database is called %q and can never be renamed; the settings say %q", log.Origin, c.Origin)
	case log.Key != r.vkey:
		return nil, errors.New("registry: the log in this database was begun with another master key; put that one back")
	}
	return r, nil
}

// VerifierKey is the log's public key, as /ledger/key shows it: NAME+ID+BASE64, without a newline.
func (r *Registry) VerifierKey() string { return r.vkey }

// Origin is the log's name.
func (r *Registry) Origin() string { return r.cfg.Origin }

// Folder is where the log's public files stand, to be served as they are.
func (r *Registry) Folder() string { return r.cfg.Folder }

// Wake tells Run that a transaction with entries was committed. It never waits.
func (r *Registry) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// label is the key that signs for a label.
func (r *Registry) label(id string) ed25519.PrivateKey {
	if k, ok := r.labels.Load(id); ok {
		return k.(ed25519.PrivateKey)
	}
	k := r.keys.label(id)
	r.labels.Store(id, k)
	return k
}

// against wraps what the rules of the ledger refuse.
func against(err error) error {
	if errors.Is(err, ledger.ErrRule) || errors.Is(err, ledger.ErrSignature) {
		return fault.Wrap(err, fault.Conflict, "The ledger's rules do not allow this. Nothing was changed.")
	}
	return err
}
