package album

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A folder is what look found: sound and pictures, in natural order of their paths.
type folder struct {
	sounds []sound
	images []string
	passed map[string]int // folders that hold sound and are not read, with how many files
}

// A sound is a file that is taken for sound.
type sound struct {
	path string // in the album's folder, with slashes
	disc int    // from the folder "CD 2"; 0 when it does not say
	side string // from the folder "Side A"
}

// maxEntries is how many files are looked at. An album has hundreds, a home directory a million.
const maxEntries = 20_000

// soundNames are the endings of sound files; what such a file holds is then told from its content.
var soundNames = map[string]bool{
	".wav": true, ".wave": true, ".bwf": true, ".rf64": true, ".bw64": true, ".w64": true, ".aif": true, ".aiff": true, ".aifc": true,
	".flac": true, ".mp3": true, ".mp2": true, ".ogg": true, ".oga": true, ".opus": true,
	".m4a": true, ".m4b": true, ".aac": true, ".alac": true, ".wma": true, ".ape": true, ".wv": true, ".tta": true, ".mpc": true,
	".caf": true, ".ac3": true, ".dsf": true, ".dff": true, ".mka": true, ".au": true, ".snd": true, ".spx": true, ".tak": true, ".shn": true,
}

var imageNames = map[string]bool{".jpg": true, ".jpeg": true, ".jpe": true, ".png": true, ".gif": true, ".webp": true, ".tif": true, ".tiff": true}

// Folders of one disc or side: "CD1", "disc 2 - live", "Side A", "Seite B", "Tape 1".
var (
	discFolder = regexp.MustCompile(`(?i)^(?:cd|disc|disk|disque|disco|tape|lp|vol\.?|volume|part)[ ._-]*([0-9]{1,2})\b`)
	sideFolder = regexp.MustCompile(`(?i)^(?:side|seite|face|lato|cara|lado|kant|strona)[ ._-]*([a-h]|[1-8])\b`)
	artFolder  = regexp.MustCompile(`(?i)^(?:art|artwork|cover|covers|scans|images)$`)
)

// look lists the folder and the folders one below. Names that begin with a dot are passed over.
func look(root *os.Root) (*folder, error) {
	f := &folder{passed: map[string]int{}}
	seen := 0
	var walk func(dir string, in sound, depth int) error
	walk = func(dir string, in sound, depth int) error {
		entries, err := readDir(root, dir)
		if err != nil {
			return &FileError{dir, "cannot be listed", plain(err)}
		}
		if seen += len(entries); seen > maxEntries {
			return fmt.Errorf("%s: more than %d files, this is no album's folder: %w", root.Name(), maxEntries, ErrTooMany)
		}
		for _, e := range entries {
			name := e.Name()
			if strings.HasPrefix(name, ".") {
				continue
			}
			p := path.Join(dir, name)
			mode := e.Type()
			if mode&fs.ModeSymlink != 0 {
				info, err := root.Stat(p)
				switch {
				case errors.Is(err, fs.ErrNotExist):
					if isSoundName(name) || isImageName(name) {
						return &FileError{File: p, Text: "is a symbolic link to a file that does not exist"}
					}
					continue
				case err != nil:
					return &FileError{File: p, Text: "is a symbolic link that leaves the album's folder; put the file itself there"}
				}
				mode = info.Mode().Type()
			}
			if mode.IsDir() {
				if depth == 0 {
					if err := f.lookInto(root, p, walk); err != nil {
						return err
					}
				}
				continue
			}
			if !mode.IsRegular() {
				if isSoundName(name) {
					return &FileError{File: p, Text: "is no regular file"}
				}
				continue // a pipe or a socket would wait for ever
			}
			switch {
			case isImageName(name):
				f.images = append(f.images, p)
			case isSoundName(name), path.Ext(name) == "" && isSound(root, p):
				f.sounds = append(f.sounds, sound{p, in.disc, in.side})
			}
		}
		return nil
	}
	if err := walk(".", sound{}, 0); err != nil {
		return nil, err
	}
	slices.SortFunc(f.sounds, func(a, b sound) int {
		return cmp.Or(cmp.Compare(a.disc, b.disc), cmp.Compare(a.side, b.side), comparePaths(a.path, b.path))
	})
	slices.SortFunc(f.images, comparePaths)
	return f, nil
}

// lookInto reads a folder below when its name says that it is a disc or a side, looks for
// pictures where it says artwork, and else only counts what sounds in it.
func (f *folder) lookInto(root *os.Root, dir string, walk func(string, sound, int) error) error {
	name := path.Base(dir)
	in := sound{}
	if m := discFolder.FindStringSubmatch(name); m != nil {
		in.disc, _ = strconv.Atoi(m[1])
		return walk(dir, in, 1)
	}
	if m := sideFolder.FindStringSubmatch(name); m != nil {
		in.side = strings.ToUpper(m[1])
		if c := in.side[0]; c >= '1' && c <= '8' {
			in.side = string(rune('A' + c - '1'))
		}
		return walk(dir, in, 1)
	}
	if artFolder.MatchString(name) {
		before := len(f.sounds)
		err := walk(dir, in, 1)
		f.sounds = f.sounds[:before]
		return err
	}
	entries, err := readDir(root, dir)
	if err != nil {
		return nil // it is not the album's
	}
	for _, e := range entries {
		if e.Type().IsRegular() && isSoundName(e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			f.passed[dir]++
		}
	}
	return nil
}

func readDir(root *os.Root, dir string) ([]fs.DirEntry, error) {
	d, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(maxEntries + 1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return entries, err
}

func isSoundName(name string) bool { return soundNames[strings.ToLower(path.Ext(name))] }
func isImageName(name string) bool { return imageNames[strings.ToLower(path.Ext(name))] }

// comparePaths orders paths as people do: part by part, numbers by value, letters whatever their case.
func comparePaths(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(as), len(bs)) {
		if c := compareNatural(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

// compareNatural puts "2 b" before "10 a" and "Track 9" before "track 10".
func compareNatural(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	for x != "" && y != "" {
		dx, dy := digits(x), digits(y)
		if dx > 0 && dy > 0 {
			nx, ny := strings.TrimLeft(x[:dx], "0"), strings.TrimLeft(y[:dy], "0")
			if c := cmp.Or(cmp.Compare(len(nx), len(ny)), cmp.Compare(nx, ny)); c != 0 {
				return c
			}
			x, y = x[dx:], y[dy:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits is how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// nearestFile is the sound file whose name is most like p, "" when none is near.
func nearestFile(p string, files []sound) string {
	best, distance := "", 1+len(p)/3
	for _, s := range files {
		if d := editDistance(strings.ToLower(p), strings.ToLower(s.path)); d < distance {
			best, distance = s.path, d
		}
	}
	return CleanLine(best)
}
