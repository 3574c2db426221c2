package pressing

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"ferric/jcard"
)

// claims are the codes of an edition by copy, and the salt their hashes are made with.
type claims struct {
	salt   string
	labels []string
	codes  map[string]string
}

// ErrClaims says that claim codes, which may be printed already, would be lost.
var ErrClaims = errors.New("the claim codes of the pressing there cannot be kept, and they may be printed already; choose another folder, or --new-claims to draw new ones on purpose")

// drawClaims gives every copy of the edition a code. Codes of the pressing that
// is about to be replaced are kept.
func (j *job) drawClaims(context.Context) error {
	c := &claims{labels: j.edition.Labels(), codes: map[string]string{}}
	j.claims = c
	if !j.Choices.NewClaims {
		old, err := readClaims(j.out.dest)
		if err != nil {
			return err
		}
		if old != nil {
			c.salt, c.codes = old.salt, old.codes
			for _, label := range old.labels {
				if !slices.Contains(c.labels, label) {
					return fmt.Errorf("%s: %w: copy %s is not part of the new run", j.out.dest, ErrClaims, label)
				}
			}
		}
	}
	if len(c.labels) == 0 {
		return nil
	}
	var err error
	if c.salt == "" {
		if c.salt, err = newSalt(); err != nil {
			return err
		}
	}
	for _, label := range c.labels {
		if c.codes[label] == "" {
			if c.codes[label], err = NewClaim(nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// printed are the codes in the order of the edition.
func (c *claims) printed() []jcard.Claim {
	var out []jcard.Claim
	for _, label := range c.labels {
		out = append(out, jcard.Claim{Label: label, Code: c.codes[label]})
	}
	return out
}

// hashed is what the manifest keeps.
func (c *claims) hashed() []Claim {
	var out []Claim
	for _, label := range c.labels {
		out = append(out, Claim{Copy: label, SHA256: HashClaim(c.salt, c.codes[label])})
	}
	return out
}

// write writes claims.csv. Nobody but its owner may read it.
func (c *claims) write(f *folder, url string) error {
	return f.write(claimsName, func(w io.Writer) error {
		out := csv.NewWriter(w)
		out.Write([]string{"copy", "code", "claim_url"})
		for _, label := range c.labels {
			link := ""
			if url != "" {
				link = jcard.Edition{ClaimURL: url}.Address(c.codes[label])
			}
			out.Write([]string{label, c.codes[label], link})
		}
		out.Flush()
		return out.Error()
	})
}

// readClaims reads the codes of a pressing; nil when there is none or it has none.
func readClaims(dir string) (*claims, error) {
	path := filepath.Join(dir, claimsName)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	if m.Run == nil {
		return nil, nil
	}
	rows, err := csv.NewReader(io.LimitReader(file, maxManifest)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrClaims, err)
	}
	c := &claims{salt: m.Run.Salt, codes: map[string]string{}}
	code := map[string]string{}
	for _, row := range rows {
		if len(row) > 1 {
			code[row[0]] = row[1]
		}
	}
	for _, claim := range m.Run.Claims {
		if HashClaim(c.salt, code[claim.Copy]) != claim.SHA256 {
			return nil, fmt.Errorf("%s: %w: the code of copy %s is missing or is not the one in the manifest", path, ErrClaims, claim.Copy)
		}
		c.labels = append(c.labels, claim.Copy)
		c.codes[claim.Copy] = code[claim.Copy]
	}
	return c, nil
}
