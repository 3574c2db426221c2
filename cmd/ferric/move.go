package main

import (
	"context"
	"fmt"
	"strings"

	"ferric/internal/app"
)

type moveCmd struct {
	From string `required:"" help:"Where the rows are: a data folder (SQLite) or postgres://..." placeholder:"DIR|URL"`
	To   string `required:"" help:"Where they are to be: a data folder without a database, or an empty database postgres://..." placeholder:"DIR|URL"`
}

func (c *moveCmd) Help() string {
	return "Copies a shop's rows from SQLite to PostgreSQL, or back, and compares every table on both sides. Close the shop first. The old database stays " +
		"as it is; files, secret and log stay in the data folder. Another machine is reached with ferric backup and ferric restore.\n\n" +
		"  ferric move --from shop --to postgres://ferric@localhost/ferric\n  ferric serve --data shop --database postgres://ferric@localhost/ferric"
}

// placeOf is a folder or a database. An address must not be shown, since it may have a password.
func placeOf(s string) app.Place {
	if strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://") || strings.HasPrefix(s, "host=") {
		return app.Place{Database: s}
	}
	return app.Place{Data: s}
}

func (c *moveCmd) Run(ctx context.Context, t *terminal) error {
	from, to := placeOf(c.From), placeOf(c.To)
	if from.Database == "" && to.Database == "" {
		return fmt.Errorf("%w: both are folders; copy the whole folder while the shop is closed, or use ferric backup and ferric restore", errUsage)
	}
	bar := t.progress()
	tables, err := app.Move(ctx, from, to, bar.set)
	bar.close()
	if err != nil {
		return fmt.Errorf("move: %w", err)
	}
	rows := int64(0)
	for _, table := range tables {
		rows += table.Rows
	}
	t.say("%s: %d rows in %d tables, every table the same on both sides.", t.good("Moved"), rows, len(tables))
	t.say("Open the shop with the new database, and remove the old one when you are content.")
	return nil
}
