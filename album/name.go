package album

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ferric/album/tag"
)

// Who says what an album and its tracks are called: release.toml, else the tags, else the names of files and folder.

// order sorts the tracks: as release.toml lists them, else by disc, side and number
// where the tags of all tracks say them, else by file name (in which order they are already).
func (r *reading) order() {
	for i := range r.album.Tracks {
		t, tags := &r.album.Tracks[i], r.tags[i]
		if _, n := tags.Number(tag.Disc); n > 0 {
			t.Disc = n
		}
		side, n := tags.Number(tag.Track)
		t.Number = n
		if t.Side == "" {
			t.Side = side
		}
	}
	if len(r.release.Tracks) == 0 {
		r.sortByTags()
		r.keepSides()
	} else {
		for i := range r.album.Tracks {
			r.album.Tracks[i].Side = "" // the sides of release.toml follow
		}
	}
}

func (r *reading) sortByTags() {
	type key struct {
		disc   int
		side   string
		number int
	}
	at := func(t *Track) key { return key{max(t.Disc, 1), t.Side, t.Number} }
	seen := map[key]string{}
	numbered := 0
	clash := ""
	for i := range r.album.Tracks {
		t := &r.album.Tracks[i]
		if t.Number == 0 {
			continue
		}
		numbered++
		if other, twice := seen[at(t)]; twice && clash == "" {
			clash = fmt.Sprintf("%s and %s are both number %d", other, r.short(t), t.Number)
		}
		seen[at(t)] = r.short(t)
	}
	switch {
	case numbered == 0:
		return
	case numbered < len(r.album.Tracks):
		r.notice(NoticeOrder, "", "%d of %d tracks have a number in their tags; file names decide the order", numbered, len(r.album.Tracks))
		return
	case clash != "":
		r.notice(NoticeOrder, "", "%s; file names decide the order", clash)
		return
	}
	index := make([]int, len(r.album.Tracks))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, func(i, j int) int {
		a, b := at(&r.album.Tracks[i]), at(&r.album.Tracks[j])
		return cmp.Or(cmp.Compare(a.disc, b.disc), cmp.Compare(a.side, b.side), cmp.Compare(a.number, b.number))
	})
	tracks, tags := make([]Track, len(index)), make([]*tag.Tags, len(index))
	for to, from := range index {
		tracks[to], tags[to] = r.album.Tracks[from], r.tags[from]
	}
	r.album.Tracks, r.tags = tracks, tags
}

// keepSides turns sides found in folders and track numbers into wishes, when
// they are the two sides of one tape and every track has one.
func (r *reading) keepSides() {
	sides := map[string]int{}
	for _, t := range r.album.Tracks {
		sides[t.Side]++
	}
	if len(sides) == 1 && sides[""] > 0 {
		return
	}
	if sides["A"]+sides["B"] == len(r.album.Tracks) && sides["A"] > 0 && sides["B"] > 0 {
		r.notice(NoticeSides, "", "sides as the folders or track numbers have them: %s on A, %d on B", plural(sides["A"], "track"), sides["B"])
		return
	}
	for i := range r.album.Tracks {
		r.album.Tracks[i].Side = ""
	}
	r.notice(NoticeSides, "", "folders or track numbers name sides, but not A and B for every track; the layout decides")
}

// name fills in everything that has a name.
func (r *reading) name() {
	a, said := r.album, &r.release.Album
	abs, err := filepath.Abs(r.dir)
	if err != nil {
		abs = r.dir
	}
	guess := guessFolder(filepath.Base(abs))
	a.Settings, a.Budget = said.Settings, said.Budget
	a.Notes, a.Accent = said.Notes, said.Accent

	a.Title = cmp.Or(said.Title, r.common(tag.Album, "album titles", maxName), guess.title)
	artist := cmp.Or(said.Artist, r.common(tag.AlbumArtist, "album artists", maxName))
	if artist == "" {
		artist = r.sharedArtist()
	}
	if a.Artist = cmp.Or(artist, guess.artist); a.Artist == "" {
		r.notice(NoticeNames, "", "nothing says who the artist is; release.toml can")
	}
	a.Label = cmp.Or(said.Label, r.common(tag.Label, "labels", maxName))
	a.Catalogue = cmp.Or(said.Catalogue, r.common(tag.Catalogue, "catalogue numbers", maxShort), guess.catalogue)
	a.Genre = cmp.Or(said.Genre, r.common(tag.Genre, "", maxName))
	a.Copyright = cmp.Or(said.Copyright, r.common(tag.Copyright, "", maxLong))
	a.Barcode = cmp.Or(said.Barcode, r.tagBarcode())
	a.Year, a.Date = said.Year, said.Date
	if a.Date == "" {
		a.Year, a.Date = tagDate(r.common(tag.Date, "", maxShort))
	}
	if a.Date == "" {
		a.Year, a.Date = parseDate(guess.year)
	}
	if a.Credits = said.Credits; len(a.Credits) == 0 {
		a.Credits = r.tagCredits()
	}
	for i := range a.Tracks {
		t, tags := &a.Tracks[i], r.tags[i]
		if len(said.Tracks) > 0 {
			w := &said.Tracks[i]
			t.Title, t.Artist, t.ISRC, t.Lyrics = w.Title, w.Artist, w.ISRC, w.Lyrics
			t.Side, t.First, t.Last, t.Group, t.Gap = w.Side, w.First, w.Last, w.Group, w.Gap
		}
		t.Title = cmp.Or(t.Title, limit(CleanLine(tags.Get(tag.Title)), maxName), titleFromFile(path.Base(filepath.ToSlash(t.File)), a.Artist))
		t.Artist = cmp.Or(t.Artist, limit(CleanLine(tags.Joined(tag.Artist)), maxName), a.Artist)
		t.ISRC = cmp.Or(t.ISRC, normalISRC(tags.Get(tag.ISRC)))
		t.Lyrics = cmp.Or(t.Lyrics, limit(CleanText(lyricTimes.ReplaceAllString(tags.Get(tag.Lyrics), "")), maxText))
	}
}

// lyricTimes are the times that karaoke programs put before each line: "[01:23.45]".
var lyricTimes = regexp.MustCompile(`(?m)^(?:\[[0-9]{1,3}:[0-9]{2}(?:[.:][0-9]{1,3})?\][ \t]*)+`)

// common is the value that most tracks give a field. With a name for it, contradictions are noticed.
func (r *reading) common(field, called string, most int) string {
	counts := map[string]int{}
	var values []string
	for _, tags := range r.tags {
		v := limit(CleanLine(tags.Joined(field)), most)
		if v == "" {
			continue
		}
		if counts[v]++; counts[v] == 1 {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return ""
	}
	best := slices.MaxFunc(values, func(a, b string) int { return cmp.Compare(counts[a], counts[b]) })
	if len(values) > 1 && called != "" {
		r.notice(NoticeNames, "", "the tags give %d different %s; %q is taken, which most tracks have", len(values), called, best)
	}
	return best
}

// sharedArtist is the artist of every track, or "Various Artists" when there are several.
func (r *reading) sharedArtist() string {
	shared := ""
	for _, tags := range r.tags {
		artist := limit(CleanLine(tags.Joined(tag.Artist)), maxName)
		switch {
		case artist == "":
		case shared == "":
			shared = artist
		case shared != artist:
			return "Various Artists"
		}
	}
	return shared
}

func (r *reading) tagBarcode() string {
	c := &checker{}
	code := c.barcode("release.barcode", r.common(tag.Barcode, "", maxShort))
	if len(c.errs) > 0 {
		r.notice(NoticeTag, "", "the tags' barcode is not used: %s", c.errs[0].(*FieldError).Problem)
	}
	return code
}

// tagDate reads the dates that tags hold: "2024", "2024-05-17T12:00:00", "20240517", "2024/05".
func tagDate(s string) (int, string) {
	s = strings.NewReplacer("/", "-", ".", "-").Replace(s)
	s, _, _ = strings.Cut(s, "T")
	s, _, _ = strings.Cut(s, " ")
	if len(s) == 8 && digits(s) == 8 {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	for _, n := range []int{10, 7, 4} { // "2024-00-00" is 2024
		if len(s) >= n {
			if year, date := parseDate(s[:n]); date != "" {
				return year, date
			}
		}
	}
	return 0, ""
}

// tagCredits makes lines of credits from what all tracks say of who did what.
func (r *reading) tagCredits() []Credit {
	roles := []struct{ field, role string }{
		{tag.Composer, "written by"}, {tag.Lyricist, "words by"}, {tag.Performer, "performed by"}, {tag.Conductor, "conducted by"},
		{tag.Arranger, "arranged by"}, {tag.Producer, "produced by"}, {tag.Engineer, "recorded by"}, {tag.Mixer, "mixed by"},
	}
	const maxNames = 12
	var credits []Credit
	for _, role := range roles {
		var names []string
		for _, tags := range r.tags {
			for _, name := range tags.All(role.field) {
				if name = limit(CleanLine(name), 100); name != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		if len(names) > maxNames {
			names = append(names[:maxNames], "others")
		}
		if len(names) > 0 {
			credits = append(credits, Credit{role.role, tag.Join(names)})
		}
	}
	return credits
}

// limit cuts s to at most n letters, the last of them an ellipsis.
func limit(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// short is a track's path in the folder, as shown.
func (r *reading) short(t *Track) string { return CleanLine(inFolder(r.dir, t.File)) }

// inFolder is file as a path in dir, with slashes.
func inFolder(dir, file string) string {
	if rel, err := filepath.Rel(dir, file); err == nil {
		file = rel
	}
	return filepath.ToSlash(file)
}

type folderGuess struct{ artist, title, year, catalogue string }

var (
	guessBrackets  = regexp.MustCompile(`\s*[\[{]([^\]}]*)[\]}]\s*`)
	guessYear      = regexp.MustCompile(`^(.*?)\s*\(((?:19|20|21)[0-9]{2})[^)]*\)\s*$`)
	guessYearFirst = regexp.MustCompile(`^\(?((?:19|20|21)[0-9]{2})\)?\s*-\s*(.+)$`)
	guessCatalogue = regexp.MustCompile(`^[A-Z]{2,8}[ .-]?[0-9]{1,5}[A-Z]?$`)
	guessFormat    = regexp.MustCompile(`(?i)\s*\((?:flac|mp3|wav|320|v0|24.?bit|16.?bit|web|cd|tape|cassette)[^)]*\)\s*$`)
)

// guessFolder reads names like "Artist - Title (2024)", "Artist - 2024 - Title",
// "[CAT 001] Artist - Title [FLAC]", "2024 - Title"; a name without all that is a title.
func guessFolder(name string) folderGuess {
	var g folderGuess
	name = CleanLine(name)
	if !strings.Contains(name, " ") {
		name = strings.ReplaceAll(name, "_", " ")
	}
	for _, m := range guessBrackets.FindAllStringSubmatch(name, -1) {
		if inside := CleanLine(m[1]); guessCatalogue.MatchString(inside) && !guessFormat.MatchString("("+inside+")") {
			g.catalogue = inside
		} else if _, date := parseDate(inside); date != "" {
			g.year = inside
		}
	}
	name = CleanLine(guessBrackets.ReplaceAllString(name, " "))
	name = guessFormat.ReplaceAllString(name, "")
	if m := guessYear.FindStringSubmatch(name); m != nil {
		name, g.year = m[1], m[2]
	}
	if m := guessYearFirst.FindStringSubmatch(name); m != nil {
		g.year, name = m[1], m[2]
	}
	g.title = name
	for _, dash := range []string{" - ", " – ", " — "} {
		if artist, title, found := strings.Cut(name, dash); found && CleanLine(artist) != "" && CleanLine(title) != "" {
			g.artist, g.title = CleanLine(artist), CleanLine(title)
			break
		}
	}
	if m := guessYearFirst.FindStringSubmatch(g.title); m != nil {
		g.year, g.title = m[1], m[2]
	}
	g.title, g.artist = limit(CleanLine(g.title), maxName), limit(g.artist, maxName)
	return g
}

var fileNumber = regexp.MustCompile(`^(?:[0-9]{1,2}[-.][0-9]{1,3}|[A-Ha-h]?[0-9]{1,3})(?:\s*[-.)_–]\s*|\s+)(\S.*)$`)

// titleFromFile is the title in a file's name: "03 - Artist - Title.flac" without
// its number, its ending and the album's artist.
func titleFromFile(name, artist string) string {
	title := strings.TrimSuffix(name, path.Ext(name))
	if !strings.Contains(title, " ") {
		title = strings.ReplaceAll(title, "_", " ")
	}
	title = CleanLine(title)
	if m := fileNumber.FindStringSubmatch(title); m != nil {
		title = m[1]
	}
	if len(artist) > 0 && len(title) > len(artist) && strings.EqualFold(title[:len(artist)], artist) {
		if rest, found := strings.CutPrefix(strings.TrimSpace(title[len(artist):]), "-"); found && CleanLine(rest) != "" {
			title = CleanLine(rest)
			if m := fileNumber.FindStringSubmatch(title); m != nil {
				title = m[1] // "Artist - 03 - Title"
			}
		}
	}
	return cmp.Or(limit(title, maxName), "Untitled")
}
