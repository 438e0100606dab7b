package pictory_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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

// inLimitedChild does so as a user who may have 300 processes and threads, if it is root's to become one.
// The child has this emulator, whose threads are not that user's.
func inLimitedChild(t *testing.T, url string) (string, error) {
	folder := t.TempDir()
	copyFile(t, program, filepath.Join(folder, "program"))
	maps, _ := os.ReadFile("/proc/self/maps")
	copyFile(t, regexp.MustCompile(`/.*libpictory\.so.*`).FindString(string(maps)), filepath.Join(folder, "libpictory.so.1"))
	arguments := []string{"./program", "-test.v", "-test.run", "^" + t.Name() + "$"}
	if os.Getuid() == 0 {
		user := 200_000 + os.Getpid()
		// The folder above is this test's alone, too.
		if os.Chown(folder, user, user) != nil || os.Chmod(filepath.Dir(folder), 0o755) != nil {
			t.Fatal("the child cannot be given its folder")
		}
		id := strconv.Itoa(user)
		arguments = append([]string{"setpriv", "--reuid", id, "--regid", id, "--clear-groups",
			"prlimit", "--nproc=300"}, arguments...)
	}
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Dir = folder
	command.Env = append(os.Environ(), "PICTORY_TEST_CHILD=yes", "TMPDIR="+folder, "LD_LIBRARY_PATH="+folder,
		"PICTORY_EMULATOR_URL="+url)
	output, err := command.CombinedOutput()
	return string(output), err
}

func copyFile(t *testing.T, from, to string) {
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
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
