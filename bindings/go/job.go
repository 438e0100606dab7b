package pictory

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"encoding/json"
	"time"
	"unsafe"
)

// A Status is how a job stands. One that this package has no name for is kept as its number.
type Status int32

// The statuses.
const (
	// StatusUnknown is a missing one, or one that the library does not know: see Job.StatusText.
	StatusUnknown    Status = C.PICTORY_STATUS_UNKNOWN
	StatusInProgress Status = C.PICTORY_STATUS_IN_PROGRESS
	StatusCompleted  Status = C.PICTORY_STATUS_COMPLETED
	StatusFailed     Status = C.PICTORY_STATUS_FAILED
	// StatusCleaned is that of a job whose outputs were removed.
	StatusCleaned Status = C.PICTORY_STATUS_CLEANED
)

// String is "in-progress", "completed", "failed", "cleaned" or "unknown".
func (s Status) String() string {
	return C.GoString(C.pictory_status_name(C.pictory_status(s)))
}

// IsFinal says whether a job with this status will not change any more.
func (s Status) IsFinal() bool {
	return bool(C.pictory_status_is_final(C.pictory_status(s)))
}

// A Job is one state of a job, as one reply gave it, and what it took to get it. A string is empty where
// it is absent. It may be kept as JSON: what is read back is the same, Field and Body included.
type Job struct {
	ID     string `json:"id"`
	Status Status `json:"status"`
	// StatusText is the status as the API spelled it.
	StatusText string `json:"statusText"`
	// URL is where the video is (MP4). It is fetched without the API key, and may expire.
	URL string `json:"url"`
	// Duration is the length of the video as the API spelled it, such as "8s".
	Duration string `json:"duration"`
	// DurationSeconds is -1 if absent or not understood.
	DurationSeconds float64 `json:"durationSeconds"`
	// Width and Height are in pixels, 0 if absent.
	Width             int    `json:"width"`
	Height            int    `json:"height"`
	ThumbnailImageURL string `json:"thumbnailImageUrl"`
	// LastFrameImageURL can be the firstFrameImageUrl of a next generate-video request, which then
	// continues the video.
	LastFrameImageURL string `json:"lastFrameImageUrl"`
	PreviewImageURL   string `json:"previewImageUrl"`
	// AICreditsUsed is -1 if absent.
	AICreditsUsed float64 `json:"aiCreditsUsed"`
	// Progress is in percent, -1 if absent.
	Progress float64 `json:"progress"`
	// ErrorCode and ErrorMessage are why the job failed, for a program and for a person.
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`

	// Polls is how many requests the call has made that were answered or failed; 0 of a parsed body.
	Polls int `json:"polls"`
	// Elapsed is how long the call took until then.
	Elapsed time.Duration `json:"elapsed"`
	// RequestID is what the server calls the last exchange, for Pictory's support; "" if it gave none.
	RequestID string `json:"requestId"`
	// HTTPStatus is that of the last reply; 0 of a parsed body.
	HTTPStatus int `json:"httpStatus"`

	body []byte
}

// Body is the reply's, byte for byte; nil of a job that was made by hand.
func (j *Job) Body() []byte {
	return append([]byte(nil), j.body...)
}

// What a job is in JSON: its body is in there too.
type storedJob struct {
	plainJob
	Body []byte `json:"body,omitempty"`
}

type plainJob Job

// MarshalJSON writes all of the job, its body in base64.
func (j Job) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedJob{plainJob(j), j.body})
}

// UnmarshalJSON reads what MarshalJSON has written.
func (j *Job) UnmarshalJSON(data []byte) error {
	stored := storedJob{plainJob: plainJob(*j)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	*j = Job(stored.plainJob)
	j.body = stored.Body
	return nil
}

// ParseJob reads the body of a reply that the caller holds already, such as a webhook's. Nothing is
// sent: what came from elsewhere proves nothing until GetJob has confirmed it.
func ParseJob(body []byte) (*Job, error) {
	job, failure := parse(body).settle()
	if failure != nil {
		return nil, failure
	}
	return job, nil
}

// Field is any member of the reply's "data" by its API name, for what has no name in Job: a string
// as it is, anything else as JSON. It is not there in a job that was made by hand.
func (j *Job) Field(name string) (value string, ok bool) {
	result := parse(j.body)
	defer result.free()
	_, _ = text(name, func(name *C.char) C.pictory_code {
		found := C.pictory_job_field(C.pictory_result_job(result.handle), name)
		value, ok = C.GoString(found), found != nil
		return C.PICTORY_OK
	})
	return value, ok
}

func parse(body []byte) *result {
	if len(body) == 0 {
		return own(C.pictory_parse_job((*C.char)(unsafe.Pointer(&[]byte{0}[0])), 0))
	}
	return own(C.pictory_parse_job((*C.char)(unsafe.Pointer(&body[0])), C.size_t(len(body))))
}

// The library downloads for no job without an id; this one is nobody's.
const nobodysID = "00000000-0000-0000-0000-000000000000"

// reply is what the API would say about the job, as far as a download asks.
func (j *Job) reply() ([]byte, error) {
	id := j.ID
	if id == "" {
		id = nobodysID
	}
	data := map[string]string{}
	for name, value := range map[string]string{
		"status":            j.Status.String(),
		"url":               j.URL,
		"thumbnailImageUrl": j.ThumbnailImageURL,
		"lastFrameImageUrl": j.LastFrameImageURL,
		"previewImageUrl":   j.PreviewImageURL,
	} {
		if value != "" {
			data[name] = value
		}
	}
	return json.Marshal(map[string]any{"job_id": id, "data": data})
}
