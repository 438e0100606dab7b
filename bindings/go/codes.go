package pictory

// #include "bridge.h"
import "C"

// A Code says how a call ended, and is an error itself, for errors.Is. One that this package has no
// name for is kept as its number.
type Code int32

// The codes; see include/pictory.h for what brings each about.
const (
	ErrInvalidArgument  Code = C.PICTORY_ERROR_INVALID_ARGUMENT
	ErrInvalidJobID     Code = C.PICTORY_ERROR_INVALID_JOB_ID
	ErrInvalidAPIKey    Code = C.PICTORY_ERROR_INVALID_API_KEY
	ErrInvalidURL       Code = C.PICTORY_ERROR_INVALID_URL
	ErrInsecureURL      Code = C.PICTORY_ERROR_INSECURE_URL
	ErrCertificates     Code = C.PICTORY_ERROR_CERTIFICATES
	ErrSystem           Code = C.PICTORY_ERROR_SYSTEM
	ErrAlreadyWatched   Code = C.PICTORY_ERROR_ALREADY_WATCHED
	ErrNotWatched       Code = C.PICTORY_ERROR_NOT_WATCHED
	ErrResolve          Code = C.PICTORY_ERROR_RESOLVE
	ErrConnect          Code = C.PICTORY_ERROR_CONNECT
	ErrTLS              Code = C.PICTORY_ERROR_TLS
	ErrProxy            Code = C.PICTORY_ERROR_PROXY
	ErrTimeout          Code = C.PICTORY_ERROR_TIMEOUT
	ErrConnectionLost   Code = C.PICTORY_ERROR_CONNECTION_LOST
	ErrUnauthorized     Code = C.PICTORY_ERROR_UNAUTHORIZED
	ErrForbidden        Code = C.PICTORY_ERROR_FORBIDDEN
	ErrJobNotFound      Code = C.PICTORY_ERROR_JOB_NOT_FOUND
	ErrRateLimited      Code = C.PICTORY_ERROR_RATE_LIMITED
	ErrServer           Code = C.PICTORY_ERROR_SERVER
	ErrHTTPStatus       Code = C.PICTORY_ERROR_HTTP_STATUS
	ErrAPI              Code = C.PICTORY_ERROR_API
	ErrInvalidResponse  Code = C.PICTORY_ERROR_INVALID_RESPONSE
	ErrJobFailed        Code = C.PICTORY_ERROR_JOB_FAILED
	ErrJobCleaned       Code = C.PICTORY_ERROR_JOB_CLEANED
	ErrWaitTimeout      Code = C.PICTORY_ERROR_WAIT_TIMEOUT
	ErrCancelled        Code = C.PICTORY_ERROR_CANCELLED
	ErrUnexpectedStatus Code = C.PICTORY_ERROR_UNEXPECTED_STATUS
	ErrOutputMissing    Code = C.PICTORY_ERROR_OUTPUT_MISSING
	ErrOutputExpired    Code = C.PICTORY_ERROR_OUTPUT_EXPIRED
	ErrFile             Code = C.PICTORY_ERROR_FILE
	ErrInternal         Code = C.PICTORY_ERROR_INTERNAL
)

// Error is what the code means, and what to do about it, in one sentence.
func (c Code) Error() string {
	return "pictory: " + C.GoString(C.pictory_code_description(C.pictory_code(c)))
}

// Name is the code's name in the C API, such as "PICTORY_ERROR_TIMEOUT"; "PICTORY_ERROR_UNKNOWN" for
// a number that the library does not know.
func (c Code) Name() string {
	return C.GoString(C.pictory_code_name(C.pictory_code(c)))
}
