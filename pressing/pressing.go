// Package pressing turns an album into one folder that holds all a dubber or a duplicator needs, and reads it back.
//
// A pressing is made whole or not at all: [Press] writes into a folder beside
// its destination and exchanges the two at the end. release.json, the manifest,
// describes every file with its size and hash, so that [Check] can tell years
// later whether a pressing is still what it was. docs/formats/pressing.md is
// the manifest's reference.
package pressing
