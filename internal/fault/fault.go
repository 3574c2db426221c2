// Package fault names the ways in which the house refuses or fails, and keeps
// what a stranger may read apart from what went wrong.
//
// An [Error] has a [Kind], which decides the answer's status, and a Text, one
// sentence written for the person who asked: what happened, what was kept and
// what to do. Its cause is for the log alone. An error that is not an [Error]
// is [Internal], and [Text] says nothing of it.
//
//	if taken {
//		return fault.Newf(fault.Taken, "Number %d is already taken; choose another.", n)
//	}
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Kind says what sort of refusal or failure an error is.
type Kind uint8

// Kinds, from the asker's mistakes to our own.
const (
	Internal    Kind = iota // our own failure; nothing of it is shown
	Invalid                 // the request is wrong in itself: a missing field, a bad number
	NotFound                // there is no such thing, or the asker may not know of it
	Forbidden               // the asker is known and may not
	Taken                   // somebody else has it, or none is left
	Gone                    // it was theirs for a while, and the time is over
	Early                   // it opens later
	Limit                   // as many as one person may have, or too often
	Conflict                // it was changed meanwhile, or its state does not allow this
	Mismatch                // a key that was used before came with another request
	Unavailable             // we cannot take it now; the same request may work in a moment
)

var names = [...]string{"internal", "invalid", "not found", "forbidden", "taken", "gone", "early", "limit", "conflict", "mismatch", "unavailable"}

func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", k)
}

// Error is a refusal or a failure with text that is safe to show.
type Error struct {
	Kind  Kind
	Text  string // one or two sentences for the asker
	Field string // the field of the request that it is about; may be empty
	Cause error  // for the log; never shown
}

func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Text
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind.
func New(kind Kind, text string) *Error { return &Error{Kind: kind, Text: text} }

// Newf is New with a formatted text. What is formatted in will be shown.
func Newf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// Field makes an Invalid error about one field of a request.
func Field(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Text: fmt.Sprintf(format, args...)}
}

// Wrap gives an error of ours a kind and a text, and keeps it as the cause.
func Wrap(cause error, kind Kind, text string) *Error {
	return &Error{Kind: kind, Text: text, Cause: cause}
}

// Of is the kind of an error: that of the outermost [Error] in its chain,
// Unavailable for a request that ran out of time, Internal for anything else.
func Of(err error) Kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Unavailable
	}
	return Internal
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && Of(err) == kind }

// Text is what may be shown of an error.
func Text(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Kind != Internal && e.Text != "" {
		return e.Text
	}
	if Of(err) == Unavailable {
		return "We could not take this just now. Nothing was changed; please try again in a moment."
	}
	return "Something went wrong on our side. Please try again; if it happens once more, tell the shop."
}
