package pictory_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"pictory"
)

const (
	serviceJobs      = 2000
	serviceDownloads = 200
	serviceSize      = 100_000
)

// What becomes of a job, by its number: most complete.
func isCancelled(i int) bool { return i >= 1800 && i < 1900 }
func isShutDown(i int) bool  { return i >= 1900 }

// A service as programs have it, by a user that may have 300 processes: 2,000 goroutines wait for a job
// each, and hear of its end by webhooks that poke; 200 outputs are downloaded, the key is rotated, some
// waits are cancelled, and the shutdown ends the rest.
func TestService(t *testing.T) {
	if !isChild() {
		output, err := inLimitedChild(t, emulate(t, `{"api_key": "new", "media": {"v.mp4": {"size": 100000}},
			"default": [{"example": "in-progress"},
				{"body": {"data": {"status": "completed", "url": "{base}/media/v.mp4"}}}]}`))
		if err != nil {
			t.Errorf("%v\n%s", err, output)
		}
		return
	}
	before := runtime.NumGoroutine()
	s := &service{T: t, folder: t.TempDir(), client: newClient(t, pictory.Config{APIKey: "old"})}
	s.serve()
	for i, times := range s.ended {
		if times != 1 {
			t.Errorf("job %d has ended %d times", i, times)
		}
	}
	if s.bytes != serviceDownloads*serviceSize {
		t.Errorf("%d bytes were downloaded", s.bytes)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before || threadsNamed("pictory-") != ""; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before; %s", runtime.NumGoroutine(), before, threadsNamed("pictory-"))
		}
		time.Sleep(time.Millisecond)
	}
}

type service struct {
	*testing.T
	client *pictory.Client
	folder string

	// polled are all jobs, served those that end before the shutdown.
	polled, served, all sync.WaitGroup

	mu    sync.Mutex
	ended [serviceJobs]int
	bytes int64
}

func (s *service) serve() {
	if _, err := s.client.GetJob(context.Background(), unknownJob); !errors.Is(err, pictory.ErrUnauthorized) {
		s.Error(err)
	}
	s.rotateKey()
	webhooks := make(chan int, serviceJobs)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.polled.Add(serviceJobs)
	s.all.Add(serviceJobs)
	s.served.Add(serviceJobs)
	for i := 0; i < serviceJobs; i++ {
		go s.job(ctx, i, webhooks)
	}
	s.all.Add(1)
	go s.hear(webhooks)
	s.polled.Wait()
	cancel()
	s.served.Wait()
	close(webhooks)
	_ = s.client.Close()
	s.all.Wait()
}

func (s *service) rotateKey() {
	if err := s.client.SetAPIKey("new"); err != nil {
		s.Error(err)
	}
}

// hear pokes for each webhook: somebody waits.
func (s *service) hear(webhooks chan int) {
	defer s.all.Done()
	for i := range webhooks {
		poke(s, s.client, jobID(i))
		if i%100 == 0 {
			s.rotateKey()
		}
	}
}

// job is what one goroutine does.
func (s *service) job(ctx context.Context, i int, webhooks chan int) {
	defer s.all.Done()
	if isShutDown(i) {
		s.served.Done()
	} else {
		defer s.served.Done()
	}
	if !isCancelled(i) {
		ctx = context.Background()
	}
	var once sync.Once
	job, err := s.client.WaitJob(ctx, jobID(i), pictory.WaitOptions{
		PollInterval: never,
		MaxWait:      -1,
		OnPoll: func(pictory.Update) {
			if !isCancelled(i) && !isShutDown(i) {
				webhooks <- i
			}
			once.Do(s.polled.Done)
		},
	})
	s.mu.Lock()
	s.ended[i]++
	s.mu.Unlock()
	switch {
	case isCancelled(i) && errors.Is(err, context.Canceled):
	case isShutDown(i) && errors.Is(err, os.ErrClosed):
	case err != nil || isCancelled(i) || isShutDown(i):
		s.Errorf("job %d: %v, %v", i, job, err)
	case job.ID != jobID(i) || job.Polls < 2:
		s.Errorf("job %d: %v after %d polls", i, job, job.Polls)
	case i < serviceDownloads:
		s.download(job, i)
	}
}

func (s *service) download(job *pictory.Job, i int) {
	path := filepath.Join(s.folder, strconv.Itoa(i))
	written, err := download(s.client, job, pictory.OutputVideo, path)
	if file, statErr := os.Stat(path); err != nil || statErr != nil || file.Size() != serviceSize {
		s.Errorf("download %d: %d bytes, %v", i, written, err)
	}
	s.mu.Lock()
	s.bytes += written
	s.mu.Unlock()
}
