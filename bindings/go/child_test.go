package pictory_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pictory"
)

// The program of the tests, whatever their folder.
var program, _ = filepath.Abs(os.Args[0])

// inChild runs the same test, alone in a process of its own, and returns what it prints.
func inChild(t *testing.T) (string, error) {
	command := exec.Command(program, "-test.v", "-test.run", "^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	command.Dir = home
	// Nothing is left of it, even if it is not let end: neither an emulator nor a folder.
	command.Env = append(os.Environ(), "PICTORY_TEST_CHILD=yes", "TMPDIR="+t.TempDir(),
		"PICTORY_EMULATOR_URL="+os.Getenv("PICTORY_API_BASE_URL"))
	output, err := command.CombinedOutput()
	return string(output), err
}

func isChild() bool {
	return os.Getenv("PICTORY_TEST_CHILD") != ""
}

// Whoever recovers from it would leave the frames of C between half done.
func TestPanicInLogEndsTheProgram(t *testing.T) {
	if isChild() {
		defer func() { _ = recover() }()
		client := newClient(t, pictory.Config{Log: func(pictory.LogLevel, string) { panic("mine") }})
		_, _ = client.GetJob(context.Background(), failedJob)
		return
	}
	output, err := inChild(t)
	if err == nil || !strings.Contains(output, "Config.Log has panicked: mine") {
		t.Errorf("%v\n%s", err, output)
	}
}
