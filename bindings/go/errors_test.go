package pictory_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pictory"
)

func TestErrorIsItsCodeAndHasTheJob(t *testing.T) {
	client := newClient(t, pictory.Config{})
	_, err := client.WaitJob(context.Background(), failedJob, pictory.WaitOptions{})
	if !errors.Is(err, pictory.ErrJobFailed) || errors.Is(err, pictory.ErrTimeout) {
		t.Fatalf("%v is not ErrJobFailed alone", err)
	}
	var code pictory.Code
	if !errors.As(fmt.Errorf("wrapped: %w", err), &code) || code != pictory.ErrJobFailed {
		t.Fatalf("found code %v", code)
	}
	e := failure(t, err)
	if e.Job == nil || e.Job.Status != pictory.StatusFailed || e.Job.ErrorCode == "" || e.JobID != failedJob {
		t.Fatalf("%+v", e)
	}
	if e.HTTPStatus != 200 || e.Polls != 1 || len(e.Body) == 0 || e.Retryable || errors.Unwrap(e) != nil {
		t.Fatalf("%+v", e)
	}
}

func TestGetOfAFailedJobWorks(t *testing.T) {
	job, err := newClient(t, pictory.Config{}).GetJob(context.Background(), failedJob)
	if err != nil || job.Status != pictory.StatusFailed || !job.Status.IsFinal() {
		t.Fatalf("%v, %v", job, err)
	}
}

func TestErrorHasWhatTheServerSaid(t *testing.T) {
	url := emulate(t, `{"default": [{"status": 429, "body": "slow",
		"headers": {"Retry-After": "77", "x-amzn-requestid": "request-1"}}]}`)
	_, err := newClient(t, pictory.Config{BaseURL: url}).GetJob(context.Background(), doneJob)
	e := failure(t, err)
	if e.Code != pictory.ErrRateLimited || e.HTTPStatus != 429 || !e.Retryable {
		t.Fatalf("%+v", e)
	}
	if e.RetryAfter != 77*time.Second || e.RequestID != "request-1" || string(e.Body) != "slow" || e.Job != nil {
		t.Fatalf("%+v", e)
	}
}

func TestIDThatIsNotOneIsRefused(t *testing.T) {
	client := newClient(t, pictory.Config{})
	for _, id := range []string{"", "x", doneJob + "\x00", doneJob + "/", "\xff"} {
		_, err := client.GetJob(context.Background(), id)
		_, waited := client.WaitJob(context.Background(), id, pictory.WaitOptions{})
		for _, err := range []error{err, waited} {
			code := failure(t, err).Code
			if failure(t, err).JobID != id && id != "\xff" {
				t.Errorf("%q is the id of the error of %q", failure(t, err).JobID, id)
			}
			if code != pictory.ErrInvalidJobID && !(id == "\xff" && code == pictory.ErrInvalidArgument) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
}

func TestCodeThatIsNotKnownIsKept(t *testing.T) {
	code := pictory.Code(12345)
	var err error = &pictory.Error{Code: code, Message: "new"}
	if !errors.Is(err, code) || errors.Is(err, pictory.ErrInternal) {
		t.Fatal("a code is not itself")
	}
	if code.Name() != "PICTORY_ERROR_UNKNOWN" || code.Error() == "" {
		t.Fatalf("%s, %s", code.Name(), code)
	}
	if status := pictory.Status(77); status.String() != "unknown" || status.IsFinal() {
		t.Fatalf("%v", status)
	}
}

// The codes of the header, name by name and number by number.
func TestEveryCodeHasAName(t *testing.T) {
	header, err := os.ReadFile(beside("../../include/pictory.h"))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(beside("codes.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^  (PICTORY_ERROR_([A-Z_]+)) = `).FindAllStringSubmatch(string(header), -1)
	if len(found) < 30 {
		t.Fatalf("only %d codes in the header", len(found))
	}
	for _, code := range found {
		line := regexp.MustCompile(`(?m)^\tErr(\w+) +Code = C\.` + code[1] + `$`).FindStringSubmatch(string(source))
		if line == nil || !strings.EqualFold(line[1], strings.ReplaceAll(code[2], "_", "")) {
			t.Errorf("%s has no name, or another's", code[1])
		}
	}
}

// A thousand calls fail at once, each for a reason of its own.
func TestErrorsNeverCrossGoroutines(t *testing.T) {
	const calls = 1000
	steps := make([]string, calls)
	for i := range steps {
		status := []int{400, 401, 403, 404, 422}[i%5]
		steps[i] = fmt.Sprintf(`%q: [{"status": %d, "body": {"message": "reason-%d."}}]`, jobID(i), status, i)
	}
	url := emulate(t, `{"jobs": {`+strings.Join(steps, ",")+`}}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := 0; i < calls; i++ {
		i := i
		all.Add(1)
		go func() {
			defer all.Done()
			<-start
			var err error
			if i%4 == 0 {
				_, err = client.GetJob(context.Background(), jobID(i))
			} else {
				_, err = client.WaitJob(context.Background(), jobID(i), pictory.WaitOptions{})
			}
			e, ok := err.(*pictory.Error)
			if !ok || e.JobID != jobID(i) || !strings.Contains(e.Message, fmt.Sprintf("reason-%d.", i)) {
				t.Errorf("call %d: %v", i, err)
			}
		}()
	}
	close(start)
	all.Wait()
}

// jobID is one for each number.
func jobID(i int) string {
	return fmt.Sprintf("%08x-0000-4000-8000-00000000000a", i)
}
