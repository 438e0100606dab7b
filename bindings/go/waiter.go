package pictory

// #include "bridge.h"
import "C"

import (
	"context"
	"errors"
	"sync"
)

// A waiter is where what concerns one wait or download is left for its goroutine.
type waiter struct {
	// hasContextsLimit says that the wait ends by itself at the context's deadline.
	hasContextsLimit bool
	// news says that there is something.
	news chan struct{}
	mu   sync.Mutex
	// update is the newest one that was not pulled yet; settled is the end.
	update, settled *C.pictory_result
}

// push leaves what the watcher has found. It runs on the goroutine that serves all waits, and is quick.
func (w *waiter) push(found *C.pictory_result) {
	w.mu.Lock()
	C.pictory_result_free(w.update)
	w.update = nil
	if C.pictory_result_is_update(found) {
		w.update = found
	} else {
		w.settled = found
	}
	w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// pull takes what there is: at most one of the two.
func (w *waiter) pull() (update, settled *C.pictory_result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	update, settled = w.update, w.settled
	w.update, w.settled = nil, nil
	return update, settled
}

func newWaiter() *waiter {
	return &waiter{news: make(chan struct{}, 1)}
}

// wait returns what the watch or the download has come to, also where it is called off.
func (w *waiter) wait(call *call, tell func(*record)) (ended *result) {
	defer func() {
		if ended == nil {
			w.stop(call).free() // The callback has panicked.
		}
	}()
	done := call.ctx.Done()
	for {
		select {
		case <-w.news:
			update, settled := w.pull()
			if settled != nil {
				return own(settled)
			}
			if update != nil {
				w.tell(call, update, tell)
			}
		case <-done:
			if !w.hasContextsLimit || !errors.Is(call.ctx.Err(), context.DeadlineExceeded) {
				return w.stop(call)
			}
			// The library is about to end it, and may be making the last poll.
			done = nil
		case <-call.client.closing:
			return w.stop(call)
		}
	}
}

// tell hands an update on, and frees it.
func (w *waiter) tell(call *call, update *C.pictory_result, tell func(*record)) {
	defer C.pictory_result_free(update)
	if call.cause() == nil {
		tell(read(update))
	}
}

// stop cancels it, and returns what that has come to.
func (w *waiter) stop(call *call) *result {
	call.cancel()
	for {
		update, settled := w.pull()
		C.pictory_result_free(update)
		if settled != nil {
			return own(settled)
		}
		<-w.news
	}
}
