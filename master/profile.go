package master

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ferric/audio"
)

// Profile is what one duplicator (or a deck at home) wants of its masters.
type Profile struct {
	Key  string // for the command line: "headless"
	Name string
	Rate audio.Rate
	Bits int
	// FLAC says that they take FLAC as well as WAV.
	FLAC bool
	// SideName is how they want a side's file named, without extension; "" has
	// no wish. {artist}, {title}, {catalogue}, {label} and {side} stand for what they say.
	SideName string
	// TrackName is the same for single tracks, with {side} and {number} (two digits).
	TrackName string
	// HeadSilence stands at the start of each side.
	HeadSilence time.Duration
	// SideLimit is the longest side they take; 0 is no limit.
	SideLimit time.Duration
	// MD5 says that they want checksums beside the files.
	MD5 bool
	// ALonger says that they ask for a side A at least as long as side B.
	ALonger bool
	Notes   []string
	Source  string
}

// ErrProfile is wrapped by the error about an unknown profile.
var ErrProfile = errors.New("no such vendor profile")

// Profiles lists the known profiles, "home" first. Figures are the vendors'
// own, from the pages that Source names; what a vendor does not say is Ferric's
// choice: 44.1 kHz, 16 bits, 1 s of silence at the head. No vendor was found
// that states a loudness.
func Profiles() []Profile {
	return []Profile{
		{
			Key: "home", Name: "A deck at home",
			Rate: 44100, Bits: 16, FLAC: true, HeadSilence: time.Second,
			Notes: []string{
				"Start the tape at the end of the leader and let it run 8 to 10 seconds before the programme.",
				"Set the level with line-up.wav before dubbing.",
			},
			Source: "Ferric's own choice",
		},
		{
			Key: "headless", Name: "Headless Duplicated Tapes",
			Rate: 44100, Bits: 16, SideName: "{artist}_{title}_side_{side}",
			HeadSilence: time.Second,
			Notes: []string{
				"Send one zip: LABEL_CATnr_Artist_Title_AUDIO.",
				"They ask for restrained treble and nothing below 20 Hz.",
			},
			Source: "headlessduplicatedtapes.com/audio",
		},
		{
			Key: "pressingbusiness", Name: "Pressing Business",
			Rate: 44100, Bits: 16, HeadSilence: time.Second,
			SideLimit: 30 * time.Minute, MD5: true, ALonger: true,
			Notes: []string{
				"Send a track list with durations; a ZIP, or MD5 sums beside the files.",
				"They advise a side A a little longer than side B.",
			},
			Source: "pressingbusiness.co/cassette-file-preparation",
		},
		{
			Key: "monotype", Name: "Monotype Pressing",
			Rate: 44100, Bits: 16, TrackName: "{side}_{number}", HeadSilence: time.Second,
			SideLimit: 45 * time.Minute, MD5: true, ALonger: true,
			Notes: []string{
				"One file a side with an MD5 file; single tracks cost a merge fee.",
				"Side A must be the longer one, or they add silence to it.",
			},
			Source: "monotypepressing.com/useful-information-cassette",
		},
		{
			Key: "national", Name: "National Audio Company",
			Rate: 44100, Bits: 16, FLAC: true, HeadSilence: time.Second,
			Notes: []string{
				"One file a side, gaps inside; send a track list that names sides A and B.",
				"They change nothing but the level, and keep the running master for re-orders.",
				"They advise against Dolby B unless every listener can decode it.",
			},
			Source: "nationalaudiocompany.com/faq; support.qrates.com 1bu272dbpq",
		},
		{
			Key: "debandjesfabriek", Name: "De Bandjesfabriek",
			Rate: 44100, Bits: 16, FLAC: true, HeadSilence: time.Second,
			Notes: []string{
				"They dub in real time and set levels by hand; never send MP3.",
				"They ask for restrained sub-bass: it saturates the tape and they lower the whole level.",
			},
			Source: "debandjesfabriek.nl/specs/mastering-voor-tape",
		},
	}
}

// ParseProfile finds a profile by its key; "" is home, "nac" is national.
func ParseProfile(key string) (Profile, error) {
	all := Profiles()
	k := strings.ToLower(strings.TrimSpace(key))
	switch k {
	case "":
		return all[0], nil
	case "nac":
		k = "national"
	}
	keys := make([]string, len(all))
	for i, p := range all {
		if p.Key == k {
			return p, nil
		}
		keys[i] = p.Key
	}
	return Profile{}, fmt.Errorf("%w: %.40q (there are %s)", ErrProfile, key, strings.Join(keys, ", "))
}

// SideFile is the name the vendor wants for a side's file, without extension,
// or "" when it has no wish. Whatever could not stand in a file name becomes "-".
func (p Profile) SideFile(side, artist, title, label, catalogue string) string {
	return fill(p.SideName, "{side}", side, "{artist}", artist, "{title}", title, "{label}", label, "{catalogue}", catalogue)
}

// TrackFile is the same for the track that stands at number (from 1) on a side.
func (p Profile) TrackFile(side string, number int) string {
	return fill(p.TrackName, "{side}", side, "{number}", fmt.Sprintf("%02d", number))
}

func fill(pattern string, pairs ...string) string {
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = clean(pairs[i])
	}
	return strings.NewReplacer(pairs...).Replace(pattern)
}

// clean keeps letters, digits and plain punctuation; a name never holds a separator or starts with a dot.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r < 0x20 || r == 0x7f || strings.ContainsRune(`/\:*?"<>|{}`, r):
			return '-'
		}
		return r
	}, s)
	if len(s) > 80 {
		s = strings.ToValidUTF8(s[:80], "")
	}
	return strings.Trim(s, ".- ")
}
