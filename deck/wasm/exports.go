//go:build wasip1

package main

import (
	"encoding/json"
	"strings"
	"unsafe"

	"ferric/deck"
)

// What the page sees. Nothing here is used by two threads: a page makes one instance for its audio thread
// and another for its decoder. Addresses stay good until the next call that says it may move them.
var (
	text    [largestSetup]byte
	playing *player
	shown   reading
	codec   decoder
)

func say(s string) int32 { return int32(copy(text[:], s)) }

// textAt is the address of the text buffer: JSON in, messages out.
//
//go:wasmexport text_at
func textAt() unsafe.Pointer { return unsafe.Pointer(&text) }

//go:wasmexport text_room
func textRoom() int32 { return int32(len(text)) }

// create makes the machine from n bytes of JSON. It returns 0, or the length of the message that says why not.
// It takes tens of milliseconds and may move everything.
//
//go:wasmexport create
func create(n int32) int32 {
	p, err := newPlayer(text[:min(max(n, 0), int32(len(text)))])
	if err != nil {
		return say(err.Error())
	}
	playing = p
	return 0
}

// bend turns the knobs to n bytes of JSON; 0 takes the bend off. It returns 0 or the length of a message.
//
//go:wasmexport bend
func bend(n int32) int32 {
	if playing == nil {
		return say("there is no machine")
	}
	if err := playing.bend(text[:min(max(n, 0), int32(len(text)))]); err != nil {
		return say(err.Error())
	}
	return 0
}

// press presses a key and says whether anything moved.
//
//go:wasmexport press
func press(key int32) int32 {
	if playing != nil && playing.deck.Press(deck.Key(key)) {
		return 1
	}
	return 0
}

//go:wasmexport reset_counter
func resetCounter() {
	if playing != nil {
		playing.deck.ResetCounter()
	}
}

// slotAt gives a slot to a piece of a side (0 or 1), rough or not, and returns where its samples go, left then right; 0 when it is emptied.
//
//go:wasmexport slot_at
func slotAt(slot, side, rough, piece int32) unsafe.Pointer {
	if playing == nil {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(playing.put(int(slot), int(side), rough != 0, int(piece))))
}

// slotRoom is how many samples a slot holds, left and right together.
//
//go:wasmexport slot_room
func slotRoom() int32 {
	if playing == nil || len(playing.slots) == 0 {
		return 0
	}
	return int32(len(playing.slots[0].sound))
}

//go:wasmexport left_at
func leftAt() unsafe.Pointer {
	if playing == nil {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(playing.left))
}

//go:wasmexport right_at
func rightAt() unsafe.Pointer {
	if playing == nil {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(playing.right))
}

// process makes n frames, at most 65536, behind left_at and right_at. It allocates nothing.
//
//go:wasmexport process
func process(n int32) {
	if playing != nil {
		playing.process(int(n))
	}
}

// state writes the read-out and returns its address: float64 numbers in the order of fields.
//
//go:wasmexport state
func state() unsafe.Pointer {
	if playing != nil {
		playing.read(&shown)
	}
	return unsafe.Pointer(&shown)
}

// fieldNames writes the names of the read-out's numbers and returns their length.
//
//go:wasmexport field_names
func fieldNames() int32 { return say(strings.Join(fields[:], " ")) }

// checkBend puts a bend of n bytes into its shortest form in the text buffer and returns its length, below 0 that of a message.
//
//go:wasmexport check_bend
func checkBend(n int32) int32 {
	b, err := deck.ParseBend(text[:min(max(n, 0), int32(len(text)))])
	if err != nil {
		return -say(err.Error())
	}
	data, err := json.Marshal(b)
	if err != nil {
		return -say(err.Error())
	}
	return say(string(data))
}

// roomAt is where a segment of n bytes goes, 0 when it is too large. It may move everything.
//
//go:wasmexport room_at
func roomAt(n int32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(codec.room(int(n)))) }

// decode reads the segment of n bytes and returns how many frames it held, or below 0 the length of a message. It may move everything.
//
//go:wasmexport decode
func decode(n int32) int32 {
	frames, err := codec.decode(int(n))
	if err != nil {
		return -max(say(err.Error()), 1)
	}
	return int32(frames)
}

// soundAt is where the decoded frames lie: left, then right.
//
//go:wasmexport sound_at
func soundAt() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(codec.sound)) }
