package pictory_test

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"pictory"
)

// Each result holds 400 KB in C, which Go does not see: 250 that were not freed would be 100 MB.
func TestNoResultIsLeftBehind(t *testing.T) {
	body := `{"data": {"status": "in-progress", "text": "` + strings.Repeat("x", 400_000) + `"}}`
	url := emulate(t, `{"jobs": {"`+failedJob+`": [{"status": 404, "body": `+strconv.Quote(body)+`}]},
		"default": [{"body": `+strconv.Quote(body)+`}]}`)
	client := newClient(t, pictory.Config{BaseURL: url})
	ctx := context.Background()
	for name, use := range map[string]func(){
		"parse":  func() { _, _ = pictory.ParseJob([]byte(body)) },
		"get":    func() { _, _ = client.GetJob(ctx, endlessJob) },
		"failed": func() { _, _ = client.GetJob(ctx, failedJob) },
		"wait":   func() { _, _ = client.WaitJob(ctx, failedJob, pictory.WaitOptions{}) },
		"cancelled": func() {
			ctx, cancel := context.WithCancel(ctx)
			_, _ = client.WaitJob(ctx, endlessJob, pictory.WaitOptions{OnPoll: func(pictory.Update) { cancel() }})
		},
		"panicked": func() {
			defer func() { _ = recover() }()
			_, _ = client.WaitJob(ctx, endlessJob, pictory.WaitOptions{OnPoll: func(pictory.Update) { panic(1) }})
		},
	} {
		use()
		before := resident(t)
		for i := 0; i < 250; i++ {
			use()
		}
		if grown := resident(t) - before; grown > 50<<20 {
			t.Errorf("%s: %d MB more than before", name, grown>>20)
		}
	}
}

// resident is what the process has in memory, in bytes, after Go has cleaned up.
func resident(t *testing.T) int {
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("needs /proc")
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// Nothing of a wait is in the way of the next.
func TestManyWaitsOneAfterTheOther(t *testing.T) {
	client := newClient(t, pictory.Config{})
	for i := 0; i < 3000; i++ {
		_, err := client.WaitJob(context.Background(), failedJob, pictory.WaitOptions{})
		if !errors.Is(err, pictory.ErrJobFailed) {
			t.Fatal(err)
		}
	}
}

// Handles that were deleted too early would be found missing by updates that come late.
func TestManyWaitsThatAreCancelledAtOnce(t *testing.T) {
	client := newClient(t, pictory.Config{})
	for i := 0; i < 500; i++ {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%20)*100*time.Microsecond)
		_, err := client.WaitJob(ctx, endlessJob, pictory.WaitOptions{
			PollInterval: quick,
			OnPoll:       func(pictory.Update) {},
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		cancel()
	}
}
