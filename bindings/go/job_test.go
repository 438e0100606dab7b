package pictory_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"pictory"
)

func TestParsedJobHasAllMembers(t *testing.T) {
	job, err := pictory.ParseJob([]byte(`{"job_id": "` + doneJob + `", "success": true, "data": {
		"status": "completed", "url": "https://a/v.mp4", "duration": "1m 5s", "width": 720, "height": 1280,
		"thumbnailImageUrl": "https://a/t.jpg", "lastFrameImageUrl": "https://a/l.png",
		"previewImageUrl": "https://a/p.jpg", "aiCreditsUsed": 12.8, "renderProgress": 40,
		"error_code": "5001", "error_message": "none", "custom": {"a": [1]}, "text": "é"}}`))
	if err != nil {
		t.Fatal(err)
	}
	custom, isThere := job.Field("custom")
	if text, _ := job.Field("text"); !isThere || custom != `{"a": [1]}` || text != "é" {
		t.Errorf("custom %q, text %q", custom, text)
	}
	for _, name := range []string{"missing", "", "a\x00"} {
		if value, isThere := job.Field(name); isThere || value != "" {
			t.Errorf("%q: %q", name, value)
		}
	}
	want := pictory.Job{
		ID: doneJob, Status: pictory.StatusCompleted, StatusText: "completed", URL: "https://a/v.mp4",
		Duration: "1m 5s", DurationSeconds: 65, Width: 720, Height: 1280,
		ThumbnailImageURL: "https://a/t.jpg", LastFrameImageURL: "https://a/l.png",
		PreviewImageURL: "https://a/p.jpg", AICreditsUsed: 12.8, Progress: 40,
		ErrorCode: "5001", ErrorMessage: "none",
	}
	expectFields(t, *job, want)
}

func TestAbsentMembersAreC(t *testing.T) {
	job, err := pictory.ParseJob([]byte(`{"success": true}`))
	if err != nil {
		t.Fatal(err)
	}
	expectFields(t, *job, pictory.Job{DurationSeconds: -1, AICreditsUsed: -1, Progress: -1})
}

// expectFields compares what is exported.
func expectFields(t *testing.T, got, want pictory.Job) {
	t.Helper()
	a, b := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := 0; i < a.NumField(); i++ {
		field := a.Type().Field(i)
		if field.IsExported() && a.Field(i).Interface() != b.Field(i).Interface() {
			t.Errorf("%s is %v, not %v", field.Name, a.Field(i), b.Field(i))
		}
	}
}

func TestBodyThatIsNoneIsRefused(t *testing.T) {
	for body, code := range map[string]pictory.Code{
		"":                   pictory.ErrInvalidResponse,
		"<html>":             pictory.ErrInvalidResponse,
		"{\"data\": 1}\x00":  pictory.ErrInvalidResponse,
		`{"success": false}`: pictory.ErrAPI,
		`{"error_code":"5000",` + `"success":false}`: pictory.ErrJobNotFound,
	} {
		if job, err := pictory.ParseJob([]byte(body)); job != nil || !errors.Is(err, code) {
			t.Errorf("%q: %v", body, err)
		}
	}
	if _, err := pictory.ParseJob(nil); !errors.Is(err, pictory.ErrInvalidResponse) {
		t.Error(err)
	}
}

func TestJobIsACopyThatOutlivesItsClient(t *testing.T) {
	client := newClient(t, pictory.Config{})
	job, err := client.GetJob(context.Background(), failedJob)
	if err != nil {
		t.Fatal(err)
	}
	_ = client.Close()
	if code, _ := job.Field("error_code"); code != job.ErrorCode || job.ID != failedJob {
		t.Errorf("%+v", job)
	}
	if value, isThere := (&pictory.Job{ID: failedJob}).Field("error_code"); isThere {
		t.Errorf("a job made by hand has %q", value)
	}
}
