package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The portable form of a table: a line of JSON for each row, an array of its columns in the order of their names,
// numbers as numbers and texts as texts, the rows in the order of the primary key, byte by byte. It is the same, to the byte, from both
// databases, so that two of them hold the same when the hashes of their tables are the same.
// What a table is made of is asked of the database itself: one of an earlier Ferric has earlier columns.

// Table is a table of the house as a database has it.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"` // by name
}

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Text bool   `json:"text,omitempty"` // else a whole number
	Key  int    `json:"key,omitempty"`  // its place in the primary key, from 1; 0: not in it
}

// ErrNoShop is a database in which no shop was ever kept.
var ErrNoShop = errors.New("there is no shop in this database")

var createTable = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

// Ran are the names of the schema's steps that a database has, in their order. They must be steps that this program knows, in their form.
func (tx *Tx) Ran() (names []string, err error) {
	steps, err := Steps()
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, s := range steps {
		known[s.Name] = s.SHA256
	}
	err = tx.c.Query(func(scan func(...any) error) error {
		var name, hash string
		if err := scan(&name, &hash); err != nil {
			return err
		}
		switch want, ok := known[name]; {
		case !ok:
			return fmt.Errorf("the database has step %s, which this program does not know: it was written by a newer Ferric", name)
		case hash != want:
			return fmt.Errorf("step %s was run in another form than this program has: the database is of another Ferric", name)
		}
		names = append(names, name)
		return nil
	}, `SELECT name, sha256 FROM migration`)
	slices.Sort(names)
	return names, err
}

// Tables are the house's tables that a database has, those that others refer to before these, without the list of its steps.
func (tx *Tx) Tables() (tables []Table, err error) {
	columns := map[string][]Column{}
	err = tx.c.Query(func(scan func(...any) error) error {
		var table, kind string
		var c Column
		if err := scan(&table, &c.Name, &kind, &c.Key); err != nil {
			return err
		}
		c.Text = strings.EqualFold(kind, "text")
		columns[table] = append(columns[table], c)
		return nil
	}, tx.db.engine.Columns())
	if err != nil {
		return nil, err
	}
	if len(columns["migration"]) == 0 {
		return nil, ErrNoShop
	}
	steps, err := Steps()
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		for _, m := range createTable.FindAllStringSubmatch(s.SQL, -1) {
			if cs := columns[m[1]]; len(cs) > 0 {
				slices.SortFunc(cs, func(a, b Column) int { return strings.Compare(a.Name, b.Name) })
				tables = append(tables, Table{m[1], cs})
			}
		}
	}
	return tables, nil
}

// columns are the names of a table's columns.
func (t Table) columns() (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// keys are the columns of the primary key, each so that it is compared byte by byte.
func (t Table) keys(binary string) string {
	keys := slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Key == 0 })
	slices.SortFunc(keys, func(a, b Column) int { return a.Key - b.Key })
	var names []string
	for _, c := range keys {
		name := c.Name
		if c.Text {
			name += binary
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// Dump gives a table's rows in the portable form, each with its newline. The line is the callee's until the next.
func (tx *Tx) Dump(t Table, row func(line []byte) error) error {
	dest := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		if c.Text {
			dest[i] = new(string)
		} else {
			dest[i] = new(int64)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := tx.c.Query(func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		for i, d := range dest {
			if s, ok := d.(*string); ok && !utf8.ValidString(*s) {
				return fmt.Errorf("column %s has a text that is not UTF-8", t.Columns[i].Name)
			}
		}
		b.Reset()
		if err := enc.Encode(dest); err != nil {
			return err
		}
		return row(b.Bytes())
	}, `SELECT `+strings.Join(t.columns(), ", ")+` FROM `+t.Name+` ORDER BY `+t.keys(tx.db.engine.Binary()))
	if err != nil {
		return fmt.Errorf("read table %s: %w", t.Name, err)
	}
	return nil
}

// Load puts rows in the portable form into a table, which must have these columns. Next gives a line, and io.EOF at the end.
func (tx *Tx) Load(t Table, next func() ([]byte, error)) (rows int64, err error) {
	insert := `INSERT INTO ` + t.Name + ` (` + strings.Join(t.columns(), ", ") + `)`
	var args []any
	n := 0
	flush := func() error {
		if n == 0 {
			return nil
		}
		err := tx.rows(insert, n, args)
		rows += int64(n)
		args, n = args[:0], 0
		return err
	}
	for {
		line, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			args, err = t.decode(args, line)
		}
		if n++; err == nil && n == rowsAtOnce {
			err = flush()
		}
		if err != nil {
			return rows, fmt.Errorf("fill table %s: %w", t.Name, err)
		}
	}
	if err := flush(); err != nil {
		return rows, fmt.Errorf("fill table %s: %w", t.Name, err)
	}
	return rows, nil
}

// decode adds the columns of a line to args.
func (t Table) decode(args []any, line []byte) ([]any, error) {
	var values []json.RawMessage
	if err := json.Unmarshal(line, &values); err != nil {
		return args, err
	}
	if len(values) != len(t.Columns) {
		return args, fmt.Errorf("a row has %d columns, not %d", len(values), len(t.Columns))
	}
	for i, c := range t.Columns {
		var err error
		if c.Text {
			var s *string
			if err = json.Unmarshal(values[i], &s); err == nil && s != nil {
				args = append(args, *s)
				continue
			}
		} else {
			var n *int64
			if err = json.Unmarshal(values[i], &n); err == nil && n != nil {
				args = append(args, *n)
				continue
			}
		}
		return args, errors.Join(fmt.Errorf("column %s has something else than it should", c.Name), err)
	}
	return args, nil
}

// Empty reports whether no table of the house has a row.
func (tx *Tx) Empty() (bool, error) {
	tables, err := tx.Tables()
	for _, t := range tables {
		some := int64(0)
		if _, err := tx.one([]any{&some}, `SELECT 1 FROM `+t.Name+` LIMIT 1`); err != nil || some != 0 {
			return false, err
		}
	}
	return true, err
}

// Files calls each for every file that a row needs in the folder of files: by its SHA-256, with its size, or -1 where no row says it.
func (tx *Tx) Files(each func(hash string, size int64) error) error {
	tables, err := tx.Tables()
	if err != nil {
		return err
	}
	there := func(name string) bool {
		return slices.ContainsFunc(tables, func(t Table) bool { return t.Name == name })
	}
	if !there("blob_ref") || !there("copy_photo") {
		return nil // a shop from before it had files
	}
	return tx.c.Query(func(scan func(...any) error) error {
		var hash string
		var size int64
		if err := scan(&hash, &size); err != nil {
			return err
		}
		return each(hash, size)
	}, `SELECT sha256, MAX(size) FROM (SELECT sha256, size FROM blob_ref UNION ALL SELECT sha256, -1 FROM copy_photo) f GROUP BY sha256 ORDER BY sha256`)
}

// Checkpoint is the ownership log's name, its key, how many entries have a place, and the checkpoint that was published last ("": none yet).
func (tx *Tx) Checkpoint() (origin, key string, size int64, note string, err error) {
	_, err = tx.one([]any{&origin, &key, &size, &note}, `SELECT origin, vkey, size, note FROM ledger_log WHERE one = 1`)
	return origin, key, size, note, err
}
