//go:build race

package pictory_test

// The race detector takes no more than 8128 goroutines.
const many = 3000
