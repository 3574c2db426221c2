package album

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"ferric/album/tag"
)

// Options of Read. The zero value reads with every core and in silence.
type Options struct {
	Workers  int                   // files read at once; 0 for one a core
	FFmpeg   string                // the ffmpeg program for formats that Ferric does not read itself; "" refuses them. Only for the user's own files
	Verify   bool                  // decode every track to its end, so that a truncated one is found now and not when it is rendered
	Progress func(done, total int) // tracks read so far; called by one goroutine at a time
}

// Notice is something that the owner of an album should know and that stops nothing.
type Notice struct {
	Code string // one of the constants below
	File string // path in the album's folder; "" when it is about the whole
	Text string // names the file itself
}

// What a Notice may be about.
const (
	NoticeTag      = "tag"      // a tag that is malformed or says nothing usable
	NoticeUnlisted = "unlisted" // sound that release.toml does not list
	NoticeFolder   = "folder"   // a folder with sound that is not read
	NoticeOrder    = "order"    // how the order was found, where the tags do not say it
	NoticeNames    = "names"    // tags that contradict each other
	NoticeSides    = "sides"    // sides taken from folders or track numbers
	NoticeCover    = "cover"    // what became of the cover
	NoticeChannels = "channels" // more channels than two
)

// What Read refuses. A *FieldError (about release.toml) is an ErrRelease; trouble with
// the sound of a file is an *audio.Error.
var (
	ErrNoAudio = errors.New("no audio files")
	ErrTooMany = errors.New("too many files")
	ErrFile    = errors.New("file refused")
)

// FileError is trouble with one file of an album.
type FileError struct {
	File string // path in the album's folder
	Text string
	Err  error // the cause; may be nil
}

func (e *FileError) Error() string {
	s := CleanLine(e.File) + ": " + e.Text
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *FileError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrFile}
	}
	return []error{ErrFile, e.Err}
}

// maxFileHours is the longest file that is taken for a track.
const maxFileHours = 24

// Read reads the album in dir.
//
// Its tracks are the sound files of the folder, and of folders one below whose
// names say that they are a disc or a side ("CD 1", "Side A"). release.toml
// rules over their order and every name; then come the tags; then the names of files
// and folder. Nothing outside the folder is read: a symbolic link that leaves it is refused.
func Read(ctx context.Context, dir string, o Options) (*Album, []Notice, error) {
	r := &reading{dir: dir, options: o, album: &Album{Dir: dir}}
	if err := r.read(ctx); err != nil {
		return nil, r.notices, err
	}
	return r.album, r.notices, nil
}

// A reading is one call of Read.
type reading struct {
	dir     string
	options Options
	root    *os.Root
	found   *folder
	release *release // never nil; empty without a release.toml
	tags    []*tag.Tags
	album   *Album
	notices []Notice
}

func (r *reading) notice(code, file, format string, args ...any) {
	r.notices = append(r.notices, Notice{code, file, fmt.Sprintf(format, args...)})
}

func (r *reading) read(ctx context.Context) (err error) {
	info, err := os.Stat(r.dir)
	if err != nil {
		return fmt.Errorf("%s: %w", r.dir, plain(err))
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is a file; an album is a folder of audio files: %w", r.dir, ErrNoAudio)
	}
	if r.root, err = os.OpenRoot(r.dir); err != nil {
		return fmt.Errorf("%s: %w", r.dir, plain(err))
	}
	defer r.root.Close()
	if r.found, err = look(r.root); err != nil {
		return err
	}
	if r.release, err = readRelease(r.root); err != nil {
		return err
	}
	files, err := r.choose()
	if err != nil {
		return err
	}
	if err := r.readTracks(ctx, files); err != nil {
		return err
	}
	r.order()
	r.name()
	return r.findCover(ctx)
}

func readRelease(root *os.Root) (*release, error) {
	f, err := root.Open(ReleaseFile)
	if errors.Is(err, fs.ErrNotExist) {
		return &release{}, nil
	}
	if err != nil {
		return nil, &FileError{ReleaseFile, "cannot be read", plain(err)}
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, MaxReleaseFile+1))
	if err != nil {
		return nil, &FileError{ReleaseFile, "cannot be read", plain(err)}
	}
	return parseRelease(doc)
}

// choose decides which of the files found are the album's tracks: those that release.toml lists, or all.
func (r *reading) choose() ([]sound, error) {
	known := map[string]sound{}
	composed := map[string]string{} // file systems differ in how they write an ä; people do not see it
	for _, s := range r.found.sounds {
		known[s.path] = s
		composed[norm.NFC.String(s.path)] = s.path
	}
	if len(r.release.Tracks) == 0 {
		for path, n := range r.found.passed {
			r.notice(NoticeFolder, path, "folder %q holds %s that are not read; only folders of a disc or a side are (\"CD 1\", \"Side A\")",
				CleanLine(path), plural(n, "audio file"))
		}
		if len(r.found.sounds) == 0 {
			return nil, fmt.Errorf("%w in %s: Ferric reads WAV, AIFF, FLAC, MP3, Ogg Vorbis and Opus, and others through ffmpeg", ErrNoAudio, r.dir)
		}
		if len(r.found.sounds) > MaxTracks {
			return nil, fmt.Errorf("%s: %d audio files, an album has at most %d: %w", r.dir, len(r.found.sounds), MaxTracks, ErrTooMany)
		}
		return r.found.sounds, nil
	}
	var chosen []sound
	var errs []error
	for i, t := range r.release.Tracks {
		s, ok := known[t.File]
		if !ok {
			s, ok = known[composed[norm.NFC.String(t.File)]]
		}
		if !ok {
			info, err := r.root.Stat(t.File)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, &FileError{t.File, "cannot be read", plain(err)}
			}
			s, ok = sound{path: t.File}, err == nil && info.Mode().IsRegular()
		}
		if !ok {
			field := fmt.Sprintf("track.%d.file", i)
			problem := fmt.Sprintf("there is no file %q", CleanLine(t.File))
			if near := nearestFile(t.File, r.found.sounds); near != "" {
				problem += fmt.Sprintf(", did you mean %q?", near)
			}
			errs = append(errs, &FieldError{lineOf(r.release.lines, field), showPath(strings.Split(field, ".")), problem})
			continue
		}
		delete(known, s.path)
		chosen = append(chosen, s)
	}
	if len(errs) > maxComplaints {
		errs = errs[:maxComplaints]
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for _, s := range r.found.sounds {
		if _, left := known[s.path]; left {
			r.notice(NoticeUnlisted, s.path, "%s is not listed in %s and stays off the tape", CleanLine(s.path), ReleaseFile)
		}
	}
	return chosen, nil
}

// readTracks reads tags and length of every file, several at a time.
func (r *reading) readTracks(ctx context.Context, files []sound) error {
	r.album.Tracks = make([]Track, len(files))
	r.tags = make([]*tag.Tags, len(files))
	problems := make([]error, len(files))
	errs := make([]error, len(files))

	workers := r.options.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next := make(chan int)
	var group sync.WaitGroup
	var mu sync.Mutex // guards done, and keeps Progress to one caller at a time
	done := 0
	for range min(workers, len(files)) {
		group.Go(func() {
			for i := range next {
				r.album.Tracks[i], r.tags[i], problems[i], errs[i] = r.readTrack(ctx, files[i])
				if errs[i] != nil {
					stop() // one is enough to refuse the album
				}
				mu.Lock()
				done++
				if r.options.Progress != nil {
					r.options.Progress(done, len(files))
				}
				mu.Unlock()
			}
		})
	}
feed:
	for i := range files {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	group.Wait()

	for _, err := range errs { // the first file that is wrong, not one that was cancelled for it
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, t := range r.album.Tracks {
		if t.Format.Channels > 2 {
			r.notice(NoticeChannels, files[i].path, "%s has %d channels; they are mixed down to two", CleanLine(files[i].path), t.Format.Channels)
		}
	}
	for i, err := range problems {
		if err != nil {
			r.notice(NoticeTag, files[i].path, "%s: %v", CleanLine(files[i].path), err)
		}
	}
	return nil
}

// readTrack reads one file. problem is trouble with its tags, err trouble with its sound.
func (r *reading) readTrack(ctx context.Context, s sound) (t Track, tags *tag.Tags, problem, err error) {
	f, err := r.root.Open(s.path)
	if err != nil {
		return t, nil, nil, &FileError{s.path, "cannot be read", plain(err)}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return t, nil, nil, &FileError{s.path, "cannot be read", plain(err)}
	}
	if info.Size() == 0 {
		return t, nil, nil, &FileError{File: s.path, Text: "empty file (0 bytes)"}
	}
	tags, problem = tag.Read(f, info.Size(), tag.Options{})
	t = Track{File: filepath.Join(r.dir, filepath.FromSlash(s.path)), Disc: s.disc, Side: s.side}
	t.Format, t.Frames, err = r.measure(ctx, f, info.Size(), t.File)
	if err != nil {
		return t, tags, problem, err
	}
	if t.Frames <= 0 {
		return t, tags, problem, &FileError{File: s.path, Text: "holds no sound"}
	}
	if t.Frames.Seconds(t.Format.Rate) > maxFileHours*3600 {
		return t, tags, problem, &FileError{File: s.path, Text: fmt.Sprintf("is longer than %d hours", maxFileHours)}
	}
	return t, tags, problem, nil
}

// plain takes the name of the system call and the path off an error; who reports it says the path better.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
