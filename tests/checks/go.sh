# The Go package: its format, vet, its public API as it is recorded, and its tests against the emulator,
# with the checks that cgo and the race detector make, some as a user who may have few processes; ten
# thousand waits at once without the detector, which cannot count so far.
. tests/checks/common.sh

needs go 'apt-get install golang-go'
needs pkg-config 'apt-get install pkg-config'
build_debug
describe_library
export PKG_CONFIG_PATH="$CHECK_DIR/pkgconfig" LD_LIBRARY_PATH="$DEBUG" PICTORY_EMULATOR="$EMULATOR"
# Nothing is fetched: neither a module nor another Go.
export GOPROXY=off GOTOOLCHAIN=local GOFLAGS=-count=1
# Go keeps what it has built, and does not see a header change, nor where pkg-config says that it is.
inputs=$(cat include/pictory.h "$CHECK_DIR/pkgconfig/pictory.pc" | cksum | cut -d' ' -f1)
export CGO_CFLAGS="-g -O2 -DINPUTS=$inputs"
# From 1.21 on, the strict check of pointers is compiled in.
case $(go env GOVERSION) in
go1.19* | go1.20*) export GODEBUG=cgocheck=2 ;;
*) export GOEXPERIMENT=cgocheck2 ;;
esac

sed -n '/^func Example() {$/,/^}$/p' bindings/go/example_test.go |
    sed -e '1d; $d' -e '/\/\/ Output:/d' -e 's/^	//' >"$CHECK_DIR/readme.go"
in_document go "$CHECK_DIR/readme.go"
sed -n '/^	\/\/ From here on/,/^	\/\/ To here/p' bindings/go/own_test.go | sed -e '1d; $d' -e 's/^	//' >"$CHECK_DIR/own.go"
in_document go "$CHECK_DIR/own.go" emulator/README.md

cd bindings/go
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || {
    echo "gofmt: $unformatted"
    exit 1
}
go vet ./...
# Declarations alone: how comments are set differs between versions of Go.
go doc -all . | sed -n '/^CONSTANTS$/,$p' | grep -v -e '^    ' -e '^	*//' | cat -s | diff api.txt - || {
    echo 'api.txt is not the public API'
    exit 1
}
complaint=$(CGO_ENABLED=0 go build ./... 2>&1 | grep -v '^#') || :
if [ "$(echo "$complaint" | wc -l)" -ne 1 ] || [ "${complaint#*pictory needs cgo}" = "$complaint" ]; then
    echo "without cgo: $complaint"
    exit 1
fi
go test -v -race ./... >"$CHECK_DIR/race" || {
    cat "$CHECK_DIR/race"
    exit 1
}
go test -v -run 'TestMany(WaitsTake|Gets|Downloads)' ./... >"$CHECK_DIR/many" || {
    cat "$CHECK_DIR/many"
    exit 1
}
! grep -e '--- SKIP' "$CHECK_DIR/race" "$CHECK_DIR/many" || exit 1
note "$(grep -c '^--- PASS' "$CHECK_DIR/race") tests; $(sed -n 's/.*: \([0-9]* waits.*\)/\1/p' "$CHECK_DIR/many" | tail -1)"
