# Builds the programs into a folder: build.sh FOLDER LIBRARY_FOLDER. What cannot be built for want of
# a library or a compiler is left out, and told in FOLDER/missing.
set -eu
cd "$(dirname "$0")"
bin=$1 library=$2
CC=${CC:-cc}
mkdir -p "$bin"
: >"$bin/missing"

missing() {
    echo "$*" | tee -a "$bin/missing" >&2
}

# program NAME [OPTION...]
program() {
    name=$1
    shift
    "$CC" -std=c99 -O2 -g -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I../include \
        -o "$bin/$name" "$name.c" "$@" -pthread
}

# has OPTION...: a program can be linked so.
has() {
    echo 'int main(void) { return 0; }' | "$CC" -x c -o "$bin/probe" - "$@" 2>/dev/null
}

ours() {
    program "$1" "-L$library" -lpictory "-Wl,-rpath,$library"
}
for name in get_pictory parse_pictory accessor count_pictory cancel_pictory threads_pictory \
    watch_pictory count_watcher; do
    ours "$name"
done
if has -lcurl -lcjson && has -include curl/curl.h -include cjson/cJSON.h; then
    for name in get_curl parse_cjson cancel_curl watch_curl_multi watch_curl_epoll; do
        program "$name" -lcurl -lcjson
    done
else
    missing 'libcurl and cJSON (apt-get install libcurl4-openssl-dev libcjson-dev)'
fi

if has -include openssl/ssl.h -lssl -lcrypto; then
    program get_raw -lssl -lcrypto
else
    missing 'OpenSSL (apt-get install libssl-dev)'
fi

# Not in every distribution: YYJSON may name a folder that holds yyjson.c and yyjson.h.
if [ -n "${YYJSON:-}" ]; then
    "$CC" -O2 -c -o "$bin/yyjson.o" "$YYJSON/yyjson.c"
    program parse_yyjson "-isystem$YYJSON" "$bin/yyjson.o"
elif has -include yyjson.h -lyyjson; then
    program parse_yyjson -lyyjson
else
    missing 'yyjson (apt-get install libyyjson-dev, or YYJSON=FOLDER with its yyjson.c)'
fi

if command -v go >/dev/null; then
    GO111MODULE=off go build -o "$bin/get_go" get_go.go
else
    missing 'go (apt-get install golang-go)'
fi
