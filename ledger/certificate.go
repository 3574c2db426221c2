package ledger

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxCertificate is the most bytes of a certificate or another proof file.
const MaxCertificate = 4 << 20

const certificateVersion = "ferric-certificate/1"

// Certificate is the owner's proof file: the declaration of the run and every entry
// about one copy, each with its way to the root of one signed checkpoint.
//
// The file is a C2SP tlog-proof of the copy's last entry, so that any program that knows
// that form can check that much. The rest stands in its extra data, and is
// proven by the same checkpoint.
type Certificate struct {
	Key        string   // the log's verifier key, as the shop says it
	Opening    *Opening // of the owner's commitment; nil when the holder does not want it in the file
	Since      *Past    // an older tree that this one grew out of; nil: not said
	Entries    []Proven // in the log's order
	Checkpoint []byte   // signed note
}

// Proven is an entry, where it stands, and the proof.
type Proven struct {
	Index  int64
	Leaf   []byte
	Hashes []Hash
}

// Past is an older tree of the log, and the proof that the certificate's tree begins with it.
type Past struct {
	Size  int64 // at least 1
	Root  Hash
	Proof []Hash
}

// Logged is an entry and where it stands.
type Logged struct {
	Index int64
	Leaf  []byte
}

// Certify makes the certificate of a copy from the entries of its history, the
// declaration first. Since is the size of a checkpoint that the holder has already, or 0.
// The result is verified before it is given out.
func Certify(s Signed, history []Logged, r HashReader, opening *Opening, since int64) (*Certificate, error) {
	c := &Certificate{Key: s.Key, Opening: opening, Checkpoint: s.Note}
	for _, e := range history {
		proof, err := tlog.ProveRecord(s.Size, e.Index, r)
		if err != nil {
			return nil, fmt.Errorf("certify: entry %d: %w", e.Index, err)
		}
		c.Entries = append(c.Entries, Proven{e.Index, e.Leaf, proof})
	}
	if since > 0 {
		past := Past{Size: since}
		var err error
		if past.Proof, err = ProveConsistency(since, s.Size, r); err == nil {
			past.Root, err = tlog.TreeHash(since, r)
		}
		if err != nil {
			return nil, fmt.Errorf("certify: %w", err)
		}
		c.Since = &past
	}
	if _, err := c.Verify(Trust{Key: s.Key}); err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	return c, nil
}

// Encode writes the file.
func (c *Certificate) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nlog %s\n", certificateVersion, c.Key)
	if c.Opening != nil {
		fmt.Fprintf(&b, "opening %s\n", c.Opening)
	}
	if c.Since != nil {
		fmt.Fprintf(&b, "since %d %s\n", c.Since.Size, c.Since.Root)
		writeHashes(&b, c.Since.Proof)
		b.WriteByte('\n')
	}
	var last Proven
	for i, e := range c.Entries {
		fmt.Fprintf(&b, "entry %d %d\n%s", e.Index, len(e.Leaf), e.Leaf)
		if last = e; i < len(c.Entries)-1 { // the last one's proof is the file's own
			writeHashes(&b, e.Hashes)
		}
		b.WriteByte('\n')
	}
	return Proof{b.Bytes(), last.Index, last.Hashes, c.Checkpoint}.Encode()
}

// ParseCertificate reads the file; it accepts one form only. Nothing is verified yet.
func ParseCertificate(data []byte) (*Certificate, error) {
	p, err := ParseProof(data)
	if err != nil {
		return nil, err
	}
	r := &lines{rest: p.Extra}
	if r.next() != certificateVersion {
		return nil, malformed("the proof's extra data does not begin with %q: it proves an entry, and is no certificate of a copy", certificateVersion)
	}
	c := &Certificate{Checkpoint: p.Checkpoint}
	var ok bool
	if c.Key, ok = strings.CutPrefix(r.next(), "log "); !ok {
		return nil, malformed("the certificate does not name its log")
	}
	for len(r.rest) > 0 {
		word, value, _ := strings.Cut(r.next(), " ")
		switch word {
		case "opening":
			var o Opening
			o, err = ParseOpening(value)
			c.Opening = &o
		case "since":
			c.Since, err = readPast(r, value)
		case "entry":
			var e Proven
			e, err = readProven(r, value)
			c.Entries = append(c.Entries, e)
		default:
			err = malformed("no line of a certificate begins with %.20q", word)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(c.Entries) == 0 {
		return nil, malformed("the certificate has no entries")
	}
	c.Entries[len(c.Entries)-1].Hashes = p.Hashes
	if !bytes.Equal(c.Encode(), data) {
		return nil, malformed("the certificate is not in its one form")
	}
	return c, nil
}

func readPast(r *lines, value string) (*Past, error) {
	size, root, _ := strings.Cut(value, " ")
	var p Past
	var err error
	if p.Size, err = parseSize(size); err != nil {
		return nil, err
	}
	if p.Root, err = parseHash(root); err != nil {
		return nil, err
	}
	p.Proof, err = r.hashes()
	return &p, err
}

func readProven(r *lines, value string) (e Proven, err error) {
	index, size, _ := strings.Cut(value, " ")
	if e.Index, err = parseSize(index); err != nil {
		return e, err
	}
	if e.Leaf, err = r.block(size); err != nil {
		return e, err
	}
	e.Hashes, err = r.hashes()
	return e, err
}

// Split gives the C2SP tlog-proof of each entry as a file of its own.
func (c *Certificate) Split() [][]byte {
	var all [][]byte
	for _, e := range c.Entries {
		all = append(all, Proof{nil, e.Index, e.Hashes, c.Checkpoint}.Encode())
	}
	return all
}
