package pictory_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"pictory"
)

const gets = 1000

// More goroutines than the process may have threads are in GetJob at once, and the API takes its time:
// all are answered, by no more threads than there are turns, and a few.
func TestManyGetsTakeTheirTurns(t *testing.T) {
	if !isChild() {
		output, err := inLimitedChild(t, emulate(t, `{"default": [{"example": "in-progress", "delay_ms": 300}]}`))
		if err != nil {
			t.Errorf("%v\n%s", err, output)
		}
		t.Log(regexp.MustCompile(`\d+ gets.*`).FindString(output))
		return
	}
	client := newClient(t, pictory.Config{})
	most := mostThreads(func() {
		var all sync.WaitGroup
		for i := 0; i < gets; i++ {
			i := i
			all.Add(1)
			go func() {
				defer all.Done()
				if job, err := client.GetJob(context.Background(), jobID(i)); err != nil || job.ID != jobID(i) {
					t.Errorf("get %d: %v, %v", i, job, err)
				}
			}()
		}
		all.Wait()
	})
	t.Logf("%d gets, at most %d threads", gets, most)
	if most >= 150 {
		t.Errorf("%d threads", most)
	}
}

// Every turn is taken by a call that gets no answer.
func TestWaitForATurnEndsAsACallDoes(t *testing.T) {
	url := emulate(t, `{"default": [{"stall_after": 0}]}`)
	busy := newClient(t, pictory.Config{BaseURL: url})
	var all sync.WaitGroup
	defer all.Wait()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < pictory.Turns(); i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := busy.GetJob(ctx, endlessJob); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
	}
	for deadline := time.Now().Add(time.Minute); pictory.TurnsTaken() < pictory.Turns(); {
		if time.Now().After(deadline) {
			t.Fatalf("%d turns are taken", pictory.TurnsTaken())
		}
		time.Sleep(time.Millisecond)
	}

	client := newClient(t, pictory.Config{BaseURL: url})
	late, cancelLate := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancelLate()
	_, err := client.GetJob(late, endlessJob)
	if e := failure(t, err); !errors.Is(err, context.DeadlineExceeded) || !e.Timeout() || e.JobID != endlessJob {
		t.Errorf("deadline: %v", err)
	}
	closed := make(chan error)
	go func() {
		_, err := client.GetJob(context.Background(), endlessJob)
		closed <- err
	}()
	_ = client.Close()
	if err := <-closed; !errors.Is(err, os.ErrClosed) {
		t.Errorf("close: %v", err)
	}
	// A wait blocks no thread, and needs no turn.
	other := newClient(t, pictory.Config{})
	if _, err := other.WaitJob(context.Background(), failedJob, pictory.WaitOptions{}); !errors.Is(err, pictory.ErrJobFailed) {
		t.Error(err)
	}
	if taken := pictory.TurnsTaken(); taken != pictory.Turns() {
		t.Errorf("%d turns are taken", taken)
	}
}
