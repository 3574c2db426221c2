package registry

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"ferric/ledger"
)

// keys derives every key of the shop's from one secret (HKDF with SHA-256, RFC 5869): the
// log's, one a label, and the one that seals owners' keys in the database.
type keys struct{ master []byte }

func (k keys) derive(purpose, of string) []byte {
	b, err := hkdf.Key(sha256.New, k.master, nil, "ferric/registry/1 "+purpose+"\n"+of, 32)
	if err != nil { // only when more is asked for than SHA-256 can give
		panic(err)
	}
	return b
}

// log is the key that signs checkpoints, in the forms of C2SP signed-note.
func (k keys) log(origin string) (note.Signer, string, error) {
	seed := k.derive("log", origin)
	vkey, err := note.NewEd25519VerifierKey(origin, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		return nil, "", fmt.Errorf("the log's key: %w", err)
	}
	id := strings.Split(strings.TrimPrefix(vkey, origin+"+"), "+")[0]
	const ed25519Type = 1
	s, err := note.NewSigner("PRIVATE+KEY+" + origin + "+" + id + "+" + base64.StdEncoding.EncodeToString(append([]byte{ed25519Type}, seed...)))
	if err != nil {
		return nil, "", fmt.Errorf("the log's key: %w", err)
	}
	return s, vkey, nil
}

func (k keys) label(id string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(k.derive("label", id))
}

// seal encrypts an owner's key, so that a copy of the database alone gives nobody's away. It opens only for its run and number.
func (k keys) seal(random io.Reader, o owner, run string, number int) (string, error) {
	gcm := k.box()
	nonce := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", fmt.Errorf("seal an owner's key: %w", err)
	}
	plain := append(o.key.Seed(), o.Salt[:]...)
	return base64.StdEncoding.EncodeToString(gcm.Seal(nonce, nonce, plain, about(run, number))), nil
}

func (k keys) open(key Key) (owner, error) {
	gcm := k.box()
	data, err := base64.StdEncoding.DecodeString(key.Sealed)
	if err == nil && len(data) < gcm.NonceSize() {
		err = errors.New("too short")
	}
	if err == nil {
		n := gcm.NonceSize()
		data, err = gcm.Open(nil, data[:n], data[n:], about(key.RunID, key.Number))
	}
	if err == nil && len(data) != ed25519.SeedSize+32 {
		err = errors.New("of another size")
	}
	if err != nil {
		return owner{}, fmt.Errorf("open the owner's key of number %d: %w", key.Number, err)
	}
	private := ed25519.NewKeyFromSeed(data[:ed25519.SeedSize])
	return owner{ledger.Opening{Key: [32]byte(private.Public().(ed25519.PublicKey)), Salt: [32]byte(data[ed25519.SeedSize:])}, private}, nil
}

func (k keys) box() cipher.AEAD {
	block, err := aes.NewCipher(k.derive("owners", ""))
	if err != nil { // never: the key has 32 bytes
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

func about(run string, number int) []byte { return fmt.Appendf(nil, "%s\n%d", run, number) }

// owner is an owner's key, opened.
type owner struct {
	ledger.Opening
	key ed25519.PrivateKey
}
