package pictory

// #include "bridge.h"
import "C"

import (
	"time"
	"unsafe"
)

// A result is C's, to be freed once.
type result struct {
	handle *C.pictory_result
}

func own(handle *C.pictory_result) *result {
	return &result{handle}
}

func (r *result) free() {
	C.pictory_result_free(r.handle)
	r.handle = nil
}

// A record is what a result says, read in one crossing.
type record C.go_result

func read(handle *C.pictory_result) *record {
	var all C.go_result
	C.go_result_read(handle, &all)
	return (*record)(&all)
}

// settle copies everything out, and frees the result: its job if it is good, else its error.
func (r *result) settle() (*Job, *Error) {
	defer r.free()
	all := read(r.handle)
	if all.code == C.PICTORY_OK {
		return all.job(), nil
	}
	return nil, all.failure()
}

func (r *record) failure() *Error {
	return &Error{
		Code:       Code(r.code),
		Message:    C.GoString(r.message),
		Job:        r.job(),
		JobID:      C.GoString(r.job_id),
		HTTPStatus: int(r.http_status),
		Retryable:  bool(r.is_retryable),
		RetryAfter: after(r.retry_after_ms),
		Polls:      int(r.polls),
		Elapsed:    time.Duration(r.elapsed_ms) * time.Millisecond,
		RequestID:  C.GoString(r.request_id),
		Body:       r.bytes(),
	}
}

// after is zero where there is nothing.
func after(ms C.int64_t) time.Duration {
	if ms < 0 {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

func (r *record) job() *Job {
	if !r.has_job {
		return nil
	}
	return &Job{
		ID:                C.GoString(r.id),
		Status:            Status(r.status),
		StatusText:        C.GoString(r.status_text),
		URL:               C.GoString(r.url),
		Duration:          C.GoString(r.duration),
		DurationSeconds:   float64(r.duration_seconds),
		Width:             int(r.width),
		Height:            int(r.height),
		ThumbnailImageURL: C.GoString(r.thumbnail_image_url),
		LastFrameImageURL: C.GoString(r.last_frame_image_url),
		PreviewImageURL:   C.GoString(r.preview_image_url),
		AICreditsUsed:     float64(r.ai_credits_used),
		Progress:          float64(r.progress),
		ErrorCode:         C.GoString(r.error_code),
		ErrorMessage:      C.GoString(r.error_message),
		Polls:             int(r.polls),
		Elapsed:           time.Duration(r.elapsed_ms) * time.Millisecond,
		RequestID:         C.GoString(r.request_id),
		HTTPStatus:        int(r.http_status),
		body:              r.ownBody(),
	}
}

// ownBody is what the job was read from: after a reply that failed, there is only that one's.
func (r *record) ownBody() []byte {
	if r.http_status != 200 && r.http_status != 0 {
		return nil
	}
	return r.bytes()
}

func (r *record) bytes() []byte {
	if r.body == nil {
		return nil
	}
	return append([]byte{}, unsafe.Slice((*byte)(unsafe.Pointer(r.body)), int(r.body_length))...)
}
