package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// The certificate that docs/formats/ledger.md gives to test with. When this changes, certificates
// that people hold no longer verify.
func TestGoldenCertificate(t *testing.T) {
	s := newShop(t)
	run, _, opening := s.story()
	for name, data := range map[string][]byte{"copy.tlog-proof": s.certify(run, 1, &opening, 7), "key": []byte(s.vkey + "\n")} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.MkdirAll("testdata", 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, want) {
			t.Errorf("%s changed", path)
		}
	}
}

// A verifier written from docs/formats/ledger.md alone: it uses nothing of this package and no library for the
// tree. It checks signatures, inclusion, growth, the chain of hashes and the opening.
func TestAnotherVerifier(t *testing.T) {
	file, err := os.ReadFile("testdata/copy.tlog-proof")
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := os.ReadFile("testdata/key")
	if err != nil {
		t.Fatal(err)
	}
	if err := another(string(file), strings.TrimSpace(string(vkey))); err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][2]string{{"index 9", "index 8"}, {"\n14\n", "\n15\n"}, {"— ", "- "}} {
		if another(strings.Replace(string(file), tt[0], tt[1], 1), strings.TrimSpace(string(vkey))) == nil {
			t.Errorf("with %q for %q it still holds", tt[1], tt[0])
		}
	}
}

func another(file, vkey string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("no form: %v", r)
		}
	}()
	b64 := func(s string) []byte {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			panic(err)
		}
		return b
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			panic(err)
		}
		return b
	}
	sum := func(parts ...[]byte) []byte { h := sha256.Sum256(bytes.Join(parts, nil)); return h[:] }
	node := func(l, r []byte) []byte { return sum([]byte{1}, l, r) }

	// The file, and the checkpoint in it.
	head, rest, _ := strings.Cut(file, "\n\n")
	text, sigs, _ := strings.Cut(rest, "\n\n")
	text += "\n"
	lines := strings.Split(head, "\n")
	check := strings.Split(text, "\n")
	var size, index int
	fmt.Sscan(check[1], &size)
	root := b64(check[2])
	parts := strings.SplitN(vkey, "+", 3)
	key := b64(parts[2])
	sig := b64(strings.TrimSuffix(strings.TrimPrefix(sigs, "— "+check[0]+" "), "\n"))
	if parts[0] != check[0] || key[0] != 1 || !bytes.Equal(sig[:4], sum([]byte(parts[0]+"\n"), key)[:4]) || !ed25519.Verify(key[1:], []byte(text), sig[4:]) {
		return fmt.Errorf("the checkpoint's signature")
	}
	fmt.Sscanf(lines[2], "index %d", &index)

	// RFC 9162 section 2.1.3.2.
	included := func(leaf []byte, fn int, proof []string) bool {
		r, sn := leaf, size-1
		for _, p := range proof {
			if sn == 0 {
				return false
			}
			if fn&1 == 1 || fn == sn {
				r = node(b64(p), r)
				for fn&1 == 0 && fn != 0 {
					fn, sn = fn>>1, sn>>1
				}
			} else {
				r = node(r, b64(p))
			}
			fn, sn = fn>>1, sn>>1
		}
		return sn == 0 && bytes.Equal(r, root)
	}
	// RFC 9162 section 2.1.4.2.
	grew := func(first int, old []byte, proof []string) bool {
		var path [][]byte
		if first&(first-1) == 0 {
			path = append(path, old)
		}
		for _, p := range proof {
			path = append(path, b64(p))
		}
		fn, sn := first-1, size-1
		for fn&1 == 1 {
			fn, sn = fn>>1, sn>>1
		}
		fr, sr := path[0], path[0]
		for _, c := range path[1:] {
			if sn == 0 {
				return false
			}
			if fn&1 == 1 || fn == sn {
				fr, sr = node(c, fr), node(c, sr)
				for fn&1 == 0 && fn != 0 {
					fn, sn = fn>>1, sn>>1
				}
			} else {
				sr = node(sr, c)
			}
			fn, sn = fn>>1, sn>>1
		}
		return sn == 0 && bytes.Equal(fr, old) && bytes.Equal(sr, root)
	}

	// The extra data.
	extra := string(b64(strings.TrimPrefix(lines[1], "extra ")))
	next := func() string { var l string; l, extra, _ = strings.Cut(extra, "\n"); return l }
	hashes := func() (all []string) {
		for l := next(); l != ""; l = next() {
			all = append(all, l)
		}
		return all
	}
	if next() != "ferric-certificate/1" || next() != "log "+vkey {
		return fmt.Errorf("no certificate of this log")
	}
	var opening, runKey, run, prev, owner, ownerPrev string
	for at := -1; extra != ""; {
		word := strings.Fields(next())
		switch word[0] {
		case "opening":
			opening = word[1] + " " + word[2]
		case "since":
			var first int
			fmt.Sscan(word[1], &first)
			if !grew(first, b64(word[2]), hashes()) {
				return fmt.Errorf("growth")
			}
		case "entry":
			var i, n int
			fmt.Sscan(word[1], &i)
			fmt.Sscan(word[2], &n)
			entry := extra[:n]
			extra = extra[n:]
			proof := hashes()
			if extra == "" {
				proof = lines[3:]
				if i != index {
					return fmt.Errorf("index")
				}
			}
			leaf := sum([]byte{0}, []byte(entry))
			if i <= at || !included(leaf, i, proof) {
				return fmt.Errorf("entry %d is not in the log", i)
			}
			at = i
			cut := strings.LastIndex(strings.TrimSuffix(entry, "\n"), "\n") + 1
			fields := map[string]string{}
			for _, l := range strings.Split(entry[:cut], "\n") {
				k, v, _ := strings.Cut(l, " ")
				fields[k] = v
			}
			signer := runKey
			switch kind := fields["ferric-ledger/1"]; kind {
			case "declare":
				runKey, run = fields["key"], hex.EncodeToString(leaf)
				signer = runKey
			case "mint":
				prev = ""
			default:
				if by := fields["by"]; by != "" && by != "label" {
					k, s, _ := strings.Cut(by, " ")
					if hex.EncodeToString(sum([]byte("ferric-ledger/1 owner\n"), unhex(ownerPrev), unhex(k), unhex(s))) != owner {
						return fmt.Errorf("entry %d: not the owner", i)
					}
					signer = k
				}
				if fields["prev"] != prev {
					return fmt.Errorf("entry %d: the chain is broken", i)
				}
				if o := fields["owner"]; o != "" {
					owner, ownerPrev = o, prev
				}
			}
			if fields["run"] != "" && fields["run"] != run {
				return fmt.Errorf("entry %d: another run", i)
			}
			prev = hex.EncodeToString(leaf)
			if !ed25519.Verify(unhex(signer), []byte(entry[:cut]), unhex(strings.TrimSpace(strings.TrimPrefix(entry[cut:], "signature ")))) {
				return fmt.Errorf("entry %d: signature", i)
			}
		}
	}
	k, s, _ := strings.Cut(opening, " ")
	if hex.EncodeToString(sum([]byte("ferric-ledger/1 owner\n"), unhex(ownerPrev), unhex(k), unhex(s))) != owner {
		return fmt.Errorf("the opening")
	}
	return nil
}
