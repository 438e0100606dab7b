package pictory

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// Poke polls a job now that somebody waits for, whatever the poll interval: a webhook has said that it
// is done. It returns at once, and says whether anybody waits for the job through this client; the rate
// limit still holds.
func (c *Client) Poke(id string) (bool, error) {
	if err := c.enter(); err != nil {
		err.JobID = id
		return false, err
	}
	defer c.leave()
	code, ok := C.pictory_code(C.PICTORY_OK), false
	if failure := c.withWatcher(func() {
		code, ok = text(id, func(id *C.char) C.pictory_code {
			return C.pictory_watcher_poke(c.watcher, id)
		})
	}); failure != nil {
		return false, failure
	}
	switch {
	case !ok:
		code = C.PICTORY_ERROR_INVALID_JOB_ID
	case code == C.PICTORY_OK:
		return true, nil
	case code == C.PICTORY_ERROR_NOT_WATCHED:
		return false, nil
	}
	failure := refused(Code(code), "")
	failure.JobID = id
	return false, failure
}

// watch has the client's watcher wait for the job, and hand what it finds to the waiter behind handle,
// which stays valid until the end has come.
func (c *call) watch(id string, options C.go_wait_options, handle cgo.Handle) *Error {
	code, ok := C.pictory_code(C.PICTORY_OK), false
	var reason *C.char
	defer func() { C.free(unsafe.Pointer(reason)) }()
	if failure := c.client.withWatcher(func() {
		code, ok = text(id, func(id *C.char) C.pictory_code {
			return C.go_watcher_add(c.client.watcher, id, options, c.token, C.uintptr_t(handle), &reason)
		})
	}); failure != nil {
		return failure
	}
	if !ok {
		return refused(ErrInvalidJobID, "")
	}
	if code != C.PICTORY_OK {
		return refused(Code(code), C.GoString(reason))
	}
	return nil
}

// withWatcher uses the watcher, which the first to do so makes. One at a time: goroutines that queue
// for the watcher's lock in C would hold a thread each.
func (c *Client) withWatcher(use func()) *Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watcher == nil {
		if code := C.pictory_watcher_new(c.handle, &c.watcher); code != C.PICTORY_OK {
			return refused(Code(code), "")
		}
		go c.handOut()
	}
	use()
	return nil
}

// handOut gives each waiter what there is for it, until the client is closed and nobody waits.
func (c *Client) handOut() {
	for {
		found := C.pictory_watcher_take(c.watcher, C.PICTORY_WAIT_FOREVER)
		if found != nil {
			handle := cgo.Handle(C.pictory_result_tag(found))
			handle.Value().(*waiter).push(found)
		} else if c.isOver() {
			c.free()
			return
		}
	}
}

func (c *Client) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isClosed && c.users == 0
}
