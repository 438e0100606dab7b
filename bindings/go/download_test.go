package pictory_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pictory"
)

const mediaScript = `{
	"default": [` + completed + `],
	"media": {"video.mp4": {"size": 3000000},
		"slow.mp4": {"size": 1000000, "steps": [{"stall_at_body": 900000, "dribble": {"bytes": 50000, "every_ms": 60}}, {}]},
		"gone.mp4": {"size": 10, "steps": [{"status": 410}]}}
}`

// media is a client, and a job whose video is a file of the script.
func media(t *testing.T, file string) (*pictory.Client, *pictory.Job) {
	url := emulate(t, mediaScript)
	client := newClient(t, pictory.Config{BaseURL: url})
	return client, &pictory.Job{URL: url + "/media/" + file}
}

func download(client *pictory.Client, job *pictory.Job, output pictory.Output, path string) (int64, error) {
	return client.Download(context.Background(), job, output, path, pictory.DownloadOptions{})
}

func TestDownloadIsTheFileToTheByte(t *testing.T) {
	client, _ := media(t, "")
	job, err := client.GetJob(context.Background(), doneJob)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "video.mp4")
	var last uint64
	written, err := client.Download(context.Background(), job, pictory.OutputVideo, path, pictory.DownloadOptions{
		OnProgress: func(done, total uint64) bool {
			if done < last || total != 3000000 {
				t.Errorf("%d of %d after %d", done, total, last)
			}
			last = done
			return true
		},
	})
	if err != nil || written != 3000000 || last != 3000000 {
		t.Fatalf("%d written, %d told, %v", written, last, err)
	}
	expectMedia(t, path, "video.mp4")
}

func expectMedia(t *testing.T, path, name string) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "script.json")
	if err := os.WriteFile(script, []byte(mediaScript), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := exec.Command(emulator, "--script", script, "--print", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes are not the %d of the file: %v", len(got), len(want), err)
	}
}

func TestDownloadThatIsCancelledGoesOn(t *testing.T) {
	for name, stop := range map[string]func(context.CancelFunc, *pictory.Client) bool{
		"context": func(cancel context.CancelFunc, _ *pictory.Client) bool { cancel(); return true },
		"close":   func(_ context.CancelFunc, client *pictory.Client) bool { _ = client.Close(); return true },
		"answer":  func(context.CancelFunc, *pictory.Client) bool { return false },
	} {
		t.Run(name, func(t *testing.T) {
			client, job := media(t, "slow.mp4")
			path := filepath.Join(t.TempDir(), "slow.mp4")
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			// It stalls near its end: only by being cancelled can it end.
			first, err := client.Download(ctx, job, pictory.OutputVideo, path, pictory.DownloadOptions{
				OnProgress: func(done, _ uint64) bool { return done == 0 || stop(cancel, client) },
			})
			if !errors.Is(err, pictory.ErrCancelled) || errors.Is(err, context.Canceled) != (name == "context") {
				t.Fatal(err)
			}
			again := newClient(t, pictory.Config{})
			rest, err := download(again, job, pictory.OutputVideo, path)
			if err != nil || first == 0 || first+rest != 1000000 {
				t.Fatalf("%d bytes and %d: %v", first, rest, err)
			}
			expectMedia(t, path, "slow.mp4")
		})
	}
}

func TestPanicInOnProgressComesOutOfTheDownload(t *testing.T) {
	client, job := media(t, "video.mp4")
	path := filepath.Join(t.TempDir(), "video.mp4")
	func() {
		defer func() {
			if cause := recover(); cause != "mine" {
				t.Errorf("recovered %v", cause)
			}
		}()
		_, err := client.Download(context.Background(), job, pictory.OutputVideo, path, pictory.DownloadOptions{
			OnProgress: func(uint64, uint64) bool { panic("mine") },
		})
		t.Errorf("it returned: %v", err)
	}()
	// Nothing of it is left that would hold the file.
	if _, err := download(client, job, pictory.OutputVideo, path); err != nil {
		t.Error(err)
	}
}

func TestDownloadFailsByItsCode(t *testing.T) {
	client, job := media(t, "gone.mp4")
	folder := t.TempDir()
	for name, test := range map[string]struct {
		job    *pictory.Job
		output pictory.Output
		path   string
		code   pictory.Code
	}{
		"gone":       {job, pictory.OutputVideo, filepath.Join(folder, "x"), pictory.ErrOutputExpired},
		"missing":    {job, pictory.OutputPreview, filepath.Join(folder, "x"), pictory.ErrOutputMissing},
		"no output":  {job, 99, filepath.Join(folder, "x"), pictory.ErrInvalidArgument},
		"folder":     {job, pictory.OutputVideo, folder, pictory.ErrFile},
		"NUL":        {job, pictory.OutputVideo, "a\x00b", pictory.ErrInvalidArgument},
		"no job":     {nil, pictory.OutputVideo, "x", pictory.ErrInvalidArgument},
		"plain http": {&pictory.Job{URL: "http://example.com/v"}, pictory.OutputVideo, "x", pictory.ErrInsecureURL},
	} {
		written, err := download(client, test.job, test.output, test.path)
		if !errors.Is(err, test.code) || written != 0 {
			t.Errorf("%s: %d, %v", name, written, err)
		}
	}
}

func TestJobMadeByHandHasItsOutputs(t *testing.T) {
	client, job := media(t, "video.mp4")
	folder := t.TempDir()
	made := &pictory.Job{ID: doneJob, ThumbnailImageURL: job.URL, LastFrameImageURL: job.URL, PreviewImageURL: job.URL}
	for i, output := range []pictory.Output{pictory.OutputThumbnail, pictory.OutputLastFrame, pictory.OutputPreview} {
		path := filepath.Join(folder, string(rune('a'+i)))
		if _, err := download(client, made, output, path); err != nil {
			t.Errorf("output %d: %v", output, err)
		}
	}
	// Its URL is gone, but the job is asked for a better one.
	_, gone := media(t, "gone.mp4")
	made.URL = gone.URL
	if _, err := download(client, made, pictory.OutputVideo, filepath.Join(folder, "v")); err != nil {
		t.Error(err)
	}
}
