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
	// OnProgress is told how far the download is, on the goroutine that is in Download: when the reply
	// has begun, at most every 100 ms while bytes come, and at the end. The total is 0 as long as it is
	// not known. Returning false ends the download with ErrCancelled; another call can go on.
	OnProgress func(done, total uint64) bool
}

// Download puts an output of a job into a file. The path is at any time either the old file or the
// whole new one; what has come so far is kept beside it when the download fails, and another call with
// the same path goes on there. It returns how many bytes this call has written, also if it fails.
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
	reply, err := job.reply()
	if err != nil {
		return 0, refused(ErrInvalidArgument, err.Error())
	}
	progress := newProgress(options.OnProgress)
	defer progress.free()
	var ended *result
	var failure *Error
	_, ok := text(path, func(path *C.char) C.pictory_code {
		ended, failure = call.run(func() *C.pictory_result {
			return C.go_download(c.handle, (*C.char)(unsafe.Pointer(&reply[0])), C.size_t(len(reply)),
				C.pictory_output(output), path, options.pack(progress.handle), call.token)
		}, progress)
		return C.PICTORY_OK
	})
	if !ok {
		failure = refused(ErrInvalidArgument, "the path has a NUL in it")
	}
	if failure != nil {
		return 0, failure
	}
	written := int64(C.pictory_result_bytes_written(ended.handle))
	_, err = call.settle(ended)
	return written, err
}

func (o *DownloadOptions) pack(onProgress cgo.Handle) C.go_download_options {
	return C.go_download_options{
		timeout_ms:      milliseconds(o.Timeout, C.PICTORY_WAIT_FOREVER),
		idle_timeout_ms: milliseconds(o.IdleTimeout, endless),
		max_retries:     retries(o.MaxRetries),
		has_max_retries: o.MaxRetries != 0,
		on_progress:     C.uintptr_t(onProgress),
	}
}

// A progress brings the reports of a download from the thread that C calls back on to the goroutine
// that has asked for it, and its answers back. The zero one is of a call without a callback.
type progress struct {
	tell    func(done, total uint64) bool
	reports chan report
	answers chan bool
	stopped chan struct{}
	handle  cgo.Handle
}

type report struct {
	done, total uint64
}

func newProgress(tell func(done, total uint64) bool) *progress {
	if tell == nil {
		return &progress{}
	}
	p := &progress{
		tell:    tell,
		reports: make(chan report),
		answers: make(chan bool),
		stopped: make(chan struct{}),
	}
	p.handle = cgo.NewHandle(p)
	return p
}

func (p *progress) free() {
	if p.handle != 0 {
		p.handle.Delete()
	}
}

// stop has every report answered with false, the one in progress too.
func (p *progress) stop() {
	if p.stopped != nil {
		close(p.stopped)
	}
}

// ask is called by C.
func (p *progress) ask(at report) bool {
	select {
	case p.reports <- at:
	case <-p.stopped:
		return false
	}
	select {
	case answer := <-p.answers:
		return answer
	case <-p.stopped:
		return false
	}
}
