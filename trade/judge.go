package trade

import "context"

// Judgement is what can be said about somebody's answer.
type Judgement struct {
	// Fault is nil if the answer is valid, else what is wrong with it, an ErrAnswer.
	Fault error
	// Answer is the answer judged, with its counts recounted and its dummies found.
	Answer *Answer
	// Best is a proven answer to the same problem and policy.
	Best *Answer
	// Trades, People and Rank compare the two in the order of the policy, each given the objectives before it.
	Trades, People, Rank Verdict
}

// Verdict on one objective.
type Verdict uint8

const (
	Unknown Verdict = iota // best known, not proven best; or an objective before it fell short
	Optimal                // proven that none is better
	Short                  // a better one is known: Judgement.Best
)

func (v Verdict) String() string { return [...]string{"unknown", "optimal", "short"}[v&3] }

// Judge says whether an answer is valid and whether a better one exists, by solving the problem.
// The answer needs Circles with Item and Gets only; dummies (Via) are found where they are missing.
func Judge(ctx context.Context, p *Problem, a *Answer, opt Options) (*Judgement, error) {
	panic("unreachable until solve.go")
}

// Arrange makes a counted answer from moves, as other programs list them: who gets what, in any order. It closes the
// circles, and finds dummies where a move has no Via and no direct want. The error, of ErrAnswer, says which move was
// not wanted, which item moves twice, or which chain does not close.
func Arrange(p *Problem, pol Policy, moves []Move) (*Answer, error) {
	panic("unreachable until solve.go")
}
