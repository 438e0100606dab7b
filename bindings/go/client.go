package pictory

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"context"
	"os"
	"runtime/cgo"
	"sync"
)

// A Client keeps connections open between calls: share one between all goroutines.
type Client struct {
	mu     sync.Mutex
	handle *C.pictory_client
	// watcher serves all WaitJob and Download calls, and has a goroutine that hands out what it finds; nil before
	// the first.
	watcher *C.pictory_watcher
	// users are the calls in progress. The last one out of a closed client has it freed.
	users    int
	isClosed bool
	closing  chan struct{}
	log      *logger
}

// NewClient makes a client; it opens no connection yet. The zero Config is that of the environment.
func NewClient(config Config) (*Client, error) {
	made := C.pictory_config_new()
	if config.IgnoreEnvironment {
		C.pictory_config_free(made)
		made = C.pictory_config_new_empty()
	}
	defer C.pictory_config_free(made)
	if err := config.apply(made); err != nil {
		return nil, err
	}
	client := &Client{closing: make(chan struct{}), log: newLogger(config.Log)}
	if config.Log != nil {
		level := config.LogLevel
		if level == 0 {
			level = LogInfo
		}
		C.go_config_set_log(made, C.pictory_log_level(level), C.uintptr_t(client.log.handle))
	}
	if code := C.pictory_client_new(made, &client.handle); code != C.PICTORY_OK {
		client.log.free()
		return nil, refused(Code(code), C.GoString(C.pictory_config_message(made)))
	}
	return client, nil
}

// Close ends the calls in progress with ErrCancelled, and frees the client, once the last of them has
// returned: it does not wait for them. Calls on a closed client fail. It may be called at any time,
// more than once, and from OnPoll and OnProgress, but not from Config.Log. Its result is always nil.
func (c *Client) Close() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	if c.handle == nil || c.isClosed {
		c.mu.Unlock()
		return nil
	}
	c.isClosed = true
	close(c.closing)
	c.users++
	c.mu.Unlock()
	c.log.silence()
	c.leave()
	return nil
}

// SetAPIKey replaces the API key, for one that expires or is rotated. The next request uses it, in
// calls that are under way too. A key that is refused leaves the old one.
func (c *Client) SetAPIKey(key string) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	code, ok := text(key, func(key *C.char) C.pictory_code {
		return C.pictory_client_set_api_key(c.handle, key)
	})
	if !ok {
		return refused(ErrInvalidAPIKey, "")
	}
	if code != C.PICTORY_OK {
		return refused(Code(code), "")
	}
	return nil
}

// GetJob gets the state of a job, whatever it is: that of a failed one too. It tries again after
// failures that pass. At most 64 such calls are made at once, in a process: others wait for their turn,
// or for their context's end.
func (c *Client) GetJob(ctx context.Context, id string) (*Job, error) {
	call, err := c.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	defer call.end()
	var ended *result
	var failure *Error
	_, ok := text(id, func(id *C.char) C.pictory_code {
		ended, failure = call.run(func() *C.pictory_result {
			return C.pictory_get_job(c.handle, id, call.token)
		})
		return C.PICTORY_OK
	})
	if !ok {
		failure = refused(ErrInvalidJobID, "")
		failure.JobID = id
	}
	if failure != nil {
		return nil, failure
	}
	return call.settle(ended)
}

// enter is followed by leave, unless it fails.
func (c *Client) enter() *Error {
	if c == nil {
		return closed()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handle == nil || c.isClosed {
		return closed()
	}
	c.users++
	return nil
}

func closed() *Error {
	failure := refused(ErrInvalidArgument, "the client cannot be used")
	failure.Cause = errClosed
	return failure
}

// errClosed is os.ErrClosed in words that fit a client.
var errClosed error = closedError{}

type closedError struct{}

func (closedError) Error() string { return "the client was closed" }

func (closedError) Unwrap() error { return os.ErrClosed }

func (c *Client) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users--
	if !c.isClosed || c.users > 0 {
		return
	}
	if c.watcher == nil {
		c.free()
	} else {
		// The goroutine that may be in the watcher frees it, once it has come out.
		C.pictory_watcher_wake(c.watcher)
	}
}

func (c *Client) free() {
	C.pictory_watcher_free(c.watcher)
	C.pictory_client_free(c.handle)
	c.log.free()
}

// A logger takes lines from C until it is silenced.
type logger struct {
	mu     sync.RWMutex
	log    func(LogLevel, string)
	handle cgo.Handle
}

func newLogger(log func(LogLevel, string)) *logger {
	l := &logger{log: log}
	l.handle = cgo.NewHandle(l)
	return l
}

// silence waits for a line that is being taken: none comes afterwards.
func (l *logger) silence() {
	l.mu.Lock()
	l.log = nil
	l.mu.Unlock()
}

func (l *logger) free() {
	l.handle.Delete()
}

func (l *logger) take(level LogLevel, line string) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.log != nil {
		l.log(level, line)
	}
}
