package pictory_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pictory"
)

func TestZeroConfigIsTheEnvironment(t *testing.T) {
	if _, err := newClient(t, pictory.Config{}).GetJob(context.Background(), doneJob); err != nil {
		t.Error(err)
	}
	t.Setenv("PICTORY_API_KEY", "")
	if _, err := pictory.NewClient(pictory.Config{}); !errors.Is(err, pictory.ErrInvalidAPIKey) {
		t.Errorf("no key: %v", err)
	}
	t.Setenv("PICTORY_API_KEY", "key")
	t.Setenv("PICTORY_API_BASE_URL", "nonsense")
	if _, err := pictory.NewClient(pictory.Config{}); !errors.Is(err, pictory.ErrInvalidURL) {
		t.Errorf("no URL: %v", err)
	}
	if _, err := pictory.NewClient(pictory.Config{IgnoreEnvironment: true}); !errors.Is(err, pictory.ErrInvalidAPIKey) {
		t.Errorf("the environment was read: %v", err)
	}
	newClient(t, pictory.Config{IgnoreEnvironment: true, APIKey: "key"})
}

// Each with a word of the reason that the library gives.
func TestConfigThatIsRefusedSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		config pictory.Config
		code   pictory.Code
		word   string
	}{
		"APIKey":         {pictory.Config{APIKey: "Bearer x"}, pictory.ErrInvalidAPIKey, "Bearer"},
		"NUL":            {pictory.Config{APIKey: "a\x00b"}, pictory.ErrInvalidAPIKey, "APIKey has a NUL"},
		"BaseURL":        {pictory.Config{BaseURL: "ftp://x"}, pictory.ErrInvalidURL, "http"},
		"AllowHTTP":      {pictory.Config{BaseURL: "http://example.com"}, pictory.ErrInsecureURL, "https"},
		"UserAgent":      {pictory.Config{UserAgent: "\n"}, pictory.ErrInvalidArgument, "ASCII"},
		"Headers":        {pictory.Config{Headers: map[string]string{"Host": "x"}}, pictory.ErrInvalidArgument, "Host"},
		"HeaderNUL":      {pictory.Config{Headers: map[string]string{"X": "\x00"}}, pictory.ErrInvalidArgument, "NUL"},
		"Proxy":          {pictory.Config{Proxy: "socks5://x"}, pictory.ErrInvalidURL, "http://"},
		"CAFile":         {pictory.Config{CAFile: "missing.pem"}, pictory.ErrCertificates, "missing.pem"},
		"RateLimit":      {pictory.Config{RateLimit: math.NaN()}, pictory.ErrInvalidArgument, "number"},
		"environment":    {pictory.Config{IgnoreEnvironment: true}, pictory.ErrInvalidAPIKey, "PICTORY_API_KEY"},
		"with a logger":  {pictory.Config{IgnoreEnvironment: true, Log: func(pictory.LogLevel, string) {}}, pictory.ErrInvalidAPIKey, "PICTORY_API_KEY"},
		"the first wins": {pictory.Config{APIKey: "Bearer", BaseURL: "x"}, pictory.ErrInvalidAPIKey, "key"},
	} {
		client, err := pictory.NewClient(test.config)
		if client != nil || !errors.Is(err, test.code) || !strings.Contains(err.Error(), test.word) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigThatIsAccepted(t *testing.T) {
	pem := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(pem, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pictory.NewClient(pictory.Config{CAFile: pem}); !errors.Is(err, pictory.ErrCertificates) {
		t.Errorf("an empty CA file: %v", err)
	}
	client := newClient(t, pictory.Config{
		BaseURL:        emulate(t, `{"default": [{"stall_after": 0}]}`),
		APIKey:         "key",
		AllowHTTP:      true,
		UserAgent:      "go test",
		Headers:        map[string]string{"X-Pictory-User-Id": "me"},
		Proxy:          pictory.NoProxy,
		ConnectTimeout: -1,
		RequestTimeout: time.Nanosecond,
		MaxRetries:     -1,
		RateLimit:      -1,
	})
	_, err := client.GetJob(context.Background(), doneJob)
	if e := failure(t, err); e.Code != pictory.ErrTimeout || e.Polls > 1 {
		t.Errorf("a nanosecond for a request, no retry: %+v", e)
	}
}

func TestProxyIsUsed(t *testing.T) {
	client := newClient(t, pictory.Config{BaseURL: "https://pictory.invalid", Proxy: "http://127.0.0.1:1", MaxRetries: -1})
	if _, err := client.GetJob(context.Background(), doneJob); !errors.Is(err, pictory.ErrProxy) {
		t.Error(err)
	}
}

func TestKeyIsReplacedOnALiveClient(t *testing.T) {
	url := emulate(t, `{"api_key": "new", "default": [`+completed+`]}`)
	client := newClient(t, pictory.Config{BaseURL: url, APIKey: "old"})
	ctx := context.Background()
	if _, err := client.GetJob(ctx, doneJob); !errors.Is(err, pictory.ErrUnauthorized) {
		t.Error(err)
	}
	if err := client.SetAPIKey("new"); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"", "Bearer x", "a\x00"} {
		if err := client.SetAPIKey(key); !errors.Is(err, pictory.ErrInvalidAPIKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if _, err := client.GetJob(ctx, doneJob); err != nil {
		t.Error(err)
	}
	if _, err := client.WaitJob(ctx, doneJob, pictory.WaitOptions{}); err != nil {
		t.Error(err)
	}
}

func TestClosedClientFails(t *testing.T) {
	closed := newClient(t, pictory.Config{})
	for i := 0; i < 2; i++ {
		if err := closed.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, client := range map[string]*pictory.Client{"closed": closed, "zero": {}, "nil": nil} {
		_, get := client.GetJob(context.Background(), doneJob)
		_, wait := client.WaitJob(context.Background(), doneJob, pictory.WaitOptions{})
		_, download := client.Download(context.Background(), &pictory.Job{URL: "https://a"}, pictory.OutputVideo, "x",
			pictory.DownloadOptions{})
		for _, err := range []error{get, wait, download, client.SetAPIKey("key")} {
			if !errors.Is(err, pictory.ErrInvalidArgument) || !errors.Is(err, os.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_ = client.Close()
	}
}

// Whatever enters while it closes either ends well, or with an error of the client's being closed.
func TestCloseWhileCallsComeAndGo(t *testing.T) {
	for round := 0; round < 30; round++ {
		client := newClient(t, pictory.Config{})
		entered := make(chan struct{}, 8)
		var all sync.WaitGroup
		for i := 0; i < 8; i++ {
			all.Add(1)
			call := []func(context.Context, string) error{calls(client)["GetJob"], calls(client)["WaitJob"]}[i%2]
			go func() {
				defer all.Done()
				for {
					err := call(context.Background(), doneJob)
					select {
					case entered <- struct{}{}:
					default:
					}
					if err != nil {
						if !errors.Is(err, os.ErrClosed) {
							t.Error(err)
						}
						return
					}
				}
			}()
		}
		<-entered
		_ = client.Close()
		all.Wait()
	}
}

func TestLogTakesLinesUntilTheClientIsClosed(t *testing.T) {
	var mu sync.Mutex
	lines := map[pictory.LogLevel]int{}
	log := func(level pictory.LogLevel, line string) {
		mu.Lock()
		defer mu.Unlock()
		lines[level]++
		if line == "" || strings.Contains(line, "demo-key") {
			t.Errorf("a line: %q", line)
		}
	}
	client := newClient(t, pictory.Config{Log: log, LogLevel: pictory.LogDebug})
	_, _ = client.GetJob(context.Background(), unknownJob)
	_, _ = client.WaitJob(context.Background(), failedJob, pictory.WaitOptions{})
	_ = client.Close()
	mu.Lock()
	defer mu.Unlock()
	if lines[pictory.LogError] == 0 || lines[pictory.LogDebug] == 0 {
		t.Error(lines)
	}
}

// The wait that Close ends would be told of, as all that end are.
func TestNoLineIsLoggedAfterClose(t *testing.T) {
	var isClosed, late int32
	client := newClient(t, pictory.Config{LogLevel: pictory.LogDebug, Log: func(pictory.LogLevel, string) {
		atomic.AddInt32(&late, atomic.LoadInt32(&isClosed))
	}})
	_, err := client.WaitJob(context.Background(), endlessJob, pictory.WaitOptions{OnPoll: func(pictory.Update) {
		_ = client.Close()
		atomic.StoreInt32(&isClosed, 1)
	}})
	if !errors.Is(err, os.ErrClosed) || atomic.LoadInt32(&late) != 0 {
		t.Errorf("%d lines came late; %v", late, err)
	}
}

// After the first try has failed, and been logged.
func TestContextEndsAGetBetweenTries(t *testing.T) {
	lines := make(chan string, 10)
	client := newClient(t, pictory.Config{
		BaseURL:  emulate(t, `{"default": [{"status": 503}, {"stall_after": 0}]}`),
		Log:      func(_ pictory.LogLevel, line string) { lines <- line },
		LogLevel: pictory.LogWarn,
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { <-lines; cancel() }()
	_, err := client.GetJob(ctx, endlessJob)
	if e := failure(t, err); !errors.Is(err, context.Canceled) || e.Polls == 0 || e.HTTPStatus != 503 {
		t.Errorf("%+v", e)
	}
}

func TestVersionIsThatOfTheLibrary(t *testing.T) {
	if !strings.HasPrefix(pictory.Version(), "0.") {
		t.Error(pictory.Version())
	}
}
