//go:build !race

package pictory_test

const many = 10500
