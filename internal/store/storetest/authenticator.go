package storetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// authenticator is a device with passkeys, in software: P-256, no attestation,
// as W3C Web Authentication Level 3 (6.1, 6.5.4) writes its data.
type authenticator struct {
	origin  string // of the page that it believes to be on
	rp      string
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	absent  bool // nobody proved to be there: no user verification
}

func newAuthenticator(t testing.TB, origin, rp string) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	id := make([]byte, 32)
	rand.Read(id)
	return &authenticator{origin: origin, rp: rp, key: key, id: id, counter: 1}
}

var b64 = base64.RawURLEncoding.EncodeToString

// client is what a browser says was asked, and its hash.
func (a *authenticator) client(t testing.TB, kind string, options json.RawMessage) (data []byte, hash [32]byte) {
	t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	ok(t, json.Unmarshal(options, &o))
	if o.PublicKey.User.ID != "" {
		var err error
		a.handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
		ok(t, err)
	}
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": o.PublicKey.Challenge, "origin": a.origin, "crossOrigin": false})
	ok(t, err)
	return data, sha256.Sum256(data)
}

// data is the authenticator's own: whose page, which flags, the counter, and the new key when there is one.
func (a *authenticator) data(attested []byte) []byte {
	rp := sha256.Sum256([]byte(a.rp))
	flags := byte(0x01 | 0x04) // user present, user verified
	if a.absent {
		flags = 0x01
	}
	if attested != nil {
		flags |= 0x40
	}
	d := append(rp[:], flags)
	d = binary.BigEndian.AppendUint32(d, a.counter)
	return append(d, attested...)
}

// create answers navigator.credentials.create.
func (a *authenticator) create(t testing.TB, options json.RawMessage) []byte {
	t.Helper()
	client, _ := a.client(t, "webauthn.create", options)
	public, err := a.key.PublicKey.Bytes() // 0x04, X, Y
	ok(t, err)
	attested := append(make([]byte, 16), 0, byte(len(a.id)))
	attested = append(attested, a.id...)
	// The COSE key, in CBOR: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: X, -3: Y}.
	attested = append(attested, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32)
	attested = append(attested, public[1:33]...)
	attested = append(attested, 0x22, 0x58, 32)
	attested = append(attested, public[33:]...)
	data := a.data(attested)
	// {"fmt": "none", "attStmt": {}, "authData": data}
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(object, 0x67), "attStmt"...)
	object = append(append(object, 0xa0, 0x68), "authData"...)
	object = append(append(object, 0x58, byte(len(data))), data...)
	return a.answer(t, map[string]any{"clientDataJSON": b64(client), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// get answers navigator.credentials.get.
func (a *authenticator) get(t testing.TB, options json.RawMessage) []byte {
	t.Helper()
	client, hash := a.client(t, "webauthn.get", options)
	a.counter++
	data := a.data(nil)
	digest := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	ok(t, err)
	return a.answer(t, map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(a.handle)})
}

func (a *authenticator) answer(t testing.TB, response map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	ok(t, err)
	return b
}
