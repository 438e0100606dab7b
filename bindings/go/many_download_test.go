package pictory_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"pictory"
)

// Goroutines are in Download, as many as the detector takes, of outputs whose host falls silent: four
// run, none has a thread of its own, and each is ended by its own context.
func TestManyDownloadsTakeFewThreads(t *testing.T) {
	if !isChild() {
		output, err := inLimitedChild(t, emulate(t, `{"media": {"v.mp4": {"size": 1000, "steps": [{"stall_at_body": 10}]}}}`))
		if err != nil {
			t.Errorf("%v\n%s", err, output)
		}
		return
	}
	client := newClient(t, pictory.Config{})
	job := &pictory.Job{ID: doneJob, URL: os.Getenv("PICTORY_API_BASE_URL") + "/media/v.mp4"}
	folder := t.TempDir()
	most := mostThreads(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var all, running sync.WaitGroup
		running.Add(4)
		download := func(ctx context.Context, i int) error {
			var once sync.Once
			_, err := client.Download(ctx, job, pictory.OutputVideo, filepath.Join(folder, strconv.Itoa(i)),
				pictory.DownloadOptions{OnProgress: func(done, _ uint64) bool {
					once.Do(running.Done)
					return true
				}})
			return err
		}
		for i := 0; i < many; i++ {
			i := i
			all.Add(1)
			go func() {
				defer all.Done()
				if err := download(ctx, i); !errors.Is(err, context.Canceled) {
					t.Errorf("download %d: %v", i, err)
				}
			}()
		}
		running.Wait()
		// One that waits for its turn.
		late, cancelLate := context.WithTimeout(context.Background(), quick)
		defer cancelLate()
		if err := download(late, many); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		cancel()
		all.Wait()
	})
	t.Logf("%d downloads, at most %d threads", many, most)
	if most >= 64 {
		t.Errorf("%d threads", most)
	}
}
