package pictory

// #include "bridge.h"
import "C"

import (
	"context"
	"math"
	"runtime/cgo"
	"sync"
	"time"
)

// WaitOptions say how to wait. What is zero has the default.
type WaitOptions struct {
	// PollInterval is the pause between polls, give or take 10 %: 15 s, at least 10 ms. Pictory asks
	// for 10 to 30 seconds.
	PollInterval time.Duration
	// MaxWait is a hard limit: 10 minutes; negative: for ever.
	MaxWait time.Duration
	// MaxFailures is how many failed polls in a row end the wait: 5; negative: they never do.
	MaxFailures int
	// StopOnUnknownStatus ends the wait at a status that the library does not know, instead of polling on.
	StopOnUnknownStatus bool
	// OnPoll is told of every poll that does not end the wait, on the goroutine that is in WaitJob. A
	// slow one holds up nobody else, and not the polls either: what it has missed it is told after. To
	// stop, cancel the context.
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
// failed is ErrJobFailed, one that was cleaned ErrJobCleaned; if time is up, ErrWaitTimeout. The
// *Error has the last state that was seen.
//
// WaitJob blocks no thread: any number of goroutines may wait at once, all served by the same few.
func (c *Client) WaitJob(ctx context.Context, id string, options WaitOptions) (*Job, error) {
	call, err := c.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	defer call.end()
	waiter := &waiter{settled: make(chan *C.pictory_result, 1), news: make(chan struct{}, 1)}
	handle := cgo.NewHandle(waiter)
	defer handle.Delete()
	if err := call.watch(id, options, handle); err != nil {
		err.JobID = id
		return nil, err
	}
	return call.settle(waiter.wait(call, options.OnPoll))
}

// pack turns the options into C's.
func (o *WaitOptions) pack() C.go_wait_options {
	packed := C.go_wait_options{
		max_wait_ms:            milliseconds(o.MaxWait, C.PICTORY_WAIT_FOREVER),
		poll_interval_ms:       milliseconds(o.PollInterval, C.PICTORY_WAIT_FOREVER),
		stop_on_unknown_status: C.bool(o.StopOnUnknownStatus),
		has_callback:           o.OnPoll != nil,
	}
	if o.MaxFailures < 0 {
		packed.max_failures = math.MaxUint32 // PICTORY_UNLIMITED
	} else {
		packed.max_failures = count(o.MaxFailures)
	}
	return packed
}

// A waiter is where what concerns one wait is left for its goroutine.
type waiter struct {
	// settled has room for the one result.
	settled chan *C.pictory_result
	// news says that there are updates.
	news    chan struct{}
	mu      sync.Mutex
	updates []Update
}

// push leaves an update. It runs on the thread that makes all callbacks of the watcher, and is quick.
func (w *waiter) push(update Update) {
	w.mu.Lock()
	w.updates = append(w.updates, update)
	w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *waiter) pull() []Update {
	w.mu.Lock()
	defer w.mu.Unlock()
	updates := w.updates
	w.updates = nil
	return updates
}

// wait returns what the watch has come to, also where it is called off.
func (w *waiter) wait(call *call, onPoll func(Update)) (ended *result) {
	stop := func() *result {
		call.cancel()
		return own(<-w.settled)
	}
	defer func() {
		if ended == nil {
			stop().free() // The callback has panicked.
		}
	}()
	for {
		select {
		case handle := <-w.settled:
			w.settled <- handle // The callback may still panic.
			w.tell(call, onPoll)
			return own(<-w.settled)
		case <-w.news:
			w.tell(call, onPoll)
		case <-call.ctx.Done():
			return stop()
		case <-call.client.closing:
			return stop()
		}
	}
}

func (w *waiter) tell(call *call, onPoll func(Update)) {
	for _, update := range w.pull() {
		if call.cause() != nil {
			return
		}
		onPoll(update)
	}
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
