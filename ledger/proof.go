package ledger

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const proofVersion = "c2sp.org/tlog-proof@v1"

// Proof is a C2SP tlog-proof: that the entry at an index is in the tree of a signed
// checkpoint. The file does not hold the entry; whoever has it computes its hash.
type Proof struct {
	Extra      []byte // anything, not protected by the proof
	Index      int64
	Hashes     []Hash // from the leaf's sibling up
	Checkpoint []byte // signed note, verbatim
}

// Encode writes the file.
func (p Proof) Encode() []byte {
	var b bytes.Buffer
	b.WriteString(proofVersion + "\n")
	if len(p.Extra) > 0 {
		fmt.Fprintf(&b, "extra %s\n", base64.StdEncoding.EncodeToString(p.Extra))
	}
	fmt.Fprintf(&b, "index %d\n", p.Index)
	writeHashes(&b, p.Hashes)
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return b.Bytes()
}

// ParseProof reads the file; it accepts one form only. Nothing is verified yet.
func ParseProof(data []byte) (Proof, error) {
	var p Proof
	if len(data) > MaxCertificate {
		return p, malformed("a proof file has at most %d bytes", MaxCertificate)
	}
	r := &lines{rest: data}
	if r.next() != proofVersion {
		return p, malformed("the file does not begin with %q", proofVersion)
	}
	line := r.next()
	if extra, ok := strings.CutPrefix(line, "extra "); ok {
		var err error
		if p.Extra, err = base64.StdEncoding.Strict().DecodeString(extra); err != nil || extra == "" {
			return p, malformed("extra is not base64")
		}
		line = r.next()
	}
	index, ok := strings.CutPrefix(line, "index ")
	if !ok {
		return p, malformed("no index")
	}
	var err error
	if p.Index, err = parseSize(index); err != nil {
		return p, err
	}
	if p.Hashes, err = r.hashes(); err != nil {
		return p, err
	}
	p.Checkpoint = r.rest
	if len(p.Checkpoint) > maxCheckpoint {
		return p, malformed("a checkpoint has at most %d bytes", maxCheckpoint)
	}
	if !bytes.Equal(p.Encode(), data) {
		return p, malformed("the proof is not in its one form")
	}
	return p, nil
}

// Verify says whether the entry with this leaf hash is in the log with this verifier key.
func (p Proof) Verify(leaf Hash, vkey string, witnesses ...note.Verifier) (Signed, error) {
	s, err := OpenCheckpoint(p.Checkpoint, vkey, witnesses...)
	if err != nil {
		return Signed{}, err
	}
	return s, CheckInclusion(p.Hashes, s.Checkpoint, p.Index, leaf)
}

func writeHashes(b *bytes.Buffer, hashes []Hash) {
	for _, h := range hashes {
		b.WriteString(h.String())
		b.WriteByte('\n')
	}
}

// lines reads text line by line; at the end every line is empty.
type lines struct{ rest []byte }

func (r *lines) next() string {
	line, rest, _ := bytes.Cut(r.rest, []byte("\n"))
	r.rest = rest
	return string(line)
}

// hashes reads hashes up to an empty line, which it takes too.
func (r *lines) hashes() ([]Hash, error) {
	var all []Hash
	for {
		line := r.next()
		if line == "" {
			return all, nil
		}
		if len(all) == 2*maxProofHashes {
			return nil, malformed("a proof has at most %d hashes", 2*maxProofHashes)
		}
		h, err := parseHash(line)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
}

// block takes n bytes.
func (r *lines) block(n string) ([]byte, error) {
	size, err := strconv.Atoi(n)
	if err != nil || size < 0 || size > len(r.rest) || strconv.Itoa(size) != n {
		return nil, malformed("%.20q is not a number of bytes that follow", n)
	}
	b := r.rest[:size:size]
	r.rest = r.rest[size:]
	return b, nil
}
