package store

import (
	"fmt"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/listen"
)

// Listen is the storage of package listen.
func (db *DB) Listen() Of[listen.Tx] { return Of[listen.Tx]{db} }

var (
	_ listen.Store = Of[listen.Tx]{}
	_ listen.Tx    = (*Tx)(nil)
)

const (
	sittingColumns = `id, deck, person, network, release_id, run_id, number, at, side, place, motion, travel, sound, handed,
		heard_side, heard_from, heard_to, heard_at, counted_a, counted_b, began_at, ends_at, seq`
	selectSitting = `SELECT ` + sittingColumns + ` FROM sitting WHERE `
)

// handed is the four runs of segments as one text: they are only ever read together.
const handed = "%d-%d %d-%d %d-%d %d-%d"

func (tx *Tx) sitting(query string, args ...any) (s listen.Sitting, found bool, err error) {
	var at, place, travel, sound, from, to, since, a, b, began, until int64
	var spans string
	found, err = tx.one([]any{&s.ID, &s.Deck, &s.Person, &s.Network, &s.Release, &s.Run, &s.Number, &at, &s.Side, &place, &s.Motion, &travel, &sound, &spans,
		&s.Heard.Side, &from, &to, &since, &a, &b, &began, &until, &s.Seq}, query, args...)
	if err != nil || !found {
		return s, found, err
	}
	s.At, s.Place, s.Travel, s.Sound = fromMicros(at), span(place), span(travel), span(sound)
	s.Heard.From, s.Heard.To, s.Heard.Since = span(from), span(to), fromMicros(since)
	s.Counted, s.Began, s.Until = [2]bool{a != 0, b != 0}, fromMicros(began), fromMicros(until)
	_, err = fmt.Sscanf(spans, handed, &s.Head[0].From, &s.Head[0].To, &s.Head[1].From, &s.Head[1].To, &s.Cues[0].From, &s.Cues[0].To, &s.Cues[1].From, &s.Cues[1].To)
	return s, true, err
}

func span(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// Sitting reads a sitting.
func (tx *Tx) Sitting(id string) (listen.Sitting, error) {
	s, found, err := tx.sitting(selectSitting+`id = $1 `+Lock, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no such sitting.")
	}
	return s, err
}

// SittingAt reads the sitting of a deck.
func (tx *Tx) SittingAt(deck string) (listen.Sitting, bool, error) {
	return tx.sitting(selectSitting+`deck = $1 `+Lock, deck)
}

// InsertSitting begins a sitting.
func (tx *Tx) InsertSitting(s listen.Sitting) error {
	return tx.insert("This tape was put into another deck just now. Please try again.",
		`INSERT INTO sitting (`+sittingColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
		 ON CONFLICT DO NOTHING`,
		append([]any{s.ID, s.Deck, s.Person, s.Network, s.Release, s.Run, s.Number}, sittingState(s)...)...)
}

// PutSitting stores a sitting after a step.
func (tx *Tx) PutSitting(s listen.Sitting) error {
	return tx.put(`UPDATE sitting SET at = $1, side = $2, place = $3, motion = $4, travel = $5, sound = $6, handed = $7,
		heard_side = $8, heard_from = $9, heard_to = $10, heard_at = $11, counted_a = $12, counted_b = $13, began_at = $14, ends_at = $15, seq = $16
		WHERE id = $17 AND seq = $18`, append(sittingState(s), s.ID, s.Seq-1)...)
}

// sittingState is what changes from step to step, in the order of the columns.
func sittingState(s listen.Sitting) []any {
	spans := fmt.Sprintf(handed, s.Head[0].From, s.Head[0].To, s.Head[1].From, s.Head[1].To, s.Cues[0].From, s.Cues[0].To, s.Cues[1].From, s.Cues[1].To)
	return []any{micros(s.At), s.Side, s.Place.Microseconds(), s.Motion, s.Travel.Microseconds(), s.Sound.Microseconds(), spans,
		s.Heard.Side, s.Heard.From.Microseconds(), s.Heard.To.Microseconds(), micros(s.Heard.Since), bit(s.Counted[0]), bit(s.Counted[1]), micros(s.Began), micros(s.Until), s.Seq}
}

// EndSitting ends a sitting.
func (tx *Tx) EndSitting(id string) error {
	return tx.put(`DELETE FROM sitting WHERE id = $1`, id)
}

// EndLapsed ends at most so many sittings whose time is over.
func (tx *Tx) EndLapsed(now time.Time, most int) error {
	_, err := tx.c.Exec(`DELETE FROM sitting WHERE id IN (SELECT id FROM sitting WHERE ends_at <= $1 LIMIT $2 `+SkipLocked+`)`, micros(now), most)
	return err
}

// CountSittings counts the sittings of one network address, and all.
func (tx *Tx) CountSittings(network string) (here, all int, err error) {
	_, err = tx.one([]any{&here, &all}, `SELECT (SELECT count(*) FROM sitting WHERE network = $1), (SELECT count(*) FROM sitting)`, network)
	return here, all, err
}

// Cassette reads what is known of a copy's tape.
func (tx *Tx) Cassette(run catalog.RunID, number int) (listen.Cassette, error) {
	c := listen.Cassette{Run: run, Number: number}
	var place int64
	_, err := tx.one([]any{&c.Plays[0], &c.Plays[1], &c.Side, &place, &c.Seq},
		`SELECT plays_a, plays_b, side, place, seq FROM cassette WHERE run_id = $1 AND number = $2 `+Lock, run, number)
	c.Place = span(place)
	return c, err
}

// PutCassette stores what is known of a copy's tape. Plays only grow.
func (tx *Tx) PutCassette(c listen.Cassette) error {
	if c.Seq == 1 {
		return tx.put(`INSERT INTO cassette (run_id, number, plays_a, plays_b, side, place, seq) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			c.Run, c.Number, c.Plays[0], c.Plays[1], c.Side, c.Place.Microseconds(), c.Seq)
	}
	return tx.put(`UPDATE cassette SET plays_a = $3, plays_b = $4, side = $5, place = $6, seq = $7
		WHERE run_id = $1 AND number = $2 AND seq = $8 AND plays_a <= $3 AND plays_b <= $4`,
		c.Run, c.Number, c.Plays[0], c.Plays[1], c.Side, c.Place.Microseconds(), c.Seq, c.Seq-1)
}
