package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"ferric/internal/app"
)

type demoShopCmd struct {
	shopFlags
	Album  string `arg:"" help:"Pressing with a run of 42 copies or more." type:"existingdir"`
	Single string `arg:"" help:"A second pressing, of 16 copies or more." type:"existingdir"`
}

func (c *demoShopCmd) Help() string {
	return "Fills an empty data folder with two labels, their pressings on sale, and copies that are sold, held, packed, claimed, handed on and void, " +
		"to try a shop with. Its passwords are public: never let others reach it. A shop that has accounts is left as it is."
}

func (c *demoShopCmd) Run(ctx context.Context, t *terminal) error {
	a, err := app.New(ctx, c.config(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	defer a.Close()
	if _, err := a.Fill(ctx, app.Demo{Pressings: [2]string{c.Album, c.Single}, Say: func(step string) { t.say("%s", t.faint(step)) }}); err != nil {
		return fmt.Errorf("%w\nThe demo shop in %s is not whole; remove it and try again", err, c.Data)
	}
	t.say("A demo shop is in %s. Open it:", c.Data)
	t.say("  ferric serve --data %s --listen %s", c.Data, c.Listen)
	t.say("Its accounts (their passwords are public):")
	for _, s := range app.DemoSignIns {
		t.say("  %-8s %-24s %s", s.Name, s.Password, s.What)
	}
	return nil
}
