module pictory

go 1.19
