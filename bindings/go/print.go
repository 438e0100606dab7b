package pictory

// #include "bridge.h"
import "C"

import (
	"fmt"
	"strconv"
	"strings"
)

// What stands for a secret in what is printed; C does the same in its messages.
const hidden = "[key]"

// Format prints the configuration without its secrets: the key, the values of the headers, and user
// names and passwords in URLs.
func (c Config) Format(state fmt.State, verb rune) {
	type plain Config
	if c.APIKey != "" {
		c.APIKey = hidden
	}
	headers := make(map[string]string, len(c.Headers))
	for name := range c.Headers {
		headers[name] = hidden
	}
	c.Headers = headers
	c.BaseURL, c.Proxy = withoutUser(c.BaseURL), withoutUser(c.Proxy)
	fmt.Fprintf(state, layout(state, verb), plain(c))
}

// layout is what a Format was called for.
func layout(state fmt.State, verb rune) string {
	format := "%"
	for _, flag := range "+-# 0" {
		if state.Flag(int(flag)) {
			format += string(flag)
		}
	}
	if width, ok := state.Width(); ok {
		format += strconv.Itoa(width)
	}
	if precision, ok := state.Precision(); ok {
		format += "." + strconv.Itoa(precision)
	}
	return format + string(verb)
}

func withoutUser(url string) string {
	at := strings.LastIndexByte(url, '@')
	if at < 0 {
		return url
	}
	scheme := ""
	if end := strings.Index(url, "://"); end >= 0 && end < at {
		scheme = url[:end+3]
	}
	return scheme + hidden + url[at:]
}

// String names the job and its status.
func (j Job) String() string {
	status := j.Status.String()
	if j.Status == StatusUnknown && j.StatusText != "" {
		status = j.StatusText
	}
	return "job " + j.ID + ": " + status
}

// Format prints what String says, by whatever verb: a reply's body is too much for a log.
func (j Job) Format(state fmt.State, verb rune) {
	fmt.Fprintf(state, layout(state, verb), j.String())
}

// Format prints what Error says, by whatever verb: a reply's body is too much for a log.
func (e Error) Format(state fmt.State, verb rune) {
	fmt.Fprintf(state, layout(state, verb), e.Error())
}

// String is "video", "thumbnail", "last-frame", "preview" or "unknown".
func (o Output) String() string {
	return C.GoString(C.pictory_output_name(C.pictory_output(o)))
}

// String is "error", "warn", "info" or "debug".
func (l LogLevel) String() string {
	switch l {
	case LogError:
		return "error"
	case LogWarn:
		return "warn"
	case LogInfo:
		return "info"
	case LogDebug:
		return "debug"
	}
	return fmt.Sprintf("level %d", int32(l))
}
