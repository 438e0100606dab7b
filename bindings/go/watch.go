package pictory

// #include "bridge.h"
import "C"

import "runtime/cgo"

// watch has the client's watcher wait for the job, and hand the result to the waiter behind handle,
// which stays valid until then. Adding is done one at a time: goroutines that queue for the watcher's
// lock in C would hold a thread each.
func (c *call) watch(id string, options WaitOptions, handle cgo.Handle) *Error {
	client := c.client
	client.mu.Lock()
	defer client.mu.Unlock()
	if client.watcher == nil {
		if code := C.pictory_watcher_new(client.handle, &client.watcher); code != C.PICTORY_OK {
			return refused(Code(code), "")
		}
	}
	code, ok := text(id, func(id *C.char) C.pictory_code {
		return C.go_watcher_add(client.watcher, id, options.pack(), c.token, C.uintptr_t(handle))
	})
	switch {
	case !ok:
		return refused(ErrInvalidJobID, "")
	case code == C.PICTORY_ERROR_INVALID_ARGUMENT:
		return refused(ErrInvalidArgument, "PollInterval is less than 10 ms, or the job id is not UTF-8")
	case code != C.PICTORY_OK:
		return refused(Code(code), "")
	}
	if !client.isHandingOut {
		client.isHandingOut = true
		client.users++
		go client.handOut()
	}
	return nil
}

// handOut gives each waiter its result, as long as anybody waits.
func (c *Client) handOut() {
	defer c.leave()
	for {
		settled := C.pictory_watcher_next(c.watcher, C.PICTORY_WAIT_FOREVER)
		if settled != nil {
			handle := cgo.Handle(C.pictory_result_tag(settled))
			handle.Value().(*waiter).settled <- settled
		} else if c.isIdle() {
			return
		}
	}
}

// isIdle says whether nobody waits; then the next one to do so starts another goroutine.
func (c *Client) isIdle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isHandingOut = C.pictory_watcher_pending(c.watcher) > 0
	return !c.isHandingOut
}
