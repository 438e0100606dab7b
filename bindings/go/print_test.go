package pictory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"pictory"
)

var verbs = []string{"%v", "%+v", "%#v", "%s"}

func TestConfigPrintsWithoutSecrets(t *testing.T) {
	config := pictory.Config{
		APIKey:    "pictai_secret",
		BaseURL:   "https://user:secret@host/path",
		Proxy:     "http://user:p@secret@proxy:80",
		Headers:   map[string]string{"X-Token": "secret"},
		UserAgent: "agent",
	}
	for _, verb := range verbs {
		for _, config := range []any{config, &config, struct{ Config pictory.Config }{config}} {
			text := fmt.Sprintf(verb, config)
			if strings.Contains(text, "secret") || strings.Contains(text, "pictai") {
				t.Errorf("%s: %s", verb, text)
			}
			for _, rest := range []string{"agent", "host/path", "proxy:80", "X-Token"} {
				if !strings.Contains(text, rest) {
					t.Errorf("%s has no %s: %s", verb, rest, text)
				}
			}
		}
	}
	if config.APIKey != "pictai_secret" || config.Headers["X-Token"] != "secret" {
		t.Error("printing has changed it")
	}
}

func TestNoBodyIsPrinted(t *testing.T) {
	job, err := pictory.ParseJob([]byte(`{"data": {"status": "completed", "custom": "secret"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = pictory.ParseJob([]byte("<html>secret"))
	e := failure(t, err)
	e.Job = job
	update := pictory.Update{Job: job, Err: err, Polls: 7}
	digits := strings.Trim(fmt.Sprint([]byte("secret")), "[]")
	hex := fmt.Sprintf("%#v", []byte("secret"))[len("[]byte{"):][:20]
	for _, verb := range verbs {
		for _, value := range []any{job, *job, e, *e, update, &update, []*pictory.Job{job}, []pictory.Job{*job}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "secret") || strings.Contains(text, digits) || strings.Contains(text, hex) {
				t.Errorf("%s of %T: %s", verb, value, text)
			}
		}
	}
	if text := fmt.Sprint(job); !strings.Contains(text, "completed") {
		t.Error(text)
	}
	if text := fmt.Sprintf("%q, %-8.6s.", job, err); text != `"job : completed", pictor  .` {
		t.Error(text)
	}
	if text := fmt.Sprintf("%+v", update); !strings.Contains(text, "completed") || !strings.Contains(text, "7") {
		t.Error(text)
	}
}

func TestNamesOfNumbers(t *testing.T) {
	for value, want := range map[fmt.Stringer]string{
		pictory.StatusInProgress: "in-progress", pictory.StatusCleaned: "cleaned", pictory.Status(77): "unknown",
		pictory.OutputVideo: "video", pictory.OutputLastFrame: "last-frame", pictory.Output(77): "unknown",
		pictory.LogError: "error", pictory.LogWarn: "warn", pictory.LogInfo: "info", pictory.LogDebug: "debug",
		pictory.LogLevel(77): "level 77",
	} {
		if value.String() != want || fmt.Sprint(value) != want {
			t.Errorf("%v is not %s", value, want)
		}
	}
}

func TestJobComesBackFromJSON(t *testing.T) {
	client := newClient(t, pictory.Config{})
	got, err := client.GetJob(context.Background(), doneJob)
	if err != nil {
		t.Fatal(err)
	}
	odd, err := pictory.ParseJob([]byte("{\"data\": {\"status\": \"dreaming\", \"custom\": {\"a\": [1]}, \"raw\": \"\xff\"}}"))
	if err != nil {
		t.Fatal(err)
	}
	byHand := &pictory.Job{ID: doneJob, URL: "https://a/v.mp4", Status: 77, DurationSeconds: -1}
	for _, job := range []*pictory.Job{got, odd, byHand} {
		for _, value := range []any{job, *job} {
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			var back pictory.Job
			if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(&back, job) {
				t.Errorf("%s\nis %#v, not %#v: %v", text, back, *job, err)
			}
			custom, isThere := job.Field("custom")
			if again, isStillThere := back.Field("custom"); again != custom || isThere != isStillThere {
				t.Errorf("custom is %q, was %q", again, custom)
			}
		}
	}
	if text, _ := json.Marshal(byHand); !strings.Contains(string(text), `"url":"https://a/v.mp4"`) {
		t.Error(string(text))
	}
}

func TestJobTellsWhatItCost(t *testing.T) {
	url := emulate(t, `{"default": [{"status": 503}, {"headers": {"x-amzn-requestid": "request-1"},
		"body": {"data": {"status": "completed"}}}]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	got, err := client.GetJob(context.Background(), doneJob)
	if err != nil {
		t.Fatal(err)
	}
	waited, err := client.WaitJob(context.Background(), failedJob, pictory.WaitOptions{PollInterval: quick})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range []*pictory.Job{got, waited} {
		if job.Polls != 2 || job.Elapsed <= 0 || job.RequestID != "request-1" || job.HTTPStatus != 200 {
			t.Errorf("%d polls, %v, %s, %d", job.Polls, job.Elapsed, job.RequestID, job.HTTPStatus)
		}
		if body := string(job.Body()); !strings.Contains(body, "completed") {
			t.Error(body)
		}
	}
}

// A log tells apart how calls were ended from outside.
func TestErrorEndsInItsCause(t *testing.T) {
	for cause, text := range map[error]string{
		context.Canceled:         "context canceled",
		context.DeadlineExceeded: "context deadline exceeded",
		os.ErrClosed:             "file already closed",
	} {
		var err error = &pictory.Error{Code: pictory.ErrCancelled, Message: "ended", Cause: cause}
		if !errors.Is(err, cause) || !strings.HasSuffix(err.Error(), "ended: "+text) {
			t.Error(err)
		}
	}
	client := newClient(t, pictory.Config{})
	_, err := client.WaitJob(context.Background(), endlessJob, pictory.WaitOptions{
		OnPoll: func(pictory.Update) { _ = client.Close() },
	})
	if !strings.HasSuffix(err.Error(), ": the client was closed") {
		t.Error(err)
	}
}

// Whoever reads a message calls Go.
func TestNoMessageNamesAFunctionOfC(t *testing.T) {
	for code := pictory.Code(0); code < 1000; code++ {
		if strings.Contains(code.Error(), "pictory_") {
			t.Error(code)
		}
	}
	client := newClient(t, pictory.Config{})
	ctx := context.Background()
	_, interval := client.WaitJob(ctx, doneJob, pictory.WaitOptions{PollInterval: 1})
	_, id := client.WaitJob(ctx, "x", pictory.WaitOptions{})
	_, parsed := pictory.ParseJob(nil)
	_, http := pictory.NewClient(pictory.Config{BaseURL: "http://example.com"})
	_, environment := pictory.NewClient(pictory.Config{IgnoreEnvironment: true})
	for _, err := range []error{interval, id, parsed, http, environment} {
		if err == nil || strings.Contains(err.Error(), "pictory_") {
			t.Error(err)
		}
	}
	if !strings.Contains(interval.Error(), "interval") {
		t.Errorf("it does not say why: %v", interval)
	}
}
