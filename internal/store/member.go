package store

import (
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/people"
)

const linkColumns = `hash, kind, account_id, mail, label_id, role, made_at, expires_at`

func (tx *Tx) links(where string, arg any) (all []people.Link, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var l people.Link
		var made, expires int64
		err := scan(&l.Hash, &l.Kind, &l.Account, &l.Mail, &l.Label, &l.Role, &made, &expires)
		l.Made, l.Expires = fromMicros(made), fromMicros(expires)
		all = append(all, l)
		return err
	}, `SELECT `+linkColumns+` FROM link WHERE `+where+` `+Lock, arg)
	return all, err
}

// PutLink adds a link.
func (tx *Tx) PutLink(l people.Link) error {
	return tx.put(`INSERT INTO link (`+linkColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		l.Hash, l.Kind, l.Account, l.Mail, l.Label, l.Role, micros(l.Made), micros(l.Expires))
}

// Link reads a link.
func (tx *Tx) Link(hash string) (people.Link, error) {
	return only(tx.links(`hash = $1`, hash))("There is no such link.")
}

// only is the one thing that was read, or why there is none.
func only[T any](all []T, err error) func(none string) (T, error) {
	return func(none string) (one T, _ error) {
		switch {
		case err != nil:
			return one, err
		case len(all) == 0:
			return one, fault.New(fault.NotFound, none)
		}
		return all[0], nil
	}
}

// DeleteLink drops a link and says whether it was there.
func (tx *Tx) DeleteLink(hash string) (bool, error) {
	n, err := tx.c.Exec(`DELETE FROM link WHERE hash = $1`, hash)
	return n == 1, err
}

// Invitations reads a label's invitations, the latest first.
func (tx *Tx) Invitations(label catalog.LabelID) ([]people.Link, error) {
	return tx.links(`label_id = $1 AND label_id <> '' AND kind = 'invite' ORDER BY made_at DESC, hash`, label)
}

// DropLinks drops an account's links of a kind.
func (tx *Tx) DropLinks(kind people.LinkKind, account people.ID) error {
	_, err := tx.c.Exec(`DELETE FROM link WHERE kind = $1 AND account_id = $2`, kind, account)
	return err
}

const passkeyColumns = `id, account_id, name, credential, counter, made_at, used_at`

func (tx *Tx) passkeys(where string, arg any) (keys []people.Passkey, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var k people.Passkey
		var made, used int64
		err := scan(&k.ID, &k.Account, &k.Name, &k.Credential, &k.Counter, &made, &used)
		k.Made, k.Used = fromMicros(made), fromMicros(used)
		keys = append(keys, k)
		return err
	}, `SELECT `+passkeyColumns+` FROM passkey WHERE `+where+` `+Lock, arg)
	return keys, err
}

// InsertPasskey adds a passkey.
func (tx *Tx) InsertPasskey(k people.Passkey) error {
	return tx.insert("This passkey is in use already.",
		`INSERT INTO passkey (`+passkeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		k.ID, k.Account, k.Name, k.Credential, k.Counter, micros(k.Made), micros(k.Used))
}

// Passkey reads a passkey.
func (tx *Tx) Passkey(id string) (people.Passkey, error) {
	return only(tx.passkeys(`id = $1`, id))("There is no such passkey.")
}

// Passkeys reads an account's passkeys, the first one first.
func (tx *Tx) Passkeys(id people.ID) ([]people.Passkey, error) {
	return tx.passkeys(`account_id = $1 ORDER BY made_at, id`, id)
}

// PutPasskey changes what was learnt at a use.
func (tx *Tx) PutPasskey(k people.Passkey) error {
	return tx.put(`UPDATE passkey SET credential = $2, counter = $3, used_at = $4 WHERE id = $1`, k.ID, k.Credential, k.Counter, micros(k.Used))
}

// DeletePasskey forgets a passkey of an account.
func (tx *Tx) DeletePasskey(account people.ID, id string) error {
	_, err := tx.c.Exec(`DELETE FROM passkey WHERE id = $1 AND account_id = $2`, id, account)
	return err
}

// Members reads a label's members by name, and in an Update holds the label, so that its members change one after the other.
func (tx *Tx) Members(label catalog.LabelID) (ms []people.Member, err error) {
	id := ""
	found, err := tx.one([]any{&id}, `SELECT id FROM label WHERE id = $1 `+Lock, label)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such label.")
	}
	if err != nil {
		return nil, err
	}
	err = tx.c.Query(func(scan func(...any) error) error {
		m := people.Member{Label: label}
		var since int64
		err := scan(&m.Account, &m.Role, &since, &m.Name, &m.Display)
		m.Since = fromMicros(since)
		ms = append(ms, m)
		return err
	}, `SELECT m.account_id, m.role, m.since, a.name, a.display FROM member m JOIN account a ON a.id = m.account_id WHERE m.label_id = $1 ORDER BY a.name`, label)
	return ms, err
}

// Role reads what an account does at a label.
func (tx *Tx) Role(label catalog.LabelID, id people.ID) (r people.Role, err error) {
	_, err = tx.one([]any{&r}, `SELECT role FROM member WHERE label_id = $1 AND account_id = $2`, label, id)
	return r, err
}

// Roles reads what an account does.
func (tx *Tx) Roles(id people.ID) (map[catalog.LabelID]people.Role, error) {
	roles := map[catalog.LabelID]people.Role{}
	err := tx.c.Query(func(scan func(...any) error) error {
		var label catalog.LabelID
		var r people.Role
		err := scan(&label, &r)
		roles[label] = r
		return err
	}, `SELECT label_id, role FROM member WHERE account_id = $1`, id)
	return roles, err
}

// PutMember adds a member or changes the role.
func (tx *Tx) PutMember(m people.Member) error {
	return tx.put(`INSERT INTO member (label_id, account_id, role, since) VALUES ($1, $2, $3, $4)
		ON CONFLICT (label_id, account_id) DO UPDATE SET role = excluded.role`, m.Label, m.Account, m.Role, micros(m.Since))
}

// DeleteMember ends a membership, and the tokens made in it.
func (tx *Tx) DeleteMember(label catalog.LabelID, id people.ID) error {
	if _, err := tx.c.Exec(`DELETE FROM token WHERE label_id = $1 AND account_id = $2`, label, id); err != nil {
		return err
	}
	return tx.put(`DELETE FROM member WHERE label_id = $1 AND account_id = $2`, label, id)
}

func (tx *Tx) tokens(where string, arg any) (ts []people.Token, err error) {
	err = tx.c.Query(func(scan func(...any) error) error {
		var t people.Token
		var made, used int64
		err := scan(&t.ID, &t.Label, &t.Account, &t.Scope, &t.Name, &made, &used)
		t.Made, t.Used = fromMicros(made), fromMicros(used)
		ts = append(ts, t)
		return err
	}, `SELECT id, label_id, account_id, scope, name, made_at, used_at FROM token WHERE `+where, arg)
	return ts, err
}

// InsertToken adds a token with the hash of its secret.
func (tx *Tx) InsertToken(t people.Token, hash string) error {
	return tx.put(`INSERT INTO token (id, hash, label_id, account_id, scope, name, made_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		t.ID, hash, t.Label, t.Account, t.Scope, t.Name, micros(t.Made), micros(t.Used))
}

// TokenByHash reads a token by the hash of its secret.
func (tx *Tx) TokenByHash(hash string) (people.Token, error) {
	return only(tx.tokens(`hash = $1`, hash))("There is no such token.")
}

// Tokens reads a label's tokens, the latest first.
func (tx *Tx) Tokens(label catalog.LabelID) ([]people.Token, error) {
	return tx.tokens(`label_id = $1 ORDER BY made_at DESC, id`, label)
}

// PutUsed notes a token as used.
func (tx *Tx) PutUsed(id string, now time.Time) error {
	_, err := tx.c.Exec(`UPDATE token SET used_at = $2 WHERE id = $1 AND used_at < $2`, id, micros(now))
	return err
}

// DeleteToken ends a token of a label.
func (tx *Tx) DeleteToken(label catalog.LabelID, id string) error {
	_, err := tx.c.Exec(`DELETE FROM token WHERE id = $1 AND label_id = $2`, id, label)
	return err
}
