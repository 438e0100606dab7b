package pictory

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"context"
	"runtime/cgo"
	"time"
	"unsafe"
)

// An Output is what a job leaves behind.
type Output int32

// The outputs.
const (
	OutputVideo     Output = C.PICTORY_OUTPUT_VIDEO
	OutputThumbnail Output = C.PICTORY_OUTPUT_THUMBNAIL
	OutputLastFrame Output = C.PICTORY_OUTPUT_LAST_FRAME
	OutputPreview   Output = C.PICTORY_OUTPUT_PREVIEW
)

// DownloadOptions say how to download. What is zero has the default.
type DownloadOptions struct {
	// Timeout is for the whole download, retries included; 0 or negative: none.
	Timeout time.Duration
	// IdleTimeout is how long the host may send nothing: 30 s; negative: for ever (ten years).
	IdleTimeout time.Duration
	// MaxRetries is how often it is tried again in all, each time from where it broke off: 5; negative:
	// never.
	MaxRetries int
	// OnProgress is told how far the download is, on the goroutine that is in Download: what there is of
	// the file and its length, which is 0 as long as it is not known; at most every 100 ms, at least
	// every second, and at the end. Returning false ends the download with ErrCancelled; another call
	// can go on.
	OnProgress func(done, total uint64) bool
}

// Download puts an output of a job into a file. The path is at any time either the old file or the
// whole new one; what has come so far is kept beside it when the download fails, and another call with
// the same path goes on there. It returns how many bytes this call has written, also if it fails.
//
// Download blocks no thread. At most 4 downloads of a client run at once: others wait for their turn,
// or for their context's end; their time-out counts from then on.
//
// It looks at the exported fields of the job alone, which may thus be made by hand; where the host
// says that the output is gone, the job is asked once more by its ID.
func (c *Client) Download(ctx context.Context, job *Job, output Output, path string,
	options DownloadOptions) (int64, error) {
	if job == nil {
		return 0, refused(ErrInvalidArgument, "the job is nil")
	}
	call, err := c.begin(ctx, job.ID)
	if err != nil {
		return 0, err
	}
	defer call.end()
	waiter := newWaiter()
	handle := cgo.NewHandle(waiter)
	defer handle.Delete()
	if err := call.download(job, output, path, options.pack(), handle); err != nil {
		err.JobID = job.ID
		return 0, err
	}
	t := transfer{call, options.OnProgress, false}
	return t.settle(waiter.wait(call, t.tell))
}

// A transfer is a download under way.
type transfer struct {
	*call
	onProgress func(done, total uint64) bool
	isStopped  bool
}

func (t *transfer) tell(at *record) {
	if t.onProgress != nil && !t.isStopped && !t.onProgress(uint64(at.bytes_done), uint64(at.bytes_total)) {
		t.isStopped = true
		t.cancel()
	}
}

// settle is what Download returns. The end stands for the updates that it has overtaken; and whoever has
// stopped a download is told so, even if that was as fast.
func (t *transfer) settle(ended *result) (int64, error) {
	defer ended.free()
	all := read(ended.handle)
	written := int64(all.bytes_written)
	failure := all.failure()
	failure.JobID = t.id
	if all.code == C.PICTORY_OK {
		t.tell(all)
		if !t.isStopped {
			return written, nil
		}
		failure = refused(ErrCancelled, "OnProgress has stopped the download")
		failure.JobID, failure.Retryable = t.id, true
	}
	return written, t.blame(failure)
}

// download has the client's watcher download an output, as watch has it wait for a job.
func (c *call) download(job *Job, output Output, path string, options C.go_download_options,
	handle cgo.Handle) *Error {
	reply, err := job.reply()
	if err != nil {
		return refused(ErrInvalidArgument, err.Error())
	}
	code, ok := C.pictory_code(C.PICTORY_OK), false
	var reason *C.char
	defer func() { C.free(unsafe.Pointer(reason)) }()
	if failure := c.client.withWatcher(func() {
		code, ok = text(path, func(path *C.char) C.pictory_code {
			return C.go_watcher_download(c.client.watcher, (*C.char)(unsafe.Pointer(&reply[0])), C.size_t(len(reply)),
				C.pictory_output(output), path, options, c.token, C.uintptr_t(handle), &reason)
		})
	}); failure != nil {
		return failure
	}
	if !ok {
		return refused(ErrInvalidArgument, "the path has a NUL in it")
	}
	if code != C.PICTORY_OK {
		return refused(Code(code), C.GoString(reason))
	}
	return nil
}

func (o *DownloadOptions) pack() C.go_download_options {
	return C.go_download_options{
		timeout_ms:      milliseconds(o.Timeout, C.PICTORY_WAIT_FOREVER),
		idle_timeout_ms: milliseconds(o.IdleTimeout, endless),
		max_retries:     retries(o.MaxRetries),
		has_max_retries: o.MaxRetries != 0,
		updates:         o.OnProgress != nil,
	}
}
