# Counts that do not depend on the machine: system calls, instructions, allocations, bytes, threads.
# None is more than 5 % above the one in benches/counts. The library is the optimised one.
. tests/checks/common.sh

needs nginx 'apt-get install nginx-light'
needs openssl 'apt-get install openssl'
needs python3 'apt-get install python3'
needs strace 'apt-get install strace'
needs valgrind 'apt-get install valgrind'
needs taskset 'apt-get install util-linux'
make -s release

BENCH=$CHECK_DIR/counts
BENCH_LIBRARY=$CARGO_TARGET_DIR/release
. benches/server.sh
mkdir "$BENCH"
chmod 755 "$CHECK_DIR" "$BENCH"
trap stop_server EXIT
sh benches/build.sh "$BENCH/bin" "$BENCH_LIBRARY" 2>/dev/null
prepare_server
start_server 1 taskset -c 0
export BENCH BENCH_LIBRARY HTTP_PORT HTTPS_PORT
PYTHONDONTWRITEBYTECODE=1 python3 benches/counts.py benches/counts ${RECORD_COUNTS:+record}
note "$(grep -vc '^#' benches/counts) counts; a tenth more of any is refused"
