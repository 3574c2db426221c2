package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ferric/internal/fault"
)

func TestTextNeverShowsTheCause(t *testing.T) {
	secret := errors.New("pq: password authentication failed for user shop")
	for _, err := range []error{
		secret,
		fmt.Errorf("open: %w", secret),
		fault.Wrap(secret, fault.Internal, "text of an internal error"),
		fault.Wrap(secret, fault.Unavailable, "The shop is closed for a moment."),
		fault.Wrap(secret, fault.Unavailable, ""),
	} {
		if text := fault.Text(err); strings.Contains(text, "password") || strings.Contains(text, "internal") || text == "" {
			t.Errorf("%v is shown as %q", err, text)
		}
	}
}

func TestOf(t *testing.T) {
	inner := fault.Newf(fault.Taken, "Number %d is taken.", 17)
	for want, err := range map[fault.Kind]error{
		fault.Taken:       fmt.Errorf("hold: %w", inner),
		fault.Gone:        fault.Wrap(inner, fault.Gone, "Too late."),
		fault.Unavailable: fmt.Errorf("query: %w", context.DeadlineExceeded),
		fault.Internal:    errors.New("other"),
		fault.Invalid:     fault.Field("mail", "A mail address is needed."),
	} {
		if got := fault.Of(err); got != want {
			t.Errorf("Of(%v) = %v, want %v", err, got, want)
		}
	}
	if fault.Is(nil, fault.Internal) {
		t.Error("no error has no kind")
	}
	if got := fault.Text(fmt.Errorf("hold: %w", inner)); got != "Number 17 is taken." {
		t.Errorf("Text = %q", got)
	}
}
