package pictory

// #include "bridge.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"runtime/cgo"
	"time"
)

// WaitOptions say how to wait. What is zero has the default.
type WaitOptions struct {
	// PollInterval is the pause between polls, give or take 10 %: 15 s, at least 10 ms. Pictory asks
	// for 10 to 30 seconds.
	PollInterval time.Duration
	// MaxWait is a hard limit: 10 minutes; negative: for ever. The context's deadline is one too, the
	// sooner of the two holds, and a last poll is made just before it.
	MaxWait time.Duration
	// MaxFailures is how many failed polls in a row end the wait: 5; negative: they never do.
	MaxFailures int
	// StopOnUnknownStatus ends the wait at a status that the library does not know, instead of polling on.
	StopOnUnknownStatus bool
	// OnPoll is told of the polls that do not end the wait, on the goroutine that is in WaitJob. A slow
	// one holds up nobody else, and not the polls either: it is told the newest state, and not all that
	// it has missed. To stop, cancel the context.
	OnPoll func(Update)
}

// An Update is what one poll has found.
type Update struct {
	// Job is the last state that was seen; nil if none was yet.
	Job *Job
	// Err is why this poll failed, as an *Error; nil if it did not.
	Err error
	// Polls is how many there were so far.
	Polls int
	// Elapsed is the time since the wait began.
	Elapsed time.Duration
	// NextPoll is how long until the next poll; negative if none follows before the time is up.
	NextPoll time.Duration
}

// WaitJob waits until a job has completed: polls it at once, then every poll interval. A job that
// failed is ErrJobFailed, one that was cleaned ErrJobCleaned; if time is up, ErrWaitTimeout, with
// context.DeadlineExceeded as its cause where it was the context's. The *Error has the last state that
// was seen.
//
// WaitJob blocks no thread: any number of goroutines may wait at once, all served by the same few.
func (c *Client) WaitJob(ctx context.Context, id string, options WaitOptions) (*Job, error) {
	call, err := c.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	defer call.end()
	waiter := newWaiter()
	waiter.hasContextsLimit = options.shorten(ctx)
	handle := cgo.NewHandle(waiter)
	defer handle.Delete()
	if err := call.watch(id, options.pack(), handle); err != nil {
		err.JobID = id
		return nil, err
	}
	job, err := call.settle(waiter.wait(call, func(poll *record) { options.OnPoll(poll.update()) }))
	if waiter.hasContextsLimit && timeIsUp(err, options.StopOnUnknownStatus) {
		err.(*Error).Cause = context.DeadlineExceeded
	}
	return job, err
}

// timeIsUp says whether the wait has come to its limit. A status that is unknown ends it there, or at once.
func timeIsUp(err error, stopsOnUnknownStatus bool) bool {
	return errors.Is(err, ErrWaitTimeout) || errors.Is(err, ErrUnexpectedStatus) && !stopsOnUnknownStatus
}

// What zero stands for: it is compared with the context's deadline.
const defaultMaxWait = 10 * time.Minute

// shorten has the wait end by the context's deadline, if that is sooner, and says whether it is.
func (o *WaitOptions) shorten(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	if !ok {
		return false
	}
	left := time.Until(deadline)
	if o.MaxWait > 0 && o.MaxWait <= left || o.MaxWait == 0 && defaultMaxWait <= left {
		return false
	}
	if left < time.Millisecond {
		left = time.Millisecond
	}
	o.MaxWait = left
	return true
}

// pack turns the options into C's.
func (o *WaitOptions) pack() C.go_wait_options {
	packed := C.go_wait_options{
		max_wait_ms:            milliseconds(o.MaxWait, C.PICTORY_WAIT_FOREVER),
		poll_interval_ms:       milliseconds(o.PollInterval, C.PICTORY_WAIT_FOREVER),
		stop_on_unknown_status: C.bool(o.StopOnUnknownStatus),
		updates:                o.OnPoll != nil,
	}
	if o.MaxFailures < 0 {
		packed.max_failures = math.MaxUint32 // PICTORY_UNLIMITED
	} else {
		packed.max_failures = count(o.MaxFailures)
	}
	return packed
}

func (r *record) update() Update {
	update := Update{
		Job:      r.job(),
		Polls:    int(r.polls),
		Elapsed:  time.Duration(r.elapsed_ms) * time.Millisecond,
		NextPoll: time.Duration(r.next_poll_ms) * time.Millisecond,
	}
	if r.code != C.PICTORY_OK {
		update.Err = r.failure()
	}
	return update
}
