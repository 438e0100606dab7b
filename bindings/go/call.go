package pictory

// #include "bridge.h"
import "C"

import (
	"context"
)

// Each call that blocks in C holds a thread of the system's, of which there are not any number: so many
// do at once, in a process.
var turns = make(chan struct{}, 64)

// A call is one that is under way, with what may end it early.
type call struct {
	client *Client
	ctx    context.Context
	id     string
	token  *C.pictory_cancel_token
}

// begin is followed by end, unless it fails.
func (c *Client) begin(ctx context.Context, id string) (*call, error) {
	if ctx == nil {
		return nil, refused(ErrInvalidArgument, "the context is nil")
	}
	if err := c.enter(); err != nil {
		err.JobID = id
		return nil, err
	}
	if cause := ctx.Err(); cause != nil {
		c.leave()
		return nil, interrupted(id, cause)
	}
	return &call{c, ctx, id, C.pictory_cancel_token_new()}, nil
}

func (c *call) end() {
	C.pictory_cancel_token_free(c.token)
	c.client.leave()
}

func (c *call) cancel() {
	C.pictory_cancel_token_cancel(c.token)
}

// cause is why the call is to end early; nil as long as it is not.
func (c *call) cause() error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	select {
	case <-c.client.closing:
		return errClosed
	default:
		return nil
	}
}

// settle is what the call returns.
func (c *call) settle(ended *result) (*Job, error) {
	job, failure := ended.settle()
	if failure == nil {
		return job, nil
	}
	return nil, c.blame(failure)
}

// blame names the cause of a failure, if it is one of the call's.
func (c *call) blame(failure *Error) *Error {
	if failure.Code == ErrCancelled {
		failure.Cause = c.cause()
	}
	return failure
}

// run lets C block on a goroutine of its own, once it is its turn. Nothing of the call outlives it.
func (c *call) run(block func() *C.pictory_result) (*result, *Error) {
	select {
	case turns <- struct{}{}:
	case <-c.ctx.Done():
		return nil, interrupted(c.id, c.cause())
	case <-c.client.closing:
		return nil, interrupted(c.id, c.cause())
	}
	done := make(chan *C.pictory_result, 1)
	go func() {
		defer func() { <-turns }()
		done <- block()
	}()
	select {
	case handle := <-done:
		return own(handle), nil
	case <-c.ctx.Done():
	case <-c.client.closing:
	}
	c.cancel()
	return own(<-done), nil
}
