package pictory_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pictory"
)

const (
	doneJob    = "4a09edf9-d071-4847-bda5-8dea913d80fe"
	failedJob  = "fa11ed00-0000-4000-8000-000000000000"
	endlessJob = "00000000-0000-4000-8000-000000000000"
	unknownJob = "11111111-0000-4000-8000-000000000000"
)

// The program to start, and where the tests begin: they end up in a folder of their own.
var emulator = os.Getenv("PICTORY_EMULATOR")
var home, _ = os.Getwd()

// TestMain gives the examples an environment: an emulator, and a folder to write to.
func TestMain(m *testing.M) {
	os.Exit(inScratch(m))
}

func inScratch(m *testing.M) int {
	url := os.Getenv("PICTORY_EMULATOR_URL")
	if url == "" {
		started, stop, err := startEmulator(exampleScript)
		if err != nil {
			fmt.Fprintln(os.Stderr, "set PICTORY_EMULATOR or PICTORY_EMULATOR_URL:", err)
			return 1
		}
		defer stop()
		url = started
	}
	folder, err := os.MkdirTemp("", "pictory")
	if err != nil || os.Chdir(folder) != nil {
		return 1
	}
	defer os.RemoveAll(folder)
	os.Setenv("PICTORY_API_BASE_URL", url)
	os.Setenv("PICTORY_API_KEY", "demo-key")
	return m.Run()
}

// The done job of the examples, but at once.
const exampleScript = `{
	"jobs": {
		"4a09edf9-d071-4847-bda5-8dea913d80fe": [` + completed + `],
		"fa11ed00-0000-4000-8000-000000000000": [{"example": "failed"}],
		"00000000-0000-4000-8000-000000000000": [{"example": "in-progress"}]
	},
	"media": {"video.mp4": {"size": 4000000}}
}`

const completed = `{"body": {"job_id": "4a09edf9-d071-4847-bda5-8dea913d80fe", "success": true, "data": {
	"status": "completed", "duration": "8s", "width": 720, "height": 1280, "aiCreditsUsed": 12.8,
	"url": "{base}/media/video.mp4", "custom": {"a": [1]}}}}`

// startEmulator starts one with a script, whose requests nobody reads.
func startEmulator(script string) (url string, stop func(), err error) {
	file, err := os.CreateTemp("", "script")
	if err != nil {
		return "", nil, err
	}
	defer os.Remove(file.Name())
	if _, err = file.WriteString(script); err != nil {
		return "", nil, err
	}
	command := exec.Command(emulator, "--script", file.Name())
	// Not the tests' own, which would not end as long as an emulator has it.
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err = command.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	lines := bufio.NewReader(out)
	if url, err = lines.ReadString('\n'); err != nil {
		stop()
		return "", nil, fmt.Errorf("%w: %s", err, &complaint)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return strings.TrimSpace(url), stop, nil
}

// emulate is the URL of an emulator of the test's own.
func emulate(t testing.TB, script string) string {
	t.Helper()
	if emulator == "" {
		t.Skip("needs PICTORY_EMULATOR")
	}
	url, stop, err := startEmulator(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

// newClient is one that is closed when the test is over.
func newClient(t testing.TB, config pictory.Config) *pictory.Client {
	t.Helper()
	client, err := pictory.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// failure is the error's *Error, which must be there.
func failure(t testing.TB, err error) *pictory.Error {
	t.Helper()
	e, ok := err.(*pictory.Error)
	if !ok {
		t.Fatalf("not an *Error: %#v", err)
	}
	return e
}

// beside is a file of the repository.
func beside(path string) string {
	return filepath.Join(home, path)
}
