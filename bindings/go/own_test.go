package pictory_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pictory"
)

// The test that the emulator's README shows.
func TestOfOnesOwn(t *testing.T) {
	program, err := filepath.Abs(os.Getenv("PICTORY_EMULATOR"))
	if os.Getenv("PICTORY_EMULATOR") == "" || err != nil {
		t.Skip("needs PICTORY_EMULATOR")
	}
	folder := t.TempDir()
	if err := os.Symlink(program, filepath.Join(folder, "pictory-emulator")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	// From here on it is the README's.
	emulator := exec.Command("pictory-emulator", "--quiet")
	out, _ := emulator.StdoutPipe()
	if err := emulator.Start(); err != nil {
		t.Fatal(err)
	}
	defer emulator.Process.Kill()
	url, _ := bufio.NewReader(out).ReadString('\n')
	client, err := pictory.NewClient(pictory.Config{APIKey: "any", BaseURL: strings.TrimSpace(url)})
	// To here.
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	job, err := client.GetJob(context.Background(), "4a09edf9-d071-4847-bda5-8dea913d80fe")
	if err != nil || job.Status != pictory.StatusInProgress {
		t.Fatal(job, err)
	}
}
