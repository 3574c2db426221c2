// Package jcard lays out what is printed for a tape: the J-card, numbered cards
// with their claim codes, shell labels, the insert, and the run sheet for the
// dubbing table.
//
// A J-card is one strip of card, printed on both sides and folded round the
// cassette in its case like the letter J seen from the end:
//
//	 flap   spine    front    panels that fold in behind the front
//	├─────┼──┼────────┼ ─ ─ ─ ─┼ ─ ─ ─ ─┤
//	 25.4  12.7   65     63.4     61.8        mm, 101.6 high
//
// Turned over, the same panels lie in the opposite order; [Geometry] knows
// both. Spine and flap are read with the head tilted to the right, from the top
// down, so that they stand upright when the case lies with its cover up.
//
// [NewRelease] gathers the words from an album and its plan. [NewSuite] sets
// them in one of the [Layouts], on as few panels as they read well on, in
// colours taken from the cover; its methods give each piece of paper as a
// document of package sheet. Text is made to fit by size, then by lines, then
// by narrower glyphs, at last by an ellipsis, and never stands over a fold, a
// cut or another text. What did not go well is a [master.Finding].
//
// Everything is a pure function of what goes in: the same release gives the
// same display list, and a cover that is missing is drawn from the names.
package jcard
