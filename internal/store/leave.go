package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ferric/internal/people"
	"ferric/internal/shop"
)

// personal says, for each table of the house that has something of a person,
// which of its columns their export shows, and how they are erased from it. :id is the account, :mail
// its verified mail address in lower case ("" for none), :key what orders are found by it with, :nobody the owner of copies whose owner has left.
// The list is erased from top to bottom, so what refers to other rows comes before them.
//
// An order is theirs when they placed it signed in, or as a guest with the mail address that they verified since.
// The browser of such an order counts as theirs, as do those in which they signed in.
var personal = []struct {
	table, columns, where string
	erase                 []string
}{
	{"session", "how, agent, made_at, seen_at", `account_id = :id`, []string{`DELETE FROM session WHERE account_id = :id`}},
	{"passkey", "name, counter, made_at, used_at", `account_id = :id`, []string{`DELETE FROM passkey WHERE account_id = :id`}},
	{"token", "label_id, scope, name, made_at, used_at", `account_id = :id`, []string{`DELETE FROM token WHERE account_id = :id`}},
	{"member", "label_id, role, since", `account_id = :id`, []string{`DELETE FROM member WHERE account_id = :id`}},
	{"link", "kind, mail, label_id, role, made_at, expires_at", `account_id = :id`, []string{`DELETE FROM link WHERE account_id = :id`}},
	{"offer", "run_id, number, made_at, expires_at", `owner = :id OR heir = :id`, []string{`DELETE FROM offer WHERE owner = :id OR heir = :id`}},
	{"owner_key", "run_id, number", `account = :id`, []string{`DELETE FROM owner_key WHERE account = :id AND account <> ''`}},
	{"outbox", "kind, order_id, run_id, number, mail, made_at", mails, []string{`DELETE FROM outbox WHERE ` + mails}},
	{"sitting", "release_id, run_id, number, began_at, ends_at", `person = 'account:' || :id`, []string{
		`DELETE FROM sitting WHERE person = 'account:' || :id OR person IN (SELECT 'visitor:' || visitor FROM (` + visitors + `) AS v)`}},
	{"pressing", "release_id, manifest, bytes, run_id, at", `account = :id`, []string{`UPDATE pressing SET account = '' WHERE account = :id`}},
	{"upload", "label_id, manifest, bytes, made_at, expires_at", `account = :id`, []string{`UPDATE upload SET account = '' WHERE account = :id`}},
	{"copy", "run_id, number, state, grade", `owner = :id`, []string{
		`UPDATE copy SET owner = :nobody WHERE owner = :id AND owner <> ''`,
		`UPDATE copy SET holder = :nobody WHERE state = 'held' AND holder IN (` + visitors + `)`}},
	{"event", "run_id, number, seq, at, verb, note", `actor = :id`, []string{
		`UPDATE event SET actor = '' WHERE actor <> '' AND (actor = :id OR actor IN (` + visitors + `))`}},
	{"answer", "at", `asker IN (` + visitors + `)`, []string{`DELETE FROM answer WHERE asker IN (` + visitors + `)`}},
	{"parcel", "order_id, carrier, tracking, lost_at, note", ofTheirs, []string{`DELETE FROM parcel WHERE ` + ofTheirs}},
	{"orders", "id, label_id, mail, address, state, method, minor, currency, placed_at, pay_by, paid_at, changed_at", theirs, []string{
		`UPDATE orders SET account = '', visitor = '', mail = '', address = '{}', mail_key = '', post_key = '' WHERE ` + theirs}},
	{"order_line", "order_id, run_id, number, minor", `order_id IN (SELECT id FROM orders WHERE ` + theirs + `)`, nil},
	{"known", "seen_at", `account_id = :id`, []string{`DELETE FROM known WHERE account_id = :id`}},
	{"account", "created_at", `id = :id`, []string{`DELETE FROM account WHERE id = :id`}},
}

const (
	theirs   = `(account = :id AND account <> '' OR mail_key = :key AND lower(mail) = :mail AND mail <> '')`
	visitors = `SELECT visitor FROM known WHERE account_id = :id UNION SELECT visitor FROM orders WHERE visitor <> '' AND ` + theirs
	ofTheirs = `order_id IN (SELECT id FROM orders WHERE ` + theirs + `)`
	mails    = `(account = :id AND account <> '' OR lower(mail) = :mail AND mail <> '' OR order_id IN (SELECT id FROM orders WHERE ` + theirs + `))`
)

// fill puts places for names, and gives the values in their order.
func fill(query string, named ...any) (string, []any) {
	var args []any
	for i := 0; i < len(named); i += 2 {
		if name := named[i].(string); strings.Contains(query, name) {
			args = append(args, named[i+1])
			query = strings.ReplaceAll(query, name, "$"+strconv.Itoa(len(args)))
		}
	}
	return query, args
}

// Erase removes a person from every table.
func (tx *Tx) Erase(a people.Account) error {
	for _, p := range personal {
		for _, e := range p.erase {
			query, args := fill(e, ":id", a.ID, ":mail", verifiedMail(a), ":key", shop.MailKey(verifiedMail(a)), ":nobody", people.Erased)
			if _, err := tx.c.Exec(query, args...); err != nil {
				return fmt.Errorf("erase from %s: %w", p.table, err)
			}
		}
	}
	return nil
}

// Belongings reads what every table has of a person.
func (tx *Tx) Belongings(a people.Account) (tables []people.Table, err error) {
	for _, p := range personal {
		columns := strings.Split(p.columns, ", ")
		t := people.Table{Name: p.table, Rows: []map[string]any{}}
		query, args := fill(`SELECT `+p.columns+` FROM `+p.table+` WHERE `+p.where+` ORDER BY `+p.columns, ":id", a.ID, ":mail", verifiedMail(a), ":key", shop.MailKey(verifiedMail(a)))
		err := tx.c.Query(func(scan func(...any) error) error {
			values, dest := make([]any, len(columns)), make([]any, len(columns))
			for i := range dest {
				dest[i] = &values[i]
			}
			err := scan(dest...)
			row := map[string]any{}
			for i, c := range columns {
				row[c] = exported(c, values[i])
			}
			t.Rows = append(t.Rows, row)
			return err
		}, query, args...)
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", p.table, err)
		}
		if len(t.Rows) > 0 {
			tables = append(tables, t)
		}
	}
	return tables, nil
}

// exported is a value as a person reads it: times as times, JSON as what it is.
func exported(column string, v any) any {
	switch v := v.(type) {
	case int64:
		if column == "at" || column == "since" || column == "pay_by" || strings.HasSuffix(column, "_at") {
			if v == 0 {
				return nil
			}
			return fromMicros(v)
		}
	case []byte:
		return string(v)
	case string:
		if column == "address" && json.Valid([]byte(v)) {
			return json.RawMessage(v)
		}
	}
	return v
}

// verifiedMail is what orders of a guest are recognised by.
func verifiedMail(a people.Account) string {
	if !a.Verified {
		return ""
	}
	return strings.ToLower(a.Mail)
}

// OpenOrders reads the ids of a person's orders that somebody still has to do something about.
func (tx *Tx) OpenOrders(a people.Account, now time.Time) (ids []string, err error) {
	query, args := fill(`SELECT id FROM orders WHERE `+theirs+` AND (state IN ('paid', 'packed', 'refund') OR state = 'placed' AND pay_by > :now) ORDER BY placed_at, id `+Lock,
		":id", a.ID, ":mail", verifiedMail(a), ":key", shop.MailKey(verifiedMail(a)), ":now", micros(now))
	err = tx.c.Query(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	return ids, err
}

// PersonalTables names the tables that a person is erased from.
func PersonalTables() (names []string) {
	for _, p := range personal {
		if len(p.erase) > 0 {
			names = append(names, p.table)
		}
	}
	return names
}
