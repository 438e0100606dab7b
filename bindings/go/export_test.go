package pictory

// DefaultMaxWait is what WaitJob compares the context's deadline with.
const DefaultMaxWait = defaultMaxWait

// TurnsTaken is how many calls block in C.
func TurnsTaken() int {
	return len(turns)
}

// Turns is how many may.
func Turns() int {
	return cap(turns)
}
