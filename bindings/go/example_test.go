package pictory_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"pictory"
)

// This one is in the README.
func Example() {
	client, err := pictory.NewClient(pictory.Config{}) // PICTORY_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx, id := context.Background(), "4a09edf9-d071-4847-bda5-8dea913d80fe"
	job, err := client.WaitJob(ctx, id, pictory.WaitOptions{MaxWait: 20 * time.Minute})
	if err == nil {
		_, err = client.Download(ctx, job, pictory.OutputVideo, "video.mp4", pictory.DownloadOptions{})
	}
	fmt.Println(err)
	// Output: <nil>
}

func ExampleError() {
	client, err := pictory.NewClient(pictory.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	_, err = client.WaitJob(context.Background(), "fa11ed00-0000-4000-8000-000000000000", pictory.WaitOptions{})
	var e *pictory.Error
	if errors.As(err, &e) && e.Code == pictory.ErrJobFailed {
		fmt.Println(e.Job.ErrorCode, e.Job.ErrorMessage)
	}
	// Output: 5001 Video generation failed due to an internal error.
}

func ExampleClient_WaitJob() {
	client, err := pictory.NewClient(pictory.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = client.WaitJob(ctx, "00000000-0000-4000-8000-000000000000", pictory.WaitOptions{
		PollInterval: 15 * time.Second,
		OnPoll: func(update pictory.Update) {
			fmt.Println(update.Polls, update.Job.Status)
			cancel()
		},
	})
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// 1 in-progress
	// true
}

func ExampleParseJob() {
	job, err := pictory.ParseJob([]byte(`{"data": {"status": "completed", "url": "https://a/v.mp4"}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Status, job.URL)
	// Output: completed https://a/v.mp4
}
