package master

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ferric/album"
	"ferric/audio"
)

// absurdPeak, dBTP, is a level that no mix reaches; only floating-point files can hold it.
const absurdPeak = 20

// Check reports what a duplicator's desk and a mastering ear would remark on:
// p's own findings, then those about each track in playing order. r, from
// Render, adds what the limiters did; it may be nil. docs/mastering.md lists
// every code with its threshold.
func Check(a *album.Album, m *Measurements, p *Plan, r *Result, o Options) []Finding {
	found := slices.Clone(p.Findings)
	if r != nil && !o.Flat {
		found = append(found, r.look(p, o)...)
	}
	median := m.median()
	for s := range p.Sides {
		side := &p.Sides[s]
		for place, t := range side.Tracks {
			c := checker{title: a.Tracks[t.Index].Title, m: &m.Tracks[t.Index], placed: t, side: side.Name, rate: p.Rate, flat: o.Flat}
			c.ends = place+1 == len(side.Tracks) || !side.Tracks[place+1].Joined
			c.all(median)
			if r != nil {
				c.work(&r.Tracks[t.Index])
			}
			found = append(found, c.found...)
		}
	}
	return found
}

// median is the middle of the tracks' loudness, LUFS.
func (m *Measurements) median() float64 {
	var all []float64
	for i := range m.Tracks {
		if l := m.Tracks[i].Integrated; !math.IsInf(l, 0) {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		return math.NaN()
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// checker judges one track.
type checker struct {
	title  string
	m      *TrackMeasure
	placed Placed
	side   string
	rate   audio.Rate
	flat   bool
	ends   bool // silence follows it
	found  []Finding
}

// add reports at a time of the track.
func (c *checker) add(severity Severity, code string, when time.Duration, text, why, do string) {
	c.found = append(c.found, Finding{
		Severity: severity, Code: code, Side: c.side, Track: c.placed.Index + 1,
		At: c.placed.Start.Duration(c.rate) + when, Text: text, Why: why, Do: do,
	})
}

// Thresholds. They are Ferric's own, chosen so that ordinary masters pass.
const (
	oddQuieter  = 8.0   // LU under the album's median
	oddLouder   = 5.0   // LU over it
	dcLimit     = 0.003 // of full scale, −50 dBFS
	tailLimit   = -42.0 // dBFS in the last 50 ms
	tailUnder   = 18.0  // dB that a real ending has fallen under the last 3 s
	monoLoss    = 6.0   // dB; unrelated channels lose 3
	inverted    = -0.8  // correlation; 10 dB lost in the sum
	subBass     = -6.0  // dB, share of what lies under 35 Hz
	sibilantMin = 4     // moments
)

func (c *checker) all(median float64) {
	m, k := c.m, &c.m.Checks
	title := "“" + c.title + "”"
	if math.IsInf(m.Integrated, 0) && m.SamplePeakDB < soundDB {
		c.add(Bad, "silent-track", 0, title+" holds no sound.",
			"It would be a stretch of blank tape.", "Look at the file: it may be a wrong export.")
		return
	}
	if k.Clips > 0 {
		severity := Note
		if k.Clips > 20 {
			severity = Care
		}
		c.add(severity, "clipped", k.ClipAt,
			fmt.Sprintf("%s has %s of full-scale samples, the longest %d long.", title, plural(k.Clips, "run"), k.ClipLength),
			"The tops of the wave are cut off. What the ear forgives on a loud digital file becomes a rasp when tape saturates on top of it.",
			"Ask for a mix or master without clipping.")
	}
	if k.Overs > 0 {
		severity := Note
		if m.TruePeakDB > 1 {
			severity = Care
		}
		do := "Nothing: the gain and the limiter bring it under the ceiling."
		if c.flat {
			do = "Turn the track down by a decibel or two; --flat leaves it as it is."
		}
		if m.TruePeakDB > absurdPeak {
			severity, do = Bad, "Look at this place in an editor: a broken float file holds such a value, music does not. The whole tape is turned down for it."
		}
		c.add(severity, "inter-sample-clip", k.OverAt,
			fmt.Sprintf("%s peaks at %+.1f dBTP between samples, over full scale in %s.", title, m.TruePeakDB, plural(k.Overs, "place")),
			"Converters and resamplers clip where the wave goes over full scale between samples.", do)
	}
	for _, s := range k.Silences {
		length := s.To - s.From
		switch {
		case s.Edge && s.From == 0:
			c.add(Note, "silent-start", s.From, fmt.Sprintf("%s begins with %s of silence.", title, clock(length)),
				"On tape it adds to the gap before the track.", "Trim it, if it is not meant.")
		case s.Edge:
			c.add(Note, "silent-end", s.From, fmt.Sprintf("%s ends with %s of silence.", title, clock(length)),
				"On tape it adds to the gap after the track.", "Trim it, if it is not meant.")
		default:
			severity := Note
			if length > 20*time.Second {
				severity = Care
			}
			c.add(severity, "long-silence", s.From, fmt.Sprintf("%s is silent for %s.", title, clock(length)),
				"Hiss stands alone there, decks that search for gaps take it for the end of the track, and a dubbing desk for the end of the side.",
				"If it hides a track, say so on the run sheet.")
		}
	}
	if c.ends && k.TailDB > tailLimit && k.TailDB > k.BodyDB-tailUnder {
		c.add(Care, "tail-cut", c.placed.Length.Duration(c.rate),
			fmt.Sprintf("%s stops at %.0f dBFS, without a fade.", title, k.TailDB),
			"It may have been cut off in export; against hiss a hard stop is heard as a fault.",
			"Compare the end with the mix; if it is meant, leave it. If the next track should follow at once, give it gap = 0.")
	}
	if m.Format.Channels > 1 {
		switch {
		case k.Correlation < inverted:
			c.add(Bad, "phase-inverted", 0,
				fmt.Sprintf("The channels of %s are opposed (correlation %+.2f).", title, k.Correlation),
				"The two tracks of a side lie next to each other: a mono head, and there are many, hears their sum, which is next to nothing.",
				"Invert one channel.")
		case k.MonoLossDB > monoLoss:
			c.add(Care, "mono-loss", 0,
				fmt.Sprintf("%s loses %.1f dB when its channels are summed.", title, k.MonoLossDB),
				"A mono head reads both tracks of a side at once, and azimuth error partly does: wide or phasey sounds vanish.",
				"Listen in mono; narrow the widest sounds, the bass above all.")
		}
	}
	if k.HumHz > 0 {
		severity := Note
		if k.HumDB > -55 {
			severity = Care
		}
		c.add(severity, "hum", 0,
			fmt.Sprintf("%s has mains hum at %.0f Hz and its multiples, about %.0f dBFS.", title, k.HumHz, k.HumDB),
			"It stands out in the quiet parts, and decks add their own.",
			"Notch it out at the source.")
	}
	if k.Sibilants >= sibilantMin && k.Sibilance >= 0.01 && k.Sibilance <= 0.4 {
		c.add(Note, "sibilance", k.SibilantAt,
			fmt.Sprintf("%s has sharp s sounds in %.0f%% of its moments.", title, 100*k.Sibilance),
			"High treble saturates tape first: an s becomes a spit with a lisp around it.",
			"De-ess the voice; what remains the treble limiter holds.")
	}
	for ch, dc := range k.DC {
		if math.Abs(dc) > dcLimit {
			severity, do := Note, "Nothing: the 25 Hz filter takes it away."
			if c.flat {
				severity, do = Care, "Remove it, or press without --flat."
			}
			c.add(severity, "dc-offset", 0,
				fmt.Sprintf("%s has a DC offset of %+.1f%% (%s).", title, 100*dc, []string{"left", "right"}[ch]),
				"It wastes headroom and clicks where the track begins and ends.", do)
			break
		}
	}
	if k.SubBassDB > subBass {
		c.add(Care, "sub-bass", 0,
			fmt.Sprintf("%.0f%% of the power of %s lies under 35 Hz.", 100*math.Pow(10, k.SubBassDB/10), title),
			"Few decks play it, but it saturates the tape and pushes the rest down; duplicators lower the whole level for it (debandjesfabriek.nl).",
			"Turn the lowest octave down.")
	}
	if d := m.Integrated - median; !math.IsInf(m.Integrated, 0) && !math.IsNaN(d) {
		switch {
		case d < -oddQuieter:
			c.add(Note, "level-low", 0,
				fmt.Sprintf("%s is %.0f LU under the album's middle.", title, -d),
				"On tape it comes that much nearer to the hiss.",
				"If it is not meant to be so quiet, raise it in the mix: one gain serves the whole tape.")
		case d > oddLouder:
			c.add(Note, "level-high", 0,
				fmt.Sprintf("%s is %.0f LU over the album's middle.", title, d),
				"The dubbing level is set by the loudest passage; everything else comes nearer to the hiss.",
				"If it is not meant to be so loud, turn it down in the mix.")
		}
	}
}

// work reports limiters that had much to do.
func (c *checker) work(r *Rendered) {
	title := "“" + c.title + "”"
	if w := r.Limiter; w.Share > 0.25 && w.MaxDB > 3 {
		severity := Note
		if w.Share > 0.5 && w.MaxDB > 6 {
			severity = Care
		}
		c.add(severity, "limited", w.MaxAt,
			fmt.Sprintf("The peak limiter works on %.0f%% of %s, up to %.1f dB.", 100*w.Share, title, w.MaxDB),
			"Dense limiting takes the life out of drums.",
			"Aim lower: --loudness −16 keeps more of the dynamics, and tape has the room.")
	}
	if w := r.Treble; w.Share > 0.05 {
		c.add(Note, "treble-limited", w.MaxAt,
			fmt.Sprintf("The treble of %s is held back in %.0f%% of it, up to %.1f dB.", title, 100*w.Share, w.MaxDB),
			"It would saturate the tape at this recording level.",
			"If it is too dull, aim lower, or take a tape that carries more treble.")
	}
}

// look reports on the tape as a whole.
func (r *Result) look(p *Plan, o Options) []Finding {
	var found []Finding
	if r.Short {
		found = append(found, Finding{
			Severity: Note, Code: "loudness-short",
			Text: fmt.Sprintf("The tape stays at %.1f LUFS; %.1f were asked for.", r.Loudness, r.Target),
			Why:  fmt.Sprintf("More gain would cost over %.0f LU of dynamics in the limiter, or take over %.0f dB off a peak.", maxLoss, maxReduction),
			Do:   "Dub at a little more level, or ask for a lower --loudness.",
		})
	}
	if a, b := r.Sides[0].IntegratedLUFS, r.Sides[1].IntegratedLUFS; math.Abs(a-b) > 3 && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
		quieter := "A"
		if b < a {
			quieter = "B"
		}
		found = append(found, Finding{
			Severity: Note, Code: "sides-uneven", Side: quieter,
			Text: fmt.Sprintf("Side %s is %.1f LU quieter than the other.", quieter, math.Abs(a-b)),
			Why:  "Duplicators set one level for both sides, by the louder one.",
			Do:   "Another order may even the sides out.",
		})
	}
	return found
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
