package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ferric/trade/draw"
	"ferric/trade/example"
	"ferric/trade/wantlist"
)

type tradeCheckCmd struct {
	File string `arg:"" help:"The round; - reads standard input."`
	JSON bool   `name:"json" help:"Answer as JSON."`
}

func (c *tradeCheckCmd) Help() string {
	return "Each mistake with its line and what to do. Exit code 3 when there are mistakes; they are skipped when the round is solved, so that one person's slip does not stop the others."
}

func (c *tradeCheckCmd) Run(in io.Reader, t *terminal) error {
	r, _, err := readRound(c.File, in)
	if err != nil {
		return err
	}
	remarks := r.Check()
	wrong := max(r.Further-1, 0) // all of these are one remark
	for _, m := range remarks {
		if m.Wrong {
			wrong++
		}
	}
	if c.JSON {
		if remarks == nil {
			remarks = []wantlist.Remark{}
		}
		if err := json.NewEncoder(t.out).Encode(map[string]any{"mistakes": wrong, "remarks": remarks}); err != nil {
			return err
		}
	} else {
		for _, m := range remarks {
			word := t.faint("know  ")
			if m.Wrong {
				word = t.care("mend  ")
			}
			who := ""
			if m.User != "" {
				who = "(" + m.User + ") "
			}
			t.say("%s line %-6d %s%s. %s", word, m.Line, who, m.Text, m.Do)
		}
		items, dummies := 0, 0
		for _, l := range r.Lists {
			if r.Items[l.Item].Dummy {
				dummies++
			} else {
				items++
			}
		}
		t.say("%d items, %d dummies, %d wants of %d people: %d %s, %d other remarks.", items, dummies, len(r.Wants), len(r.Users),
			wrong, plural(wrong, "mistake", "mistakes"), len(remarks)-wrong)
	}
	if wrong > 0 {
		return errors.Join(errSaid, errFound)
	}
	return nil
}

type tradeDrawCmd struct {
	Result string `arg:"" help:"Results: ours as JSON, or any program's in the familiar layout." type:"existingfile"`
	Out    string `short:"o" help:"The picture." default:"circles.svg" type:"path"`
	Title  string `help:"What stands above it." default:"Swap circles"`
}

func (c *tradeDrawCmd) Run(t *terminal) error {
	res, err := readResult(c.Result)
	if err != nil {
		return err
	}
	var circles [][]draw.Stop
	if res.own != nil {
		for _, moves := range res.own.Circles {
			stops := make([]draw.Stop, len(moves))
			for i, m := range moves {
				stops[i] = draw.Stop{User: m.User, Item: m.Item}
			}
			circles = append(circles, stops)
		}
	} else if circles, err = draw.ReadLoops(res.text); err != nil {
		return fmt.Errorf("%s: %w: %w", c.Result, wantlist.ErrResults, err)
	}
	if err := writeWhole(c.Out, func(f *os.File) error { return draw.SVG(f, c.Title, circles) }); err != nil {
		return err
	}
	var table bytes.Buffer
	if err := draw.Table(&table, circles); err != nil {
		return err
	}
	t.say("%s", strings.TrimRight(table.String(), "\n"))
	return nil
}

type tradeExampleCmd struct {
	People  int     `help:"How many people." default:"200"`
	Items   int     `help:"How many items they bring." default:"2000"`
	Wants   float64 `help:"Wants a list, on average." default:"15"`
	Seed    uint64  `help:"Another number is another round." default:"1"`
	Regions bool    `help:"Some people post only within their region."`
}

func (c *tradeExampleCmd) Help() string {
	return "Writes to standard output: long-tailed popularity, several copies of a title, dummies for \"only one of these\"."
}

func (c *tradeExampleCmd) Run(ctx context.Context, t *terminal) error {
	err := example.Write(t.out, example.Config{People: c.People, Items: c.Items, Wants: c.Wants, Seed: c.Seed, Regions: c.Regions})
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return nil
}
