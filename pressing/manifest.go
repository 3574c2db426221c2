package pressing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ferric/budget"
)

// Schema names the manifest's form. A reader refuses a schema it does not know.
const Schema = "ferric.pressing/1"

// Names that are the same in every pressing.
const (
	manifestName = "release.json"
	md5Name      = "MD5SUMS"
	sha256Name   = "SHA256SUMS"
	claimsName   = "claims.csv"
)

// ErrManifest says that a folder's release.json is missing, malformed or of a schema this version does not know.
var ErrManifest = errors.New("not a pressing")

// Manifest is release.json: everything measured, every file, every setting.
// Lengths and positions are in seconds, levels in the unit that a name ends with.
type Manifest struct {
	Schema   string         `json:"schema"`
	Tool     Tool           `json:"tool"`
	Release  Release        `json:"release"`
	Tape     Tape           `json:"tape"`
	Sides    []Side         `json:"sides"`
	Master   Master         `json:"master"`
	LineUp   []Tone         `json:"line_up"`
	Run      *Run           `json:"run,omitempty"`
	Card     Card           `json:"card"`
	Budget   *budget.Budget `json:"budget"`
	Findings []Finding      `json:"findings"`
	Settings Settings       `json:"settings"`
	Files    []File         `json:"files"`
}

// Tool made the pressing.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Release is the music as issued, in MusicBrainz terms.
type Release struct {
	Title         string   `json:"title"`
	Artist        string   `json:"artist"`
	Label         string   `json:"label,omitempty"`
	CatalogNumber string   `json:"catalog_number,omitempty"`
	Barcode       string   `json:"barcode,omitempty"`
	Year          int      `json:"year,omitempty"`
	Genre         string   `json:"genre,omitempty"`
	Copyright     string   `json:"copyright,omitempty"`
	Notes         string   `json:"notes,omitempty"`
	Credits       []Credit `json:"credits,omitempty"`
	Cover         string   `json:"cover,omitempty"` // where the cover was found, relative to the album
	CoverSHA256   string   `json:"cover_sha256,omitempty"`
	Accent        string   `json:"accent,omitempty"` // "#RRGGBB"
}

// Credit is one line of who did what.
type Credit struct {
	Role  string `json:"role,omitempty"`
	Names string `json:"names"`
}

// Tape is the blank the run is dubbed on.
type Tape struct {
	Name           string  `json:"name"` // "C46"
	MinutesPerSide float64 `json:"minutes_per_side"`
	Type           string  `json:"type"`        // "I", "II", "IV"
	Formulation    string  `json:"formulation"` // "Type I, ferric"
	EqualisationUS float64 `json:"equalisation_us"`
	MarginS        float64 `json:"margin_s"` // tape wanted beyond the longer side
	Shorter        string  `json:"next_shorter,omitempty"`
	OverShorterS   float64 `json:"over_next_shorter_s,omitempty"`
}

// Side is one side of the tape.
type Side struct {
	Name      string    `json:"name"` // "A" or "B"
	Programme Programme `json:"programme"`
	BlankS    float64   `json:"blank_s"` // tape left after the programme
	Heard     *Heard    `json:"preview,omitempty"`
	Tracks    []Track   `json:"tracks"`
}

// Heard is a part of a side as it sounds from tape.
type Heard struct {
	File      string  `json:"file"`
	StartS    float64 `json:"start_s"` // on the side
	DurationS float64 `json:"duration_s"`
	Machine   string  `json:"machine"` // the deck it was played on
	Copy      string  `json:"copy"`    // which copy was played: the seed of its faults
}

// Programme is the audio that goes on one side, as measured after rendering.
type Programme struct {
	File            string   `json:"file"`
	DurationS       float64  `json:"duration_s"`
	Frames          int64    `json:"frames"`
	SampleRate      int      `json:"sample_rate"`
	Bits            int      `json:"bits"`
	IntegratedLUFS  *float64 `json:"integrated_lufs"` // null for silence
	TruePeakDBTP    *float64 `json:"true_peak_dbtp"`
	LoudnessRangeLU *float64 `json:"loudness_range_lu"`
}

// Track is one piece at its place on a side.
type Track struct {
	Position       string   `json:"position"` // "A1"
	Title          string   `json:"title"`
	Artist         string   `json:"artist"`
	ISRC           string   `json:"isrc,omitempty"`
	Source         string   `json:"source"` // its file, relative to the album
	StartS         float64  `json:"start_s"`
	DurationS      float64  `json:"duration_s"`
	Joined         bool     `json:"joined,omitempty"` // runs on from the track before
	Counter        float64  `json:"counter"`          // tape counter at its start, see docs
	IntegratedLUFS *float64 `json:"source_integrated_lufs"`
	TruePeakDBTP   *float64 `json:"source_true_peak_dbtp"`
	Limited        *Acted   `json:"peak_limited,omitempty"`
	TrebleLimited  *Acted   `json:"treble_limited,omitempty"`
}

// Acted says how often and how much a limiter worked on a track.
type Acted struct {
	Times   int     `json:"times"`
	Seconds float64 `json:"seconds"`
	MaxDB   float64 `json:"max_db"`
	MaxAtS  float64 `json:"max_at_s"` // on the side
}

// Master says what was done to the whole tape's sound.
type Master struct {
	Flat        bool     `json:"flat"`
	GainDB      float64  `json:"gain_db"`
	TargetLUFS  *float64 `json:"target_lufs,omitempty"`
	CeilingDBTP *float64 `json:"ceiling_dbtp,omitempty"`
	LUFS        *float64 `json:"integrated_lufs"`  // both sides together
	DolbyDBFS   float64  `json:"dolby_level_dbfs"` // file level that is to be recorded at Dolby level
}

// Tone is one line-up tone in line-up.wav.
type Tone struct {
	Name      string  `json:"name"`
	Hz        float64 `json:"hz"`
	LevelDBFS float64 `json:"level_dbfs"`
	StartS    float64 `json:"start_s"`
	DurationS float64 `json:"duration_s"`
	Purpose   string  `json:"purpose"`
}

// Run is the numbered edition. The codes themselves stand only in claims.csv and on the cards.
type Run struct {
	Copies   int     `json:"copies"`
	Proofs   int     `json:"proofs"`
	ClaimURL string  `json:"claim_url,omitempty"`
	Salt     string  `json:"claim_salt"`
	Claims   []Claim `json:"claims"`
}

// Claim is one copy's number and the salted hash of its code, see [HashClaim].
type Claim struct {
	Copy   string `json:"copy"` // "17/100" or "AP 1/5"
	SHA256 string `json:"sha256"`
}

// Card says how the papers were drawn.
type Card struct {
	Layout string `json:"layout"`
	Panels int    `json:"panels"`
	Paper  string `json:"paper"`
}

// Finding is what a duplicator's desk or a mastering ear would say.
type Finding struct {
	Severity string   `json:"severity"` // "note", "care" or "bad"
	Code     string   `json:"code"`
	Side     string   `json:"side,omitempty"`
	Track    string   `json:"track,omitempty"` // its title
	AtS      *float64 `json:"at_s,omitempty"`  // on the side
	Text     string   `json:"text"`
	Why      string   `json:"why,omitempty"`
	Do       string   `json:"do,omitempty"`
}

// Settings are the choices the pressing was made with, defaults filled in.
type Settings struct {
	Vendor     string  `json:"vendor"`
	Order      string  `json:"order"` // "keep" or "reorder"
	GapS       float64 `json:"gap_s"`
	SampleRate int     `json:"sample_rate"`
	Bits       int     `json:"bits"`
	Format     string  `json:"format"` // "wav" or "flac"
	Flat       bool    `json:"flat"`
}

// File is one file of the pressing.
type File struct {
	Name   string `json:"name"` // with slashes, relative to the folder
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	MD5    string `json:"md5"`
}

// ManifestName is the manifest's file in every pressing.
const ManifestName = manifestName

// maxManifest bounds what ReadManifest takes in.
const maxManifest = 64 << 20

// ReadManifest reads a pressing's release.json and checks its form, not the files.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if len(data) > maxManifest {
		return nil, fmt.Errorf("%w: %s is over %d MiB", ErrManifest, path, maxManifest>>20)
	}
	m, err := parseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrManifest, path, err)
	}
	return m, nil
}

// ParseManifest reads a manifest's text and checks its form. What it says is for the caller to judge.
func ParseManifest(data []byte) (*Manifest, error) {
	if len(data) > maxManifest {
		return nil, fmt.Errorf("%w: %s is over %d MiB", ErrManifest, manifestName, maxManifest>>20)
	}
	m, err := parseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrManifest, manifestName, err)
	}
	return m, nil
}

func parseManifest(data []byte) (*Manifest, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, err
	}
	if head.Schema != Schema {
		return nil, fmt.Errorf("its schema is %.40q, this version reads %q", head.Schema, Schema)
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) || seen[f.Name] {
			return nil, fmt.Errorf("file name %.80q leads out of the folder or stands twice", f.Name)
		}
		seen[f.Name] = true
	}
	return &m, nil
}

// WriteTo writes the manifest as indented JSON.
func (m *Manifest) WriteTo(w io.Writer) (int64, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return 0, err
	}
	n, err := w.Write(append(data, '\n'))
	return int64(n), err
}
