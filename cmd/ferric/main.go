// Command ferric makes tapes: it turns a folder of songs into everything that
// a dubbing table, a printer and a collector need, on its owner's machine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the Makefile.
var version = "unknown"

// cli is every command, one file each.
type cli struct {
	Press     pressCmd     `cmd:"" help:"Make a pressing: side masters, J-cards, labels, run sheet and budget from a folder of songs."`
	Init      initCmd      `cmd:"" help:"Write a release.toml for a folder of songs from what its files say."`
	Check     checkCmd     `cmd:"" help:"Verify a pressing: every file there, whole and unchanged."`
	Budget    budgetCmd    `cmd:"" help:"Say what a run costs and earns, and how many streams that equals."`
	DemoAlbum demoAlbumCmd `cmd:"" help:"Write an album composed in code, to try Ferric on."`
	Play      playCmd      `cmd:"" help:"Play a pressing on the deck, in the browser of this machine."`
	Deck      deckCmd      `cmd:"" help:"Hear a side as a copy of it sounds on a machine, or measure the machine."`
	Bench     benchCmd     `cmd:"" help:"Measure a real deck from a recording of test tones."`
	Trade     tradeCmd     `cmd:"" help:"Solve, check, verify and draw a round of swaps among many collectors."`
	Verify    verifyCmd    `cmd:"" help:"Check the certificate of a numbered copy, with nothing else at hand."`
	Audit     auditCmd     `cmd:"" help:"Replay a shop's ownership log from its files and compare it with what was seen before."`

	DemoShop demoShopCmd `cmd:"" help:"Fill a data folder with two labels and their copies, to try a shop on."`
	Publish  publishCmd  `cmd:"" help:"Send a pressing to a shop, where it waits as a draft until its label puts it on sale."`
	Serve    serveCmd    `cmd:"" help:"Open a shop: every numbered copy is sold once, and its owner can prove it."`
	Backup   backupCmd   `cmd:"" help:"Take a snapshot of a shop while it is open."`
	Restore  restoreCmd  `cmd:"" help:"Bring a shop back from a backup, or check one."`
	Doctor   doctorCmd   `cmd:"" help:"Look a shop over: database, files and log."`
	Move     moveCmd     `cmd:"" help:"Move a shop's rows from SQLite to PostgreSQL, or back."`

	Version kong.VersionFlag `help:"Print the version and stop." short:"v"`
}

const exitHelp = `

Exit codes: 0 done; 1 failed, nothing was changed; 2 the command line is wrong;
3 done, but a finding is marked bad (press, doctor) or the thing is not whole (check, backup, restore),
not proven (verify) or wrong (audit); 4 the album or another input was refused,
nothing was changed; 130 interrupted, nothing was changed.`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main without the process around it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	term := newTerminal(stdout, stderr)

	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("ferric"),
		kong.Description("Ferric turns an album into a tape that is ready to dub, print and number. "+
			"Everything happens on this machine; nothing is sent anywhere but by ferric publish, to the shop that you name."+exitHelp),
		kong.Configuration(readConfig),
		kong.Vars{"version": "ferric " + version},
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(stdin, (*io.Reader)(nil)),
		kong.Bind(term),
	)
	if err != nil {
		fmt.Fprintln(stderr, "ferric:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 { // --help or --version
		return exited
	}
	if err != nil {
		term.fail(err)
		fmt.Fprintln(stderr, helpHint(k, err))
		return exitUsage
	}
	err = k.Run()
	if ctx.Err() != nil && err != nil {
		term.fail(errors.New("interrupted; nothing was changed"))
		return exitInterrupted
	}
	if err != nil && !errors.Is(err, errSaid) {
		term.fail(err)
	}
	if lost := term.out.err; lost != nil && (err == nil || errors.Is(err, errSaid)) {
		term.fail(fmt.Errorf("the answer could not be written: %w", lost))
		return exitFailed
	}
	return exitCode(err)
}

func helpHint(k *kong.Context, err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		k = parse.Context
	}
	if k != nil && k.Command() != "" {
		return "See ferric " + strings.Fields(k.Command())[0] + " --help."
	}
	return "See ferric --help."
}
