package pictory

// TurnsTaken is how many calls block in C.
func TurnsTaken() int {
	return len(turns)
}

// Turns is how many may.
func Turns() int {
	return cap(turns)
}
