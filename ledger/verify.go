package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// Trust is what a verifier knows from elsewhere. The zero value knows nothing: then a
// certificate is checked under the key that it brings along, and the verdict says so.
type Trust struct {
	Key       string          // the log's verifier key
	Witnesses []note.Verifier // witnesses one believes: see [ParseWitness]
	Quorum    int             // how many of them must have signed
	Seen      *Seen           // the log as it was last seen; its key is trusted too
}

// Growth is how a log stands to what was seen of it before.
type Growth int

// How a log can stand to what was seen before. What contradicts it is an error, not one of these.
const (
	NotSeen   Growth = iota // nothing to compare with
	Unproven                // older than what was seen, or no proof in the file
	Same                    // the same size and root
	GrewOutOf               // proven: begins with what was seen
)

func (g Growth) String() string {
	return [...]string{"not compared", "not proven", "the same", "grew out of it"}[g]
}

// Verdict is what a certificate proves.
type Verdict struct {
	Signed          // the checkpoint, verified
	KeyTrusted bool // the key was known from elsewhere, not only from the file
	Declared   *Declare
	Run        Hash // leaf hash of the declaration
	Copy       Copy // as of the checkpoint
	Variant    string
	History    []Event
	Opening    *Opening // of the owner's commitment, checked; nil when the file has none. Whoever has its key is the owner
	Growth     Growth
}

// Event is one entry of the copy's history.
type Event struct {
	Index int64
	Entry Entry
}

// VerifyCertificate reads a certificate and verifies it with nothing else than what is trusted.
// The error is [ErrMalformed] for what is no certificate, else says what does not hold.
func VerifyCertificate(data []byte, t Trust) (*Verdict, error) {
	c, err := ParseCertificate(data)
	if err != nil {
		return nil, err
	}
	return c.Verify(t)
}

// Verify checks every signature, every proof, and that the entries are the whole history
// of one copy up to the last of them. What comes later in the log, a
// certificate cannot know: that is for [Audit].
func (c *Certificate) Verify(t Trust) (*Verdict, error) {
	head, trusted, err := t.open(c.Checkpoint, c.Key)
	if err != nil {
		return nil, err
	}
	v := &Verdict{Signed: head, KeyTrusted: trusted}
	state := State{Origin: head.Origin}
	for i, e := range c.Entries {
		leaf, err := ParseLeaf(e.Leaf)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		if err := c.place(v, i, leaf); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		if err := CheckInclusion(e.Hashes, head.Checkpoint, e.Index, leaf.Hash); err != nil {
			return nil, err
		}
		if err := state.Apply(leaf); err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		v.History = append(v.History, Event{e.Index, leaf.Entry})
	}
	if len(v.History) < 2 {
		return nil, fmt.Errorf("%w: no copy was minted", ErrProof)
	}
	v.Copy, _ = state.Copy(v.Run, v.Copy.Number)
	for _, x := range v.Declared.Variants {
		if v.Copy.Number >= x.First && v.Copy.Number <= x.Last {
			v.Variant = x.Name
		}
	}
	if c.Opening != nil && !v.Copy.OwnedBy(*c.Opening) {
		return nil, fmt.Errorf("%w: the opening in the file is not that of the copy's owner", ErrProof)
	}
	v.Opening = c.Opening
	v.Growth, err = c.growth(t.Seen, head.Checkpoint)
	return v, err
}

// place says whether the leaf is the one that must come at this place: declaration, mint, then only that copy's.
func (c *Certificate) place(v *Verdict, i int, leaf *Leaf) error {
	if i > 0 && c.Entries[i].Index <= c.Entries[i-1].Index {
		return fmt.Errorf("%w: the entries are not in the log's order", ErrProof)
	}
	run, number := Subject(leaf.Entry)
	switch e := leaf.Entry.(type) {
	case *Declare:
		if i == 0 {
			v.Declared, v.Run = e, leaf.Hash
			return nil
		}
	case *Mint:
		if i == 1 && run == v.Run {
			v.Copy.Number = number
			return nil
		}
	default:
		if i > 1 && run == v.Run && number == v.Copy.Number {
			return nil
		}
	}
	return fmt.Errorf("%w: %s does not belong at this place of one copy's history", ErrProof, Describe(leaf.Entry))
}

// growth checks the proof of growth, whoever asks, and then compares with what was seen.
func (c *Certificate) growth(seen *Seen, now Checkpoint) (Growth, error) {
	if p := c.Since; p != nil {
		if p.Size < 1 {
			return 0, fmt.Errorf("%w: the empty tree proves nothing", ErrProof)
		}
		if err := CheckConsistency(p.Proof, Checkpoint{now.Origin, p.Size, p.Root}, now); err != nil {
			return 0, fmt.Errorf("%w: growth since %d entries: %w", ErrProof, p.Size, err)
		}
	}
	if seen == nil {
		return NotSeen, nil
	}
	before := seen.Checkpoint
	switch {
	case before == now:
		return Same, nil
	case before.Size == now.Size || before.Size == 0:
		return GrewOutOf, CheckConsistency(nil, before, now)
	case c.Since == nil || before.Size != c.Since.Size:
		return Unproven, nil
	case before.Root != c.Since.Root:
		return 0, fmt.Errorf("%w: its first %d entries are not the %d that were seen", ErrFork, before.Size, before.Size)
	}
	return GrewOutOf, nil
}

// open verifies a checkpoint by what is trusted; claimed is the key that the file itself names.
func (t Trust) open(signed []byte, claimed string) (s Signed, trusted bool, err error) {
	key := claimed
	for _, known := range []string{t.Key, t.seenKey()} {
		if known == "" {
			continue
		}
		if claimed != "" && known != claimed || trusted && known != key {
			return s, false, fmt.Errorf("%w: it names the key %.200s, and the key known is %s", ErrSignature, claimed, known)
		}
		key, trusted = known, true
	}
	if s, err = OpenCheckpoint(signed, key, t.Witnesses...); err != nil {
		return s, false, err
	}
	if len(s.Witnesses) < t.Quorum {
		return s, false, fmt.Errorf("%w: %d of the witnesses known have signed, and %d must", ErrSignature, len(s.Witnesses), t.Quorum)
	}
	return s, trusted, nil
}

func (t Trust) seenKey() string {
	if t.Seen == nil {
		return ""
	}
	return t.Seen.Key
}
