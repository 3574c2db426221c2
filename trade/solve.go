package trade

import (
	"context"
	"errors"
)

const scale = 1 << 12

func solve(ctx context.Context, p *Problem, opt Options) (*Answer, error) {
	return nil, errors.New("trade: not built yet")
}
func verify(p *Problem, a *Answer) error { return errors.New("trade: not built yet") }
