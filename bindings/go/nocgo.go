//go:build !cgo

package pictory

// Without cgo nothing else of the package is compiled: this is what the compiler then says.
const _ int = "pictory needs cgo: set CGO_ENABLED=1"
