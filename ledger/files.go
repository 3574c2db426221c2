package ledger

import (
	"iter"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Files are the tiles and bundles that an [Audit] reads of a log of size entries, in its order.
// Whoever brings them from afar can fetch some ahead. It is lazy: a size that nobody has verified yet costs nothing.
func Files(size int64) iter.Seq[string] {
	return func(yield func(path string) bool) {
		for n := int64(0); n < (size+tileWidth-1)/tileWidth; n++ {
			if !yield(tilePath(tlog.Tile{H: tileHeight, L: entriesTile, N: n, W: int(min(tileWidth, size-n*tileWidth))})) {
				return
			}
		}
		for _, t := range newTiles(0, size) {
			if t.L != entriesTile && !yield(tilePath(t)) {
				return
			}
		}
	}
}

// MostBytes is how large a file of a log can be, by its path.
func MostBytes(path string) int64 {
	switch {
	case path == CheckpointPath:
		return maxCheckpoint
	case path == KeyPath:
		return 2*maxText + 2
	case strings.HasPrefix(path, "tile/entries/"):
		return tileWidth * (2 + MaxEntry)
	}
	return tileWidth * tlog.HashSize
}
