package app

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// secretFile holds the one secret that all keys of a shop are derived from. It is made at the first start. Whoever has it can
// sign the shop's log; without it the shop cannot go on with its log: it belongs in the backup, and nowhere else.
const secretFile = "secret.key"

// secret is a shop's master secret.
type secret []byte

func openSecret(dir string) (secret, error) {
	path := filepath.Join(dir, secretFile)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecret(dir, path)
	}
	if err != nil {
		return nil, err
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("%s is damaged: it has %d bytes, not 32; put it back from a backup", path, len(key))
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others on this machine; run chmod 600 on it", path)
	}
	return key, nil
}

// makeSecret writes a new secret so that it is there whole, or not at all, also when the machine stops meanwhile.
func makeSecret(dir, path string) (secret, error) {
	key := make([]byte, 32)
	rand.Read(key)
	f, err := os.CreateTemp(dir, secretFile+".*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path) // unlike a rename, never replaces one that another process made meanwhile
	}
	if errors.Is(err, fs.ErrExist) {
		return openSecret(dir)
	}
	if err != nil {
		return nil, err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return key, d.Sync()
}

// derive is a key of 32 bytes for one purpose.
func (s secret) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, s, nil, "ferric/"+purpose+"/1", 32)
	if err != nil {
		panic(err) // only for lengths that SHA-256 cannot give
	}
	return key
}
