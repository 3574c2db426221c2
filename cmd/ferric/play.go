package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"ferric/deck"
	"ferric/internal/app"
	"ferric/tape"
)

// playCmd opens the deck in a browser for a pressing.
type playCmd struct {
	Pressing string `arg:"" help:"Folder that ferric press wrote." type:"path"`
	Machine  string `help:"What it is played on: reference, home, shoebox, portable or car; the page can change it." default:"reference"`
	Tape     string `help:"Formulation: I, II or IV. Default: the pressing's." placeholder:"TYPE"`
	Copy     string `help:"Which copy it is, like FER-001/17; each has its own faults." placeholder:"NUMBER"`
	Plays    int    `help:"How often it was played before. What that wears is an exaggeration: real tapes hardly change." default:"0"`
	Bend     string `help:"A patch of the deck's circuits, see docs/formats/bend.md." placeholder:"FILE"`
	Port     int    `help:"Port on this machine. Default: any that is free." placeholder:"PORT"`
	NoOpen   bool   `name:"no-open" help:"Only print the address."`
}

func (c *playCmd) Help() string {
	return `Opens the deck in a browser on this machine and nowhere else. There is no skip: to hear the third
song, wind; to hear the other side, turn the tape over. Ctrl-C ends it.

  ferric play out/demo-pressing
  ferric play out/demo-pressing --machine portable --copy FER-001/17 --plays 40`
}

func (c *playCmd) Run(ctx context.Context, t *terminal) error {
	if _, err := deck.ParseMachine(c.Machine); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if c.Tape != "" {
		if _, err := tape.ParseFormulation(c.Tape); err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
	}
	if c.Plays < 0 || c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("%w: %w", errUsage, errors.New("--plays is a count from 0, --port a number up to 65535"))
	}
	cfg := app.PlayConfig{Folder: c.Pressing, Port: c.Port, Machine: c.Machine, Tape: c.Tape, Copy: c.Copy, Plays: c.Plays}
	if c.Bend != "" {
		b, err := readBend(c.Bend)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Bend, err)
		}
		cfg.Bend = &b
	}
	p, err := app.NewPlayer(cfg)
	if err != nil {
		return err
	}
	defer p.Close()
	t.say("The deck is at %s", t.bold(p.Address()))
	t.say("%s", t.faint("Only this machine can open it, and only with this address. Ctrl-C takes the tape out."))
	if !c.NoOpen {
		openBrowser(ctx, p.Address())
	}
	return p.Run(ctx)
}

// openBrowser asks the system to show an address. Where there is no way to, the printed address serves.
func openBrowser(ctx context.Context, address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	if cmd.Start() == nil {
		go cmd.Wait()
	}
}
