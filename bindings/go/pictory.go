// Package pictory gets Pictory AI video generation jobs, waits for them and downloads their outputs.
//
// It is a skin over the C library of the same name, found through pkg-config: what it does, when it
// polls and what its codes mean is described there, and in include/pictory.h.
//
//	client, err := pictory.NewClient(pictory.Config{}) // PICTORY_API_KEY
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	job, err := client.WaitJob(ctx, id, pictory.WaitOptions{})
//
// Whatever fails, fails with an [*Error], which is its [Code] to errors.Is:
//
//	if errors.Is(err, pictory.ErrJobFailed) { ... }
//
// In an options struct zero stands for the default, and a negative number for "none" or "for ever".
package pictory

// #cgo pkg-config: pictory
// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"math"
	"strings"
	"time"
	"unsafe"
)

// Version is that of the C library that is loaded, such as "0.1.0".
func Version() string {
	return C.GoString(C.pictory_version())
}

// text hands a string to a call. C takes a NUL for the end: such a string is refused, with ok false.
func text(value string, use func(*C.char) C.pictory_code) (code C.pictory_code, ok bool) {
	if strings.IndexByte(value, 0) >= 0 {
		return 0, false
	}
	copied := C.CString(value)
	defer C.free(unsafe.Pointer(copied))
	// The text may be a key.
	defer wipe(unsafe.Slice((*byte)(unsafe.Pointer(copied)), len(value)))
	return use(copied), true
}

func wipe(bytes []byte) {
	for i := range bytes {
		bytes[i] = 0
	}
}

// milliseconds are what is left for the C API: 0 for the default, negative for ever, and never less
// than what was asked for.
func milliseconds(d time.Duration, forever C.int64_t) C.int64_t {
	if d < 0 {
		return forever
	}
	whole := d / time.Millisecond
	if d%time.Millisecond != 0 {
		whole++
	}
	return C.int64_t(whole)
}

// endless is for times that the C API always bounds: it counts as ten years.
const endless = C.int64_t(math.MaxInt64)

// count is a number that C bounds at 32 bits.
func count(n int) C.uint32_t {
	if uint64(n) > math.MaxUint32-1 {
		return math.MaxUint32 - 1
	}
	return C.uint32_t(n)
}
