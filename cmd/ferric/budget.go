package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"ferric/album"
	"ferric/budget"
	"ferric/tape"
)

// budgetFlags go before the [budget] table of release.toml. Amounts are in units of the currency.
type budgetFlags struct {
	Currency   string `help:"ISO code (default USD)." placeholder:"CODE"`
	Price      string `help:"Price of a copy." placeholder:"AMOUNT"`
	TapeCost   string `help:"The wound cassette, a copy." placeholder:"AMOUNT"`
	ShellCost  string `help:"The shell where bought apart, a copy." placeholder:"AMOUNT"`
	CaseCost   string `help:"The case, a copy." placeholder:"AMOUNT"`
	CardCost   string `help:"The printed J-card, a copy." placeholder:"AMOUNT"`
	LabelCost  string `help:"Shell labels, a copy." placeholder:"AMOUNT"`
	Packaging  string `help:"Wrap, sticker, insert, a copy." placeholder:"AMOUNT"`
	Dubbing    string `help:"What a duplicator asks for dubbing a copy." placeholder:"AMOUNT"`
	Mastering  string `help:"Mastering, the run." placeholder:"AMOUNT"`
	Fees       string `help:"Licences, barcode, royalties paid beforehand, the run." placeholder:"AMOUNT"`
	Labour     string `help:"An hour at the dubbing table." placeholder:"AMOUNT"`
	Decks      int    `help:"Decks recording at once." placeholder:"N"`
	Postage    string `help:"Stamps for a posted copy." placeholder:"AMOUNT"`
	StreamRate string `help:"What one stream pays." placeholder:"AMOUNT"`
}

func (f budgetFlags) apply(s *album.BudgetSettings) error {
	for _, amount := range []struct {
		flag, text string
		to         **album.Decimal
	}{
		{"price", f.Price, &s.Price}, {"tape-cost", f.TapeCost, &s.Tape}, {"shell-cost", f.ShellCost, &s.Shell},
		{"case-cost", f.CaseCost, &s.Case}, {"card-cost", f.CardCost, &s.Card}, {"label-cost", f.LabelCost, &s.Labels},
		{"packaging", f.Packaging, &s.Packaging}, {"dubbing", f.Dubbing, &s.Dubbing}, {"mastering", f.Mastering, &s.Mastering},
		{"fees", f.Fees, &s.Fees}, {"labour", f.Labour, &s.Labour}, {"postage", f.Postage, &s.Postage}, {"stream-rate", f.StreamRate, &s.StreamRate},
	} {
		if amount.text == "" {
			continue
		}
		d, err := album.ParseDecimal(amount.text)
		if err != nil {
			return fmt.Errorf("%w: --%s: %w", errUsage, amount.flag, err)
		}
		if d < 0 {
			return fmt.Errorf("%w: --%s: an amount is not below zero", errUsage, amount.flag)
		}
		*amount.to = &d
	}
	if f.Currency != "" {
		s.Currency = f.Currency
	}
	if f.Decks != 0 {
		s.Decks = f.Decks
	}
	return nil
}

type budgetCmd struct {
	Album  string `arg:"" optional:"" help:"Folder with a release.toml; without one, the flags and the defaults." type:"path"`
	Copies int    `help:"Copies to sell (default: the run in release.toml, else 100)." placeholder:"N"`
	Proofs int    `help:"Artist proofs made besides." placeholder:"N"`
	Length string `help:"Tape to reckon the dubbing hours with, such as C46." placeholder:"LENGTH"`
	budgetFlags
	JSON bool   `name:"json" help:"Answer as JSON."`
	SVG  string `name:"svg" help:"Write the plot to this file." type:"path" placeholder:"FILE"`
}

func (c *budgetCmd) Help() string {
	return "Every figure that you do not give has a default, marked with its year and source. Money is reckoned in whole coins. Nothing here is tax advice."
}

func (c *budgetCmd) Run(ctx context.Context, t *terminal) error {
	in := budget.Input{Copies: c.Copies, Proofs: c.Proofs}
	length := c.Length
	if c.Album != "" {
		settings, run, err := album.ReadSettings(c.Album)
		if err != nil {
			return err
		}
		in.Settings = run
		in.Copies = orInt(c.Copies, settings.Run.Copies)
		in.Proofs = orInt(c.Proofs, settings.Run.Proofs)
		if length == "" && settings.Tape.Length != "auto" && settings.Tape.Length != "custom" {
			length = settings.Tape.Length
		}
	}
	if length != "" {
		l, err := tape.Parse(length)
		if err != nil {
			return fmt.Errorf("%w: --length: %w", errUsage, err)
		}
		in.Side = l.PerSide
	}
	if err := c.apply(&in.Settings); err != nil {
		return err
	}
	b, err := budget.New(in)
	if err != nil {
		return err
	}
	if c.SVG != "" {
		f, err := os.Create(c.SVG)
		if err != nil {
			return err
		}
		if err := b.PlotSVG(f); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	if c.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		return enc.Encode(b)
	}
	return b.WriteText(t.out, t.width)
}

func orInt(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// budgetSentence is the whole of a budget in two lines.
func budgetSentence(b *budget.Budget) string {
	s := fmt.Sprintf("A copy costs %s to make and sells for %s.", b.Money(b.Run.PerCopy), b.Money(b.Price))
	if len(b.Ways) == 0 {
		return s
	}
	way, out := b.Ways[0], b.Run.Ways[0]
	s += fmt.Sprintf(" Sold %s you keep %s of it", way.Name, b.Money(way.Keeps))
	if way.StreamsKept > 0 {
		s += fmt.Sprintf(", as much as %d streams pay", way.StreamsKept)
	}
	if out.BreakEven > 0 {
		return s + fmt.Sprintf("; copy %d of %d pays the run back.", out.BreakEven, b.Run.Copies)
	}
	return s + "; at this price the run is never paid back."
}
