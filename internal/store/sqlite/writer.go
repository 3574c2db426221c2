package sqlite

import (
	"context"
	"fmt"
	"time"

	"ferric/internal/fault"
	"ferric/internal/store"
)

// Update runs f on the writer. It returns when f's changes are on disk, together with those of its group.
func (e *Engine) Update(ctx context.Context, f func(store.Conn) error) error {
	j := &job{ctx: ctx, do: f, done: make(chan struct{})}
	if err := e.enqueue(j); err != nil {
		return err
	}
	<-j.done // not on ctx: who has begun is told how it ended
	return j.err
}

func (e *Engine) enqueue(j *job) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return errClosed
	}
	select {
	case e.queue <- j:
		return nil
	default:
		return fault.New(fault.Unavailable, "Too many people are here just now. Nothing was changed; please try again in a moment.")
	}
}

// Waiting is how many transactions wait for the writer.
func (e *Engine) Waiting() int { return len(e.queue) }

// write is the one goroutine that writes.
func (e *Engine) write() {
	defer close(e.done)
	for first := range e.queue {
		group := e.group(first)
		for _, j := range group {
			close(j.done)
		}
	}
}

// group runs first and those who come meanwhile in one transaction of SQLite,
// and returns them when it is committed, or when it is certain that it is not.
func (e *Engine) group(first *job) (group []*job) {
	fail := func(err error) []*job {
		for _, j := range group {
			if j.err == nil {
				j.err = err
			}
		}
		return group
	}
	group = append(group, first)
	if e.failed != nil {
		return fail(e.failed)
	}
	if _, err := e.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return fail(e.trouble(err))
	}
	began := time.Now()
	for j := first; j != nil; {
		if err := e.run(j); err != nil {
			if isDisk(j.err) {
				j.err = nil // it is told what the others are
			}
			return fail(e.abandon(err))
		}
		j = nil
		if len(group) < e.cfg.Group && time.Since(began) < e.cfg.Linger {
			select {
			case next, open := <-e.queue:
				if open {
					j = next
					group = append(group, j)
				}
			default:
			}
		}
	}
	if _, err := e.writer.Exec("COMMIT"); err != nil {
		return fail(e.abandon(err))
	}
	return group
}

// run runs one transaction of the group and keeps its error in it. What it
// returns is an error that ends the whole group.
func (e *Engine) run(j *job) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil // nobody waits for it any more
	}
	w := e.writer
	w.save, w.saved, w.broken = true, false, nil
	j.err = call(j.do, w)
	w.save = false
	if w.broken != nil {
		return w.broken
	}
	if !w.saved {
		return nil // it wrote nothing
	}
	w.saved = false
	if j.err != nil {
		if _, err := w.Exec("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	_, err := w.Exec("RELEASE one")
	return err
}

// call turns a panic into an error: it must not take the others of the group along.
func call(f func(store.Conn) error, c store.Conn) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return f(c)
}

// abandon rolls the group back.
func (e *Engine) abandon(cause error) error {
	w := e.writer
	w.save = false
	// SQLite has often rolled back by itself, and then this fails; that a transaction can begin is what counts.
	w.c.ExecContext(context.Background(), "ROLLBACK")
	return e.trouble(cause)
}

// trouble is what those of a group are told that was not written.
func (e *Engine) trouble(cause error) error {
	err := fault.Wrap(fmt.Errorf("write: %w", cause), fault.Unavailable, "The shop could not write this down. Nothing was changed; please try again later.")
	if isDisk(cause) {
		e.failed = err
	}
	return err
}
