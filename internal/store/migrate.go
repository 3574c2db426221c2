package store

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

//go:embed schema/*.sql
var schema embed.FS

// Step is one change of the schema. Steps are run in the order of their names,
// each in one transaction with its entry, and are never changed after a release.
type Step struct {
	Name   string // "0001_copies"
	SQL    string
	SHA256 string
}

// Steps are all steps there are.
func Steps() ([]Step, error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, name := range names {
		text, err := schema.ReadFile(name)
		if err != nil {
			return nil, err
		}
		h := sha256.Sum256(text)
		steps = append(steps, Step{strings.TrimSuffix(strings.TrimPrefix(name, "schema/"), ".sql"), string(text), hex.EncodeToString(h[:])})
	}
	return steps, nil
}

const createMigration = `CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, at BIGINT NOT NULL)`

// Migrate brings a database to the newest schema, or to the step called last, for rows that are of then. Exec runs a text of several
// statements as one transaction's part; the engine gives it, since the text's dialect is its own.
// A database that was written by a newer Ferric, or whose steps differ from ours, is refused.
func Migrate(c Conn, script func(string) error, now time.Time, last string) error {
	steps, err := Steps()
	if err != nil {
		return err
	}
	if last != "" {
		i := slices.IndexFunc(steps, func(s Step) bool { return s.Name == last })
		steps = steps[:i+1]
	}
	if _, err := c.Exec(createMigration); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	done := map[string]string{}
	err = c.Query(func(scan func(...any) error) error {
		var name, hash string
		err := scan(&name, &hash)
		done[name] = hash
		return err
	}, `SELECT name, sha256 FROM migration`)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, s := range steps {
		hash, ok := done[s.Name]
		delete(done, s.Name)
		switch {
		case ok && hash != s.SHA256:
			return fmt.Errorf("migrate: step %s was run in another form than this program has: the database is of another Ferric", s.Name)
		case ok:
			continue
		}
		if err := script(s.SQL); err != nil {
			return fmt.Errorf("migrate: step %s: %w", s.Name, err)
		}
		if _, err := c.Exec(`INSERT INTO migration (name, sha256, at) VALUES ($1, $2, $3)`, s.Name, s.SHA256, now.UnixMicro()); err != nil {
			return fmt.Errorf("migrate: step %s: %w", s.Name, err)
		}
	}
	for name := range done {
		return fmt.Errorf("migrate: the database has step %s, which this program does not know: it was written by a newer Ferric", name)
	}
	return nil
}
