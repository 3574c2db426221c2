package ledger

import (
	"crypto/ed25519"

	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// kindCosignature is the C2SP signature type of an Ed25519 cosignature with a time.
const kindCosignature = 4

// Cosigner signs checkpoints as a witness does, C2SP tlog-cosignature with Ed25519: "as of
// this time, the largest tree that I have seen of this log is this one, and it grew out of all before".
// It keeps no memory: whoever uses it checks consistency first, with [CheckConsistency].
type Cosigner struct {
	name string
	key  ed25519.PrivateKey
	unix int64
}

// NewCosigner signs under name at the given time, in seconds of the Unix epoch. The key is used for nothing else.
func NewCosigner(name string, key ed25519.PrivateKey, unix int64) (*Cosigner, error) {
	if !ValidOrigin(name) || unix < 0 {
		return nil, malformed("a witness needs a name without space or plus, and a time")
	}
	return &Cosigner{name, key, unix}, nil
}

func (c *Cosigner) public() ed25519.PublicKey { return c.key.Public().(ed25519.PublicKey) }

// Name is the witness's name; with KeyHash and Sign it makes a note.Signer.
func (c *Cosigner) Name() string { return c.name }

// KeyHash identifies the key beside the name.
func (c *Cosigner) KeyHash() uint32 { return keyID(c.name, kindCosignature, c.public()) }

// Sign signs a checkpoint's text.
func (c *Cosigner) Sign(text []byte) ([]byte, error) {
	sig := binary.BigEndian.AppendUint64(nil, uint64(c.unix))
	return append(sig, ed25519.Sign(c.key, cosigned(uint64(c.unix), text))...), nil
}

// VerifierKey is what others need to know the witness by.
func (c *Cosigner) VerifierKey() string {
	raw := append([]byte{kindCosignature}, c.public()...)
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(), base64.StdEncoding.EncodeToString(raw))
}

func cosigned(unix uint64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", unix), text...)
}

// Cosign adds a witness's signature to a checkpoint signed by the log with verifier key vkey; the ones that it has are kept.
func Cosign(signed []byte, vkey string, c *Cosigner) ([]byte, error) {
	s, err := OpenCheckpoint(signed, vkey)
	if err != nil {
		return nil, err
	}
	log, err := ParseKey(vkey)
	if err != nil {
		return nil, err
	}
	n, err := note.Open(s.Note, note.VerifierList(log))
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return note.Sign(n, c)
}

type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

// ParseWitness reads a witness's verifier key, of C2SP type 04.
func ParseWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) == 3 {
		raw, err := base64.StdEncoding.DecodeString(parts[2])
		if err == nil && len(raw) == 33 && raw[0] == kindCosignature && ValidOrigin(parts[0]) {
			w := &witness{parts[0], keyID(parts[0], kindCosignature, raw[1:]), raw[1:]}
			if fmt.Sprintf("%08x", w.id) == parts[1] {
				return w, nil
			}
		}
	}
	return nil, malformed("%.100q is not the verifier key of a witness (Ed25519 cosignature, type 04)", vkey)
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.id }

func (w *witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	unix := binary.BigEndian.Uint64(sig)
	return unix <= math.MaxInt64 && ed25519.Verify(w.key, cosigned(unix, text), sig[8:])
}
