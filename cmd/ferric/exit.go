package main

import (
	"errors"

	"ferric/album"
	"ferric/audio"
	"ferric/budget"
	"ferric/deck"
	"ferric/deck/bench"
	"ferric/internal/app"
	"ferric/internal/backup"
	"ferric/ledger"
	"ferric/master"
	"ferric/pressing"
	"ferric/tape"
	"ferric/trade"
	"ferric/trade/wantlist"
)

// The exit codes, as exitHelp tells them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitFound       = 3
	exitRefused     = 4
	exitInterrupted = 130
)

var (
	// errUsage marks a command line that parses and still makes no sense.
	errUsage = errors.New("command line")
	// errSaid is an outcome whose text the user has already read.
	errSaid = errors.New("said")
	// errFound is "done, and something is marked bad".
	errFound = errors.New("found")
)

// exits is the one table from errors to exit codes, first match first.
var exits = []struct {
	is   error
	code int
}{
	{errUsage, exitUsage},
	{errSettings, exitUsage},
	{errShop, exitRefused},
	{pressing.ErrChoice, exitUsage},
	{master.ErrOptions, exitUsage},
	{errFound, exitFound},
	{pressing.ErrNotWhole, exitFound},
	{pressing.ErrOccupied, exitRefused},
	{pressing.ErrBusy, exitRefused},
	{pressing.ErrManifest, exitRefused},
	{pressing.ErrClaims, exitRefused},
	{album.ErrNoAudio, exitRefused},
	{album.ErrTooMany, exitRefused},
	{album.ErrFile, exitRefused},
	{album.ErrRelease, exitRefused},
	{album.ErrCover, exitRefused},
	{album.ErrExists, exitRefused},
	{audio.ErrRefused, exitRefused},
	{master.ErrWishes, exitRefused},
	{master.ErrNoTracks, exitRefused},
	{master.ErrTooLong, exitRefused},
	{master.ErrChanged, exitRefused},
	{ledger.ErrProof, exitFound},
	{ledger.ErrSignature, exitFound},
	{ledger.ErrRule, exitFound},
	{ledger.ErrRollback, exitFound},
	{ledger.ErrFork, exitFound},
	{ledger.ErrMalformed, exitRefused},
	{backup.ErrDamaged, exitFound},
	{backup.ErrNone, exitRefused},
	{backup.ErrBusy, exitRefused},
	{backup.ErrOther, exitRefused},
	{backup.ErrNotEmpty, exitRefused},
	{app.ErrPlace, exitRefused},
	{wantlist.ErrSyntax, exitRefused},
	{wantlist.ErrResults, exitRefused},
	{wantlist.ErrClaims, exitRefused},
	{wantlist.ErrOtherRound, exitRefused},
	{trade.ErrProblem, exitRefused},
	{bench.ErrSignal, exitRefused},
	{tape.ErrLength, exitRefused},
	{deck.ErrConfig, exitRefused},
	{deck.ErrBend, exitRefused},
	{budget.ErrSettings, exitRefused},
	{budget.ErrCurrency, exitRefused},
}

func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	for _, e := range exits {
		if errors.Is(err, e.is) {
			return e.code
		}
	}
	return exitFailed
}
