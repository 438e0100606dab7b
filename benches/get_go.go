// The get loop of Go's net/http and encoding/json, for orientation: BASE_URL GETS [CA_FILE]
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"
)

const job = "4a09edf9-d071-4847-bda5-8dea913d80fe"

type reply struct {
	JobID string `json:"job_id"`
	Data  struct {
		Status, URL, Duration                                 string
		ThumbnailImageURL, LastFrameImageURL, PreviewImageURL string
		Width, Height, AICreditsUsed                          float64
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cpuMicroseconds() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}

func once(client *http.Client, url string) {
	request, err := http.NewRequest("GET", url, nil)
	must(err)
	request.Header.Set("Authorization", "pictai_0123456789abcdef0123456789abcdef")
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	must(err)
	body, err := io.ReadAll(response.Body)
	must(err)
	response.Body.Close()
	var read reply
	must(json.Unmarshal(body, &read))
	if response.StatusCode != 200 || read.JobID != job || read.Data.Status == "" {
		must(fmt.Errorf("not a job: %s", body))
	}
}

func main() {
	gets, err := strconv.Atoi(os.Args[2])
	must(err)
	transport := &http.Transport{DisableCompression: true}
	if len(os.Args) > 3 && os.Args[3] != "" {
		pem, err := os.ReadFile(os.Args[3])
		must(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	url := os.Args[1] + "/v1/jobs/" + job
	for i := 0; i < 21; i++ {
		once(client, url)
	}
	cpu, begin := cpuMicroseconds(), time.Now()
	for i := 0; i < gets; i++ {
		once(client, url)
	}
	wall := time.Since(begin).Seconds()
	fmt.Printf("cpu_us=%.3f\nper_second=%.1f\n", (cpuMicroseconds()-cpu)/float64(gets), float64(gets)/wall)
}
