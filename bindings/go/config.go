package pictory

// #include "bridge.h"
import "C"

import "time"

// NoProxy as Config.Proxy: none, whatever the environment says.
const NoProxy = "none"

// A LogLevel is how important a line of the log is. A level includes those before it.
type LogLevel int32

// The levels.
const (
	// LogError is for what made a call fail.
	LogError LogLevel = C.PICTORY_LOG_LEVEL_ERROR
	// LogWarn is for what was overcome, such as a failed poll.
	LogWarn LogLevel = C.PICTORY_LOG_LEVEL_WARN
	// LogInfo is for how calls ended.
	LogInfo LogLevel = C.PICTORY_LOG_LEVEL_INFO
	// LogDebug is for every request.
	LogDebug LogLevel = C.PICTORY_LOG_LEVEL_DEBUG
)

// A Config is the settings of a client. What is zero has the default; of a time, a negative one stands
// for ever (ten years).
type Config struct {
	// APIKey is from https://app.pictory.ai/api-access, without "Bearer"; PICTORY_API_KEY if empty.
	APIKey string
	// BaseURL is what stands before "/v1/jobs/"; PICTORY_API_BASE_URL if empty, else Pictory's.
	BaseURL string
	// AllowHTTP accepts plain http for hosts other than loopback: the key then crosses the network in
	// clear text.
	AllowHTTP bool
	UserAgent string
	// Headers are sent to the API with every request, such as X-Pictory-User-Id.
	Headers map[string]string
	// Proxy is "http://host:port" or "http://user:password@host:port"; NoProxy; or empty for what the
	// environment says.
	Proxy string
	// CAFile is a PEM file with the certificates to trust in place of the system's.
	CAFile string
	// ConnectTimeout is for lookup, connect, proxy and TLS handshake: 10 s.
	ConnectTimeout time.Duration
	// RequestTimeout is for one request as a whole: 30 s.
	RequestTimeout time.Duration
	// MaxRetries is how often a GetJob tries again: 2; negative: never.
	MaxRetries int
	// RateLimit is how many requests all calls together make in a second; 0 or negative: no limit.
	RateLimit float64
	// Log takes lines without line breaks and secrets. It runs on several goroutines at once, and holds
	// up the polls meanwhile. It must not call this package; if it panics, the program ends.
	Log func(level LogLevel, line string)
	// LogLevel is that of the least important lines that are wanted: LogInfo if zero.
	LogLevel LogLevel
	// IgnoreEnvironment leaves the environment unread.
	IgnoreEnvironment bool
}

// apply sets what is not zero.
func (c *Config) apply(made *C.pictory_config) error {
	s := setter{config: made}
	s.text("APIKey", c.APIKey, ErrInvalidAPIKey, func(key *C.char) C.pictory_code {
		return C.pictory_config_set_api_key(made, key)
	})
	s.text("BaseURL", c.BaseURL, ErrInvalidURL, func(url *C.char) C.pictory_code {
		return C.pictory_config_set_base_url(made, url)
	})
	s.text("UserAgent", c.UserAgent, ErrInvalidArgument, func(name *C.char) C.pictory_code {
		return C.pictory_config_set_user_agent(made, name)
	})
	s.text("CAFile", c.CAFile, ErrInvalidArgument, func(path *C.char) C.pictory_code {
		return C.pictory_config_set_ca_file(made, path)
	})
	if c.Proxy == NoProxy {
		s.check(C.pictory_config_set_proxy(made, nil))
	} else {
		s.text("Proxy", c.Proxy, ErrInvalidURL, func(url *C.char) C.pictory_code {
			return C.pictory_config_set_proxy(made, url)
		})
	}
	for name, value := range c.Headers {
		s.header(name, value)
	}
	c.applyNumbers(&s, made)
	if s.failure != nil {
		return s.failure
	}
	return nil
}

func (c *Config) applyNumbers(s *setter, made *C.pictory_config) {
	s.check(C.pictory_config_set_allow_http(made, C.bool(c.AllowHTTP)))
	if c.ConnectTimeout != 0 {
		ms := milliseconds(c.ConnectTimeout, endless)
		s.check(C.pictory_config_set_connect_timeout_ms(made, ms))
	}
	if c.RequestTimeout != 0 {
		ms := milliseconds(c.RequestTimeout, endless)
		s.check(C.pictory_config_set_request_timeout_ms(made, ms))
	}
	if c.MaxRetries != 0 {
		s.check(C.pictory_config_set_max_retries(made, retries(c.MaxRetries)))
	}
	if !(c.RateLimit <= 0) {
		s.check(C.pictory_config_set_rate_limit(made, C.double(c.RateLimit)))
	}
}

func retries(n int) C.uint32_t {
	if n < 0 {
		return 0
	}
	return count(n)
}

// A setter keeps the first refusal.
type setter struct {
	config  *C.pictory_config
	failure *Error
}

func (s *setter) check(code C.pictory_code) {
	if code != C.PICTORY_OK && s.failure == nil {
		s.failure = refused(Code(code), C.GoString(C.pictory_config_message(s.config)))
	}
}

// text sets what is not empty.
func (s *setter) text(name, value string, inCaseOfNUL Code, set func(*C.char) C.pictory_code) {
	if value == "" {
		return
	}
	code, ok := text(value, set)
	s.checkText(name, code, ok, inCaseOfNUL)
}

func (s *setter) checkText(name string, code C.pictory_code, ok bool, inCaseOfNUL Code) {
	if ok {
		s.check(code)
	} else if s.failure == nil {
		s.failure = refused(inCaseOfNUL, name+" has a NUL in it")
	}
}

func (s *setter) header(name, value string) {
	var isValueOK bool
	code, isNameOK := text(name, func(name *C.char) (code C.pictory_code) {
		code, isValueOK = text(value, func(value *C.char) C.pictory_code {
			return C.pictory_config_set_header(s.config, name, value)
		})
		return code
	})
	s.checkText("a header", code, isNameOK && isValueOK, ErrInvalidArgument)
}
