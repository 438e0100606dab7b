package pictory

// #include "bridge.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
	"runtime/debug"
)

// C calls this back, on a thread of its own or beneath a call of Go's: no panic may pass through.
//
//export pictoryGoLog
func pictoryGoLog(level C.pictory_log_level, message *C.char, handle C.uintptr_t) {
	defer func() {
		// A panic could be recovered from above the frames of C, which would be left half done. So it ends
		// the program, as in a goroutine that nobody watches over.
		if cause := recover(); cause != nil {
			stack := debug.Stack()
			go panic(fmt.Sprintf("pictory: Config.Log has panicked: %v\n\n%s", cause, stack))
			select {}
		}
	}()
	cgo.Handle(handle).Value().(*logger).take(LogLevel(level), C.GoString(message))
}
