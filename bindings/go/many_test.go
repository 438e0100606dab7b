package pictory_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pictory"
)

// Ten thousand goroutines are in WaitJob, every one of which was told of a poll and none of which has
// returned: they cost no thread each, nor do they when all are cancelled at once, or settle.
func TestManyWaitsTakeFewThreads(t *testing.T) {
	if _, err := os.ReadDir("/proc/self/task"); err != nil || emulator == "" {
		t.Skip("needs /proc and PICTORY_EMULATOR")
	}
	for name, script := range map[string]string{
		"cancelled": `{"default": [{"example": "in-progress"}]}`,
		"completed": `{"default": [{"example": "in-progress"}, {"example": "completed"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			// Go keeps the threads that other tests have needed: this one is for a process of its own.
			if !isChild() {
				output, err := inChild(t)
				if err != nil {
					t.Errorf("%v\n%s", err, output)
				}
				t.Log(regexp.MustCompile(`\d+ waits.*`).FindString(output))
				return
			}
			client := newClient(t, pictory.Config{BaseURL: emulate(t, script)})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			most := mostThreads(func() {
				waitForMany(ctx, t, client, func() {
					if name == "cancelled" {
						cancel()
					}
				})
			})
			t.Logf("%d waits, at most %d threads", many, most)
			if most >= 64 {
				t.Errorf("%d threads", most)
			}
		})
	}
}

// waitForMany returns when all waits have. It calls whenPolled when each was told of one poll.
func waitForMany(ctx context.Context, t *testing.T, client *pictory.Client, whenPolled func()) {
	var left int64 = many
	var all sync.WaitGroup
	for i := 0; i < many; i++ {
		i := i
		all.Add(1)
		go func() {
			defer all.Done()
			_, err := client.WaitJob(ctx, jobID(i), pictory.WaitOptions{
				MaxWait:      -1,
				PollInterval: 5 * time.Second,
				OnPoll: func(update pictory.Update) {
					if update.Polls == 1 && atomic.AddInt64(&left, -1) == 0 {
						whenPolled()
					}
				},
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("wait %d: %v", i, err)
			}
		}()
	}
	all.Wait()
	if left != 0 {
		t.Errorf("%d waits were told of no poll", left)
	}
}

// mostThreads looks how many threads there are until work is done.
func mostThreads(work func()) int {
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	most := 0
	for {
		select {
		case <-done:
			return most
		case <-tick.C:
			if tasks, err := os.ReadDir("/proc/self/task"); err == nil && len(tasks) > most {
				most = len(tasks)
			}
		}
	}
}

// The threads of the library are gone when nobody waits any more.
func TestNoThreadIsLeftWhenNobodyWaits(t *testing.T) {
	client := newClient(t, pictory.Config{})
	if _, err := client.WaitJob(context.Background(), failedJob, pictory.WaitOptions{}); !errors.Is(err, pictory.ErrJobFailed) {
		t.Fatal(err)
	}
	_ = client.Close()
	deadline := time.Now().Add(time.Minute)
	for named := "pictory"; named != ""; {
		if named = threadsNamed("pictory-"); named != "" && time.Now().After(deadline) {
			t.Fatalf("left behind: %s", named)
		}
	}
}

// threadsNamed are the names of the threads that begin so.
func threadsNamed(prefix string) string {
	tasks, _ := os.ReadDir("/proc/self/task")
	var names []string
	for _, task := range tasks {
		name, err := os.ReadFile("/proc/self/task/" + task.Name() + "/comm")
		if err == nil && strings.HasPrefix(string(name), prefix) {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, "")
}
