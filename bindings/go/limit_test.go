package pictory_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pictory"
)

// The library has no function that tells it.
func TestDefaultLimitIsTheLibrarys(t *testing.T) {
	header, err := os.ReadFile(beside("../../include/pictory.h"))
	said := fmt.Sprintf("Makes options with the defaults: %.0f minutes,", pictory.DefaultMaxWait.Minutes())
	if err != nil || !strings.Contains(string(header), said) {
		t.Errorf("the header does not say %q: %v", said, err)
	}
}

// The job completes in a gap that would not end before the context does: it is the last poll that sees it.
func TestLastPollIsMadeBeforeTheContextsDeadline(t *testing.T) {
	client := newClient(t, pictory.Config{BaseURL: emulate(t, `{"default": [{"example": "in-progress"},`+completed+`]}`)})
	for _, maxWait := range []time.Duration{0, -1, time.Hour} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		job, err := client.WaitJob(ctx, doneJob, pictory.WaitOptions{PollInterval: never, MaxWait: maxWait})
		if err != nil || job.Status != pictory.StatusCompleted {
			t.Errorf("%v: %v, %v", maxWait, job, err)
		}
		cancel()
	}
}

// Whose limit it was that a wait has come to is told by the cause, and by the text.
func TestErrorTellsWhoseLimitItWas(t *testing.T) {
	url := emulate(t, `{"jobs": {"`+unknownJob+`": [{"body": {"data": {"status": "dreaming"}}}]},
		"default": [{"example": "in-progress"}]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	const long, brief = time.Hour, 50 * time.Millisecond
	for _, test := range []struct {
		id                string
		deadline, maxWait time.Duration
		code              pictory.Code
		cause             error
	}{
		{endlessJob, long, brief, pictory.ErrWaitTimeout, nil},
		{endlessJob, brief, long, pictory.ErrWaitTimeout, context.DeadlineExceeded},
		{endlessJob, brief, 0, pictory.ErrWaitTimeout, context.DeadlineExceeded},
		{unknownJob, brief, -1, pictory.ErrUnexpectedStatus, context.DeadlineExceeded},
		{unknownJob, long, brief, pictory.ErrUnexpectedStatus, nil},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), test.deadline)
		_, err := client.WaitJob(ctx, test.id, pictory.WaitOptions{MaxWait: test.maxWait})
		e := failure(t, err)
		if e.Code != test.code || e.Cause != test.cause || e.Job == nil {
			t.Errorf("%+v: %v", test, err)
		}
		if isTimeout := e.Code == pictory.ErrWaitTimeout || test.cause != nil; e.Timeout() != isTimeout {
			t.Errorf("%+v: %v is a timeout: %v", test, err, e.Timeout())
		}
		cancel()
	}
}

// OnPoll returns when the wait has settled long ago: no other call follows but for an update that was on its way.
func TestSlowOnPollDoesNotHoldUpTheLimit(t *testing.T) {
	ended := make(chan string, 10)
	client := newClient(t, pictory.Config{
		LogLevel: pictory.LogInfo,
		Log:      func(_ pictory.LogLevel, line string) { ended <- line },
	})
	calls := 0
	_, err := client.WaitJob(context.Background(), endlessJob, pictory.WaitOptions{
		PollInterval: quick,
		MaxWait:      time.Second,
		OnPoll: func(pictory.Update) {
			if calls++; calls == 1 {
				<-ended
			}
		},
	})
	if !errors.Is(err, pictory.ErrWaitTimeout) || calls > 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
	if polls := failure(t, err).Polls; polls < 5 {
		t.Errorf("OnPoll has held up the polls: there were %d", polls)
	}
}

// The polls that a slow OnPoll has missed are not made up for.
func TestSlowOnPollIsToldTheNewestState(t *testing.T) {
	requests := make(chan string, 1000)
	client := newClient(t, pictory.Config{
		LogLevel: pictory.LogDebug,
		Log:      func(_ pictory.LogLevel, line string) { requests <- line },
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var polls []int
	_, err := client.WaitJob(ctx, endlessJob, pictory.WaitOptions{
		PollInterval: quick,
		OnPoll: func(update pictory.Update) {
			polls = append(polls, update.Polls)
			if len(polls) == 2 {
				cancel()
				return
			}
			for i := 0; i < 10; i++ {
				<-requests
			}
		},
	})
	if !errors.Is(err, context.Canceled) || len(polls) != 2 || polls[1] < polls[0]+5 {
		t.Errorf("told of the polls %v, %v", polls, err)
	}
}

// Nothing but a poke brings the polls of this wait.
func TestPokeSpeedsUpAWait(t *testing.T) {
	client := newClient(t, pictory.Config{BaseURL: emulate(t, `{"default": [{"example": "in-progress", "repeat": 2},`+completed+`]}`)})
	told := make(chan int)
	ended := make(chan error)
	go func() {
		_, err := client.WaitJob(context.Background(), doneJob, pictory.WaitOptions{
			PollInterval: never, MaxWait: -1, OnPoll: func(update pictory.Update) { told <- update.Polls },
		})
		ended <- err
	}()
	for polls := 1; polls <= 2; polls++ {
		if now := <-told; now != polls {
			t.Errorf("poll %d after %d pokes", now, polls-1)
		}
		poke(t, client, doneJob)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for id, code := range map[string]pictory.Code{"x": pictory.ErrInvalidJobID, doneJob + "\x00": pictory.ErrInvalidJobID} {
		if isWaitedFor, err := client.Poke(id); isWaitedFor || !errors.Is(err, code) || failure(t, err).JobID != id {
			t.Errorf("%q: %v, %v", id, isWaitedFor, err)
		}
	}
	if isWaitedFor, err := client.Poke(doneJob); isWaitedFor || err != nil {
		t.Errorf("nobody waits: %v, %v", isWaitedFor, err)
	}
	_ = client.Close()
	if _, err := client.Poke(doneJob); !errors.Is(err, pictory.ErrInvalidArgument) {
		t.Errorf("closed: %v", err)
	}
}
