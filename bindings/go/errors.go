package pictory

// #include "bridge.h"
import "C"

import (
	"context"
	"errors"
	"time"
)

// An Error is how a call failed, with all that came on the way. It belongs to its call alone.
//
// To errors.Is it is its Code; also context.Canceled or context.DeadlineExceeded where the context
// ended the call, and os.ErrClosed where the client was closed.
type Error struct {
	Code Code
	// Message is a sentence for a person or a log. It never holds the API key.
	Message string
	// Job is the last state of the job that was seen; nil if none was.
	Job *Job
	// JobID is the id that was asked for.
	JobID string
	// HTTPStatus is that of the last reply; 0 if none came.
	HTTPStatus int
	// Retryable says whether the same call may succeed later, as it is.
	Retryable bool
	// RetryAfter is how long the server asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// Polls is how many requests were answered or failed.
	Polls int
	// Elapsed is how long the call took.
	Elapsed time.Duration
	// RequestID is what the server calls the last exchange, for Pictory's support; "" if it gave none.
	RequestID string
	// Body is the last reply's, byte for byte; nil if none came.
	Body []byte

	// Cause is what ended the call from outside: context.Canceled or context.DeadlineExceeded, or, where
	// the client was closed, an error that is os.ErrClosed to errors.Is; else nil.
	Cause error
}

// Error is the message, and the cause if there is one.
func (e *Error) Error() string {
	if e.Cause == nil {
		return "pictory: " + e.Message
	}
	return "pictory: " + e.Message + ": " + e.Cause.Error()
}

// Timeout says whether time was up: the wait's, the context's, or that of one request.
func (e *Error) Timeout() bool {
	return e.Code == ErrWaitTimeout || e.Code == ErrTimeout || errors.Is(e.Cause, context.DeadlineExceeded)
}

// Is says whether target is the error's code.
func (e *Error) Is(target error) bool {
	return target == error(e.Code)
}

// As finds the error's Code.
func (e *Error) As(target any) bool {
	code, ok := target.(*Code)
	if ok {
		*code = e.Code
	}
	return ok
}

// Unwrap is the cause.
func (e *Error) Unwrap() error {
	return e.Cause
}

// refused is the error of what was not even tried.
func refused(code Code, message string) *Error {
	if message == "" {
		message = C.GoString(C.pictory_code_description(C.pictory_code(code)))
	}
	return &Error{Code: code, Message: message}
}

// interrupted is the error of a call that was ended before it began.
func interrupted(id string, cause error) *Error {
	return &Error{
		Code:      ErrCancelled,
		Message:   "the call was not begun",
		JobID:     id,
		Retryable: true,
		Cause:     cause,
	}
}
