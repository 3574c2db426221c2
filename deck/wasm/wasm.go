// Command wasm is the deck for a browser: the same package, compiled for
// GOOS=wasip1 as a library (-buildmode=c-shared), so that what sounds in a page is what sounds anywhere.
//
// An audio thread may not wait and may not collect garbage, so the surface is small and
// everything is there before it starts. The page writes JSON into the text
// buffer and calls create; from then on it asks for process(n) and finds n frames behind left and right. The programme
// comes in pieces of equal length into slots: the page decides which piece lies in which slot, for it knows
// what it can fetch; the machine holds the tape still for as long as a piece it would read is missing. So
// one hears what the tape sounds like, or nothing yet, and never a side with a hole in it.
//
// The second half is the FLAC reader, for a worker: a whole segment goes in, its samples come out.
//
// player.go and decoder.go hold what is done; exports.go, compiled for WebAssembly alone,
// gives them names. Built for anything else this program only says what it is.
package main

import "fmt"

func main() {
	fmt.Println("This is the deck for a browser. Build it with GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared.")
}
