package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/listen"
)

// What a deck's page asks. All of it is JSON but the segments; docs/formats/listening.md is the reference.
//
//	POST /api/deck/side   what may be heard of a tape, and where it stands
//	POST /api/deck/sit    put it in: as side, with the sitting's name
//	POST /api/deck/near   where it is now, for the segments about to pass the head
//	GET  /s/{address}     a segment, FLAC

// decks is how often a deck may say where it is: every second and at every key, for a few decks of one address.
var decks = rate{"decks", 300, 100 * time.Millisecond}

func listenRoutes(w *Web) []route {
	o := options{body: 4 << 10, limit: decks}
	ask := func(question deckQuestion) func(*visit) error {
		return func(v *visit) error {
			who := listen.Who{Account: string(v.Account.ID), Visitor: v.Buyer().Visitor, Network: v.from().String()}
			body, err := question(w.cfg.Listen, v.r, who)
			if err != nil {
				return err
			}
			return v.json(http.StatusOK, body)
		}
	}
	return []route{
		{pattern: "POST /api/deck/side", who: anyone, do: ask(deckSide), opts: o},
		{pattern: "POST /api/deck/sit", who: anyone, do: ask(deckSit), opts: o},
		{pattern: "POST /api/deck/near", who: anyone, do: ask(deckNear), opts: o},
		{pattern: "GET /s/{address}", who: secret, do: func(v *visit) error { return serveSegment(w.cfg.Listen, v.w, v.r) }},
	}
}

// Play answers what a deck's page asks, for a pressing folder with no shop: one listener, no accounts.
func Play(l *listen.Listening) http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, code int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(body)
	}
	refuse := func(w http.ResponseWriter, err error) {
		kind := fault.Of(err)
		answer(w, status[kind], map[string]string{"error": fault.Text(err), "kind": kind.String()})
	}
	for pattern, question := range map[string]deckQuestion{"POST /api/deck/side": deckSide, "POST /api/deck/sit": deckSit, "POST /api/deck/near": deckNear} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
			body, err := question(l, r, listen.Who{Visitor: "here"})
			if err != nil {
				refuse(w, err)
				return
			}
			answer(w, http.StatusOK, body)
		})
	}
	mux.HandleFunc("GET /s/{address}", func(w http.ResponseWriter, r *http.Request) {
		if err := serveSegment(l, w, r); err != nil {
			refuse(w, err)
		}
	})
	return mux
}

// deckQuestion reads a question from a request's body and answers it.
type deckQuestion func(*listen.Listening, *http.Request, listen.Who) (any, error)

func deckSide(l *listen.Listening, r *http.Request, who listen.Who) (any, error) {
	var want wantJSON
	if err := readJSON(r.Body, &want); err != nil {
		return nil, err
	}
	d, err := l.Look(r.Context(), who, want.want())
	return deckOf(d, ""), err
}

func deckSit(l *listen.Listening, r *http.Request, who listen.Who) (any, error) {
	var want wantJSON
	if err := readJSON(r.Body, &want); err != nil {
		return nil, err
	}
	seat, err := l.Sit(r.Context(), who, want.want())
	return deckOf(seat.Deck, seat.ID), err
}

func deckNear(l *listen.Listening, r *http.Request, who listen.Who) (any, error) {
	var j stepJSON
	if err := readJSON(r.Body, &j); err != nil {
		return nil, err
	}
	step, err := j.step()
	if err != nil {
		return nil, err
	}
	h, err := l.Near(r.Context(), who, j.Sitting, step)
	return handedOf(h), err
}

// serveSegment answers with a segment. Its address holds for a minute, and so does what a browser keeps of it.
func serveSegment(l *listen.Listening, w http.ResponseWriter, r *http.Request) error {
	data, err := l.Segment(r.Context(), r.PathValue("address"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "audio/flac")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Header().Set("Cache-Control", "private, max-age=60, immutable")
	w.Write(data)
	return nil
}

// wantJSON asks for the shop's preview of a release, or for a copy.
type wantJSON struct {
	Release catalog.ReleaseID `json:"release"`
	Run     catalog.RunID     `json:"run"`
	Number  int               `json:"number"`
}

func (j wantJSON) want() listen.Want {
	return listen.Want{Release: j.Release, Run: j.Run, Number: j.Number}
}

// stepJSON is where the tape is.
type stepJSON struct {
	Sitting string        `json:"sitting"`
	Side    string        `json:"side"`    // "A" or "B"
	Place   float64       `json:"place_s"` // from the end of the leader, at play speed
	Motion  listen.Motion `json:"motion"`
	Other   bool          `json:"other"` // also what bleeds through from the other side
}

var sideNames = []string{"A", "B"}

func (j stepJSON) step() (listen.Step, error) {
	side := slices.Index(sideNames, j.Side)
	if side < 0 || !(j.Place > -1e5 && j.Place < 1e5) {
		return listen.Step{}, fault.Field("place_s", "The tape is not that long.")
	}
	return listen.Step{Side: side, Place: time.Duration(j.Place * float64(time.Second)), Motion: j.Motion, Other: j.Other}, nil
}

// deckJSON is a tape in a deck.
type deckJSON struct {
	Sitting   string     `json:"sitting,omitempty"`
	Title     string     `json:"title"`
	Catalog   string     `json:"catalog_number,omitempty"`
	Length    string     `json:"length"` // "C46"
	Type      string     `json:"type"`   // "I", "II", "IV"
	Dolby     float64    `json:"dolby_level_dbfs"`
	Sound     string     `json:"sound"` // seeds the copy's own sound
	Side      string     `json:"side"`
	Place     float64    `json:"place_s"`
	SegmentS  int        `json:"segment_s"`
	CueFactor int        `json:"cue_factor"`
	Sides     []sideJSON `json:"sides"`
}

type sideJSON struct {
	Name     string `json:"name"`
	Heard    bool   `json:"heard"` // it may be
	Frames   int64  `json:"frames"`
	Rate     int    `json:"rate"`
	Segments int    `json:"segments"`
	Cues     int    `json:"cues"`
	Plays    int    `json:"plays"`
}

func deckOf(d listen.Deck, sitting string) deckJSON {
	j := deckJSON{
		Sitting: sitting, Title: d.Tape.Title, Catalog: d.Tape.CatalogNumber, Length: d.Tape.Length.Name, Type: d.Tape.Formulation.Code,
		Dolby: d.Tape.DolbyDBFS, Sound: d.Sound, Side: sideNames[d.Side], Place: d.Place.Seconds(),
		SegmentS: listen.SegmentSeconds, CueFactor: listen.CueFactor,
	}
	for i, p := range d.Tape.Sides {
		j.Sides = append(j.Sides, sideJSON{sideNames[i], d.Grant.Sides[i], int64(p.Frames), int(p.Rate), p.Segments(), p.Cues(), d.Plays[i]})
	}
	return j
}

// handedJSON is what may be fetched now.
type handedJSON struct {
	Segments []segmentJSON `json:"segments"` // what is at the head first
	Until    time.Time     `json:"until"`
	Plays    [2]int        `json:"plays"` // of sides A and B
}

type segmentJSON struct {
	Side  string `json:"side"`
	Cue   bool   `json:"cue,omitempty"`
	Index int    `json:"index"`
	URL   string `json:"url"`
}

func handedOf(h listen.Handed) handedJSON {
	j := handedJSON{Segments: []segmentJSON{}, Until: h.Until, Plays: h.Plays}
	for i, p := range h.Pieces {
		j.Segments = append(j.Segments, segmentJSON{sideNames[p.Side], p.Cue, p.Index, "/s/" + h.Addresses[i]})
	}
	return j
}

// readJSON reads one small object from a script of ours.
func readJSON(r io.Reader, into any) error {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fault.Wrap(err, fault.Invalid, "This is more than the deck takes.")
		}
		return fault.Wrap(err, fault.Invalid, "The deck did not understand this.")
	}
	return nil
}
