package pictory_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"pictory"
)

const (
	quick = 10 * time.Millisecond
	// As an interval: whatever follows was poked.
	never = 1000 * time.Hour
)

// poke pokes a job that is waited for.
func poke(t testing.TB, client *pictory.Client, id string) {
	if isWaitedFor, err := client.Poke(id); err != nil || !isWaitedFor {
		t.Errorf("nobody waits for %s: %v", id, err)
	}
}

func TestWaitTellsOfEachPollInOrder(t *testing.T) {
	url := emulate(t, `{"default": [{"example": "in-progress"}, {"status": 503}, {"example": "in-progress"},`+
		completed+`]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	var updates []pictory.Update // No lock: it is this goroutine that is told.
	job, err := client.WaitJob(context.Background(), doneJob, pictory.WaitOptions{
		PollInterval: never,
		MaxWait:      -1,
		OnPoll: func(update pictory.Update) {
			updates = append(updates, update)
			poke(t, client, doneJob)
		},
	})
	if err != nil || job.Status != pictory.StatusCompleted || job.DurationSeconds != 8 {
		t.Fatalf("%+v, %v", job, err)
	}
	if len(updates) != 3 || updates[0].Err != nil || !errors.Is(updates[1].Err, pictory.ErrServer) {
		t.Fatalf("%+v", updates)
	}
	for i, update := range updates {
		if update.Polls != i+1 || update.Job == nil || update.Job.Status != pictory.StatusInProgress {
			t.Errorf("update %d: %+v", i, update)
		}
	}
}

func TestContextEndsACall(t *testing.T) {
	url := emulate(t, `{"default": [{"stall_after": 0}]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	for name, call := range calls(client) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := call(ctx, endlessJob)
			if !errors.Is(err, context.DeadlineExceeded) || !failure(t, err).Timeout() {
				t.Errorf("deadline: %v", err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			cancelled, cancel := context.WithCancel(context.Background())
			cancel()
			err = call(cancelled, endlessJob)
			e := failure(t, err)
			if !errors.Is(err, context.Canceled) || e.Polls != 0 || e.JobID != endlessJob || !e.Retryable {
				t.Errorf("cancelled before: %v", err)
			}
			var none context.Context
			if err := call(none, endlessJob); !errors.Is(err, pictory.ErrInvalidArgument) {
				t.Errorf("no context: %v", err)
			}
		})
	}
}

// calls are all that block.
func calls(client *pictory.Client) map[string]func(context.Context, string) error {
	return map[string]func(context.Context, string) error{
		"GetJob": func(ctx context.Context, id string) error {
			_, err := client.GetJob(ctx, id)
			return err
		},
		"WaitJob": func(ctx context.Context, id string) error {
			_, err := client.WaitJob(ctx, id, pictory.WaitOptions{})
			return err
		},
	}
}

func TestCancelFromOnPollKeepsTheLastState(t *testing.T) {
	client := newClient(t, pictory.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	calls := 0
	_, err := client.WaitJob(ctx, endlessJob, pictory.WaitOptions{
		PollInterval: quick,
		OnPoll:       func(pictory.Update) { calls++; cancel() },
	})
	e := failure(t, err)
	if !errors.Is(err, context.Canceled) || calls != 1 || e.Job == nil || e.Job.Status != pictory.StatusInProgress {
		t.Fatalf("%d calls, %+v", calls, e)
	}
}

func TestOptionsReachTheWait(t *testing.T) {
	url := emulate(t, `{
		"jobs": {"`+unknownJob+`": [{"body": {"data": {"status": "dreaming"}}}],
			"`+failedJob+`": [{"status": 503}]},
		"default": [{"example": "in-progress"}]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	for name, test := range map[string]struct {
		id      string
		options pictory.WaitOptions
		want    pictory.Code
	}{
		"MaxWait":      {endlessJob, pictory.WaitOptions{MaxWait: time.Nanosecond}, pictory.ErrWaitTimeout},
		"MaxFailures":  {failedJob, pictory.WaitOptions{PollInterval: quick, MaxFailures: 2}, pictory.ErrServer},
		"PollInterval": {endlessJob, pictory.WaitOptions{PollInterval: time.Millisecond}, pictory.ErrInvalidArgument},
		"negative":     {endlessJob, pictory.WaitOptions{PollInterval: -1}, pictory.ErrInvalidArgument},
		"StopOnUnknownStatus": {unknownJob, pictory.WaitOptions{StopOnUnknownStatus: true},
			pictory.ErrUnexpectedStatus},
	} {
		_, err := client.WaitJob(context.Background(), test.id, test.options)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "MaxFailures" && failure(t, err).Polls != 2 {
			t.Errorf("%+v", err)
		}
		if name == "StopOnUnknownStatus" && failure(t, err).Job.StatusText != "dreaming" {
			t.Errorf("%+v", err)
		}
	}
}

// A hundred failures end no wait that never gives up.
func TestNegativeMaxFailuresAreNoLimit(t *testing.T) {
	url := emulate(t, `{"default": [{"status": 503, "repeat": 100},`+completed+`]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	_, err := client.WaitJob(context.Background(), doneJob,
		pictory.WaitOptions{PollInterval: quick, MaxFailures: -1, MaxWait: -1})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSlowOnPollHoldsUpItsOwnWaitAlone(t *testing.T) {
	url := emulate(t, `{"jobs": {"`+doneJob+`": [{"example": "in-progress", "repeat": 3},`+completed+`]},
		"default": [{"example": "in-progress"}]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	ctx, cancel := context.WithCancel(context.Background())
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	ended := make(chan error)
	go func() {
		_, err := client.WaitJob(ctx, endlessJob, pictory.WaitOptions{
			PollInterval: quick,
			OnPoll:       func(pictory.Update) { once.Do(func() { close(entered) }); <-release },
		})
		ended <- err
	}()
	<-entered
	told := 0
	_, err := client.WaitJob(context.Background(), doneJob, pictory.WaitOptions{
		PollInterval: never,
		MaxWait:      -1,
		OnPoll:       func(pictory.Update) { told++; poke(t, client, doneJob) },
	})
	if err != nil || told != 3 {
		t.Errorf("told %d times, %v", told, err)
	}
	cancel()
	close(release)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPanicInOnPollComesOutOfTheWait(t *testing.T) {
	client := newClient(t, pictory.Config{})
	func() {
		defer func() {
			if cause := recover(); cause != "mine" {
				t.Errorf("recovered %v", cause)
			}
		}()
		_, err := client.WaitJob(context.Background(), endlessJob, pictory.WaitOptions{
			OnPoll: func(pictory.Update) { panic("mine") },
		})
		t.Errorf("it returned: %v", err)
	}()
	// The watcher is as good as before.
	if _, err := client.WaitJob(context.Background(), failedJob, pictory.WaitOptions{}); !errors.Is(err, pictory.ErrJobFailed) {
		t.Error(err)
	}
}

func TestCloseEndsWaits(t *testing.T) {
	client := newClient(t, pictory.Config{})
	var polled, all sync.WaitGroup
	for i := 0; i < 20; i++ {
		polled.Add(1)
		all.Add(1)
		go func() {
			defer all.Done()
			var once sync.Once
			_, err := client.WaitJob(context.Background(), endlessJob, pictory.WaitOptions{
				OnPoll: func(pictory.Update) { once.Do(polled.Done) },
			})
			if !errors.Is(err, pictory.ErrCancelled) || !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		}()
	}
	polled.Wait()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
}

func TestClientMayBeClosedInOnPoll(t *testing.T) {
	client := newClient(t, pictory.Config{})
	_, err := client.WaitJob(context.Background(), endlessJob, pictory.WaitOptions{
		OnPoll: func(pictory.Update) { _ = client.Close() },
	})
	if !errors.Is(err, pictory.ErrCancelled) || !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
}
