package store

import (
	"strconv"
	"strings"
	"time"

	"ferric/internal/fault"
	"ferric/internal/people"
)

// People is the storage of package people.
func (db *DB) People() Of[people.Tx] { return Of[people.Tx]{db} }

var (
	_ people.Store = Of[people.Tx]{}
	_ people.Tx    = (*Tx)(nil)
)

const accountColumns = `a.id, a.name, a.display, a.shown, a.mail, a.verified, a.admin, a.created_at, a.password, a.name_key, a.mail_key`

// accountRow is where a row of accountColumns is read to.
type accountRow struct {
	a                      people.Account
	s                      people.Secret
	shown, verified, admin int64
	created                int64
}

func (r *accountRow) dest() []any {
	return []any{&r.a.ID, &r.a.Name, &r.a.Display, &r.shown, &r.a.Mail, &r.verified, &r.admin, &r.created, &r.s.Password, &r.s.NameKey, &r.s.MailKey}
}

func (r *accountRow) account() people.Account {
	r.a.Shown, r.a.Verified, r.a.Admin, r.a.Created = r.shown != 0, r.verified != 0, r.admin != 0, fromMicros(r.created)
	return r.a
}

func (tx *Tx) accountWhere(where string, arg any) (people.Account, people.Secret, error) {
	var r accountRow
	found, err := tx.one(r.dest(), `SELECT `+accountColumns+` FROM account a WHERE `+where+` `+Lock, arg)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such account.")
	}
	return r.account(), r.s, err
}

// Account reads an account.
func (tx *Tx) Account(id people.ID) (people.Account, people.Secret, error) {
	return tx.accountWhere(`a.id = $1`, id)
}

// AccountByName reads an account by what makes its name unique.
func (tx *Tx) AccountByName(key string) (people.Account, people.Secret, error) {
	return tx.accountWhere(`a.name_key = $1`, key)
}

// AccountByMail reads an account by what makes its verified mail unique.
func (tx *Tx) AccountByMail(key string) (people.Account, people.Secret, error) {
	return tx.accountWhere(`a.mail_key = $1 AND a.mail_key <> ''`, key)
}

// InsertAccount adds an account.
func (tx *Tx) InsertAccount(a people.Account, s people.Secret) error {
	return tx.insert("Somebody has this name, or one that looks like it. Please choose another.",
		`INSERT INTO account (id, name, name_key, display, shown, mail, mail_key, verified, admin, password, created_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
		a.ID, a.Name, s.NameKey, a.Display, bit(a.Shown), a.Mail, s.MailKey, bit(a.Verified), bit(a.Admin), s.Password, micros(a.Created))
}

// PutAccount changes an account, all but its name.
func (tx *Tx) PutAccount(a people.Account, s people.Secret) error {
	if s.MailKey != "" {
		other := 0
		if _, err := tx.one([]any{&other}, `SELECT count(*) FROM account WHERE mail_key = $1 AND mail_key <> '' AND id <> $2`, s.MailKey, a.ID); err != nil {
			return err
		}
		if other > 0 {
			return fault.New(fault.Conflict, "Another account has verified this mail address.")
		}
	}
	return tx.put(`UPDATE account SET display = $2, shown = $3, mail = $4, mail_key = $5, verified = $6, admin = $7, password = $8 WHERE id = $1`,
		a.ID, a.Display, bit(a.Shown), a.Mail, s.MailKey, bit(a.Verified), bit(a.Admin), s.Password)
}

// Admins counts who keeps the shop, and in an Update holds them.
func (tx *Tx) Admins() (n int, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var id string
		n++
		return scan(&id)
	}, `SELECT id FROM account WHERE admin = 1 ORDER BY id `+Lock)
	return n, err
}

// Accounts counts all.
func (tx *Tx) Accounts() (n int, err error) {
	_, err = tx.one([]any{&n}, `SELECT count(*) FROM account`)
	return n, err
}

// Names reads the names to show.
func (tx *Tx) Names(ids []people.ID) (map[people.ID]string, error) {
	names := map[people.ID]string{}
	for at := 0; at < len(ids); at += rowsAtOnce {
		var args []any
		for _, id := range ids[at:min(at+rowsAtOnce, len(ids))] {
			args = append(args, id)
		}
		err := tx.c.Query(func(scan func(...any) error) error {
			var id people.ID
			var display string
			err := scan(&id, &display)
			names[id] = display
			return err
		}, `SELECT id, display FROM account WHERE shown = 1 AND id IN (`+places(len(args))+`)`, args...)
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// places are n values' places: "$1, $2, $3".
func places(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(all, ", ")
}

// Guesses reads how often somebody guessed at a name.
func (tx *Tx) Guesses(key string) (c people.Count, err error) {
	var at int64
	_, err = tx.one([]any{&c.N, &at}, `SELECT n, at FROM guess WHERE name_key = $1`, key)
	c.At = fromMicros(at)
	return c, err
}

// PutGuesses writes how often somebody guessed at a name.
func (tx *Tx) PutGuesses(key string, c people.Count) error {
	if c.N == 0 {
		_, err := tx.c.Exec(`DELETE FROM guess WHERE name_key = $1`, key)
		return err
	}
	return tx.put(`INSERT INTO guess (name_key, n, at) VALUES ($1, $2, $3) ON CONFLICT (name_key) DO UPDATE SET n = excluded.n, at = excluded.at`, key, c.N, micros(c.At))
}

// Known says whether an account has signed in from a browser.
func (tx *Tx) Known(id people.ID, visitor string) (bool, error) {
	n := 0
	return tx.one([]any{&n}, `SELECT 1 FROM known WHERE account_id = $1 AND visitor = $2`, id, visitor)
}

// PutKnown remembers a browser of an account.
func (tx *Tx) PutKnown(id people.ID, visitor string, now time.Time, most int) error {
	err := tx.put(`INSERT INTO known (account_id, visitor, seen_at) VALUES ($1, $2, $3)
		ON CONFLICT (account_id, visitor) DO UPDATE SET seen_at = excluded.seen_at`, id, visitor, micros(now))
	if err != nil {
		return err
	}
	_, err = tx.c.Exec(`DELETE FROM known WHERE account_id = $1 AND visitor NOT IN
		(SELECT visitor FROM known WHERE account_id = $1 ORDER BY seen_at DESC, visitor LIMIT $2)`, id, most)
	return err
}

// InsertSession adds a session.
func (tx *Tx) InsertSession(s people.Session) error {
	return tx.put(`INSERT INTO session (hash, account_id, how, agent, made_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		s.ID, s.Account, s.How, s.Agent, micros(s.Made), micros(s.Seen))
}

// Session reads a session and whose it is.
func (tx *Tx) Session(id string) (s people.Session, a people.Account, err error) {
	var r accountRow
	var made, seen int64
	found, err := tx.one(append([]any{&s.ID, &s.Account, &s.How, &s.Agent, &made, &seen}, r.dest()...),
		`SELECT s.hash, s.account_id, s.how, s.agent, s.made_at, s.seen_at, `+accountColumns+`
		 FROM session s JOIN account a ON a.id = s.account_id WHERE s.hash = $1 `+Lock, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such session.")
	}
	s.Made, s.Seen = fromMicros(made), fromMicros(seen)
	return s, r.account(), err
}

// Sessions reads an account's sessions, the latest first.
func (tx *Tx) Sessions(id people.ID) (all []people.Session, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		s := people.Session{Account: id}
		var made, seen int64
		err := scan(&s.ID, &s.How, &s.Agent, &made, &seen)
		s.Made, s.Seen = fromMicros(made), fromMicros(seen)
		all = append(all, s)
		return err
	}, `SELECT hash, how, agent, made_at, seen_at FROM session WHERE account_id = $1 ORDER BY seen_at DESC, made_at DESC, hash`, id)
	return all, err
}

// PutSeen notes a session as used; one that has ended meanwhile stays so.
func (tx *Tx) PutSeen(id string, now time.Time) error {
	_, err := tx.c.Exec(`UPDATE session SET seen_at = $2 WHERE hash = $1 AND seen_at < $2`, id, micros(now))
	return err
}

// DeleteSession ends a session of an account.
func (tx *Tx) DeleteSession(account people.ID, id string) error {
	_, err := tx.c.Exec(`DELETE FROM session WHERE hash = $1 AND account_id = $2`, id, account)
	return err
}

// DeleteSessions ends an account's sessions, all but one.
func (tx *Tx) DeleteSessions(account people.ID, but string) error {
	_, err := tx.c.Exec(`DELETE FROM session WHERE account_id = $1 AND hash <> $2`, account, but)
	return err
}

// Spend writes down that something was used, and says whether it was not before.
func (tx *Tx) Spend(key string, until time.Time) (bool, error) {
	n, err := tx.c.Exec(`INSERT INTO spent (item, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, micros(until))
	return n == 1, err
}

// Expire drops what is over, at most n of each kind, and says how many of the kind of which there were most.
func (tx *Tx) Expire(now time.Time, l people.Limits, n int) (most int, err error) {
	for _, e := range []struct {
		query string
		at    time.Time
	}{
		{`DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE seen_at <= $1 LIMIT $2)`, now.Add(-l.Idle)},
		{`DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE made_at <= $1 LIMIT $2)`, now.Add(-l.Absolute)},
		{`DELETE FROM link WHERE hash IN (SELECT hash FROM link WHERE expires_at <= $1 LIMIT $2)`, now},
		{`DELETE FROM spent WHERE item IN (SELECT item FROM spent WHERE expires_at <= $1 LIMIT $2)`, now},
		{`DELETE FROM guess WHERE name_key IN (SELECT name_key FROM guess WHERE at <= $1 LIMIT $2)`, now.Add(-l.Guess)},
	} {
		dropped, err := tx.c.Exec(e.query, micros(e.at), n)
		if err != nil {
			return most, err
		}
		most = max(most, int(dropped))
	}
	return most, nil
}
