package ledger

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A log is published as plain files, C2SP tlog-tiles: checkpoint, and below tile/ the
// hashes of every eighth level of the tree, 256 to a file, and the entries, 256 to a file.
// All but checkpoint never change once they are full.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	// CheckpointPath is where the signed checkpoint stands.
	CheckpointPath = "checkpoint"
	// KeyPath is where the log's verifier key stands, which is Ferric's own addition.
	KeyPath     = "key"
	entriesTile = -1 // level of entry bundles, as tlog has it
)

// tilePath is a tile's file name. The library's own differs: it puts the height first and calls entries data.
func tilePath(t tlog.Tile) string {
	n := fmt.Sprintf("%03d", t.N%1000)
	for rest := t.N / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	level := "entries"
	if t.L != entriesTile {
		level = fmt.Sprint(t.L)
	}
	path := "tile/" + level + "/" + n
	if t.W < tileWidth {
		path += fmt.Sprintf(".p/%d", t.W)
	}
	return path
}

// newTiles are the tiles and bundles that a tree of size entries has and one of old entries had not.
func newTiles(old, size int64) []tlog.Tile {
	var all []tlog.Tile
	for _, t := range tlog.NewTiles(tileHeight, old, size) {
		if all = append(all, t); t.L == 0 {
			t.L = entriesTile
			all = append(all, t)
		}
	}
	return all
}

// Tiles writes the files that a log of size entries has and a log of old entries had not:
// hashes from r, entries from entry, each file whole to put. Put the checkpoint after them,
// so that whoever sees it finds what it promises.
func Tiles(old, size int64, r HashReader, entry func(index int64) ([]byte, error), put func(path string, data []byte) error) error {
	if old < 0 || old > size || size > MaxSize {
		return malformed("no tiles from %d to %d entries", old, size)
	}
	for _, t := range newTiles(old, size) {
		data, err := tileData(t, r, entry)
		if err == nil {
			err = put(tilePath(t), data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", tilePath(t), err)
		}
	}
	return nil
}

func tileData(t tlog.Tile, r HashReader, entry func(int64) ([]byte, error)) ([]byte, error) {
	if t.L != entriesTile {
		return tlog.ReadTileData(t, r)
	}
	var data []byte
	for i := range int64(t.W) {
		e, err := entry(t.N*tileWidth + i)
		if err != nil {
			return nil, err
		}
		if len(e) > MaxEntry {
			return nil, malformed("the entry has %d bytes; the most is %d", len(e), MaxEntry)
		}
		data = binary.BigEndian.AppendUint16(data, uint16(len(e)))
		data = append(data, e...)
	}
	return data, nil
}

// splitBundle takes the first n entries out of a bundle; exact says that there must be no more.
func splitBundle(data []byte, n int, exact bool) ([][]byte, error) {
	all := make([][]byte, 0, n)
	for len(all) < n {
		if len(data) < 2 {
			return nil, malformed("it ends before entry %d of %d", len(all)+1, n)
		}
		size := int(binary.BigEndian.Uint16(data))
		if size > len(data)-2 {
			return nil, malformed("it ends inside entry %d of %d", len(all)+1, n)
		}
		all = append(all, data[2:2+size])
		data = data[2+size:]
	}
	if exact && len(data) > 0 {
		return nil, malformed("%d bytes follow its last entry", len(data))
	}
	return all, nil
}
