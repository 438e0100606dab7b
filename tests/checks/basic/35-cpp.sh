# pictory.hpp in C++17: its programs run, and each function of pictory.h can be reached by it; the example in
# C++; the C header in each standard of C++.
. tests/checks/common.sh
. tests/cpp/cpp.sh

needs "$CXX" 'apt-get install g++'
printf '#include <pictory.h>\nint main() { return PICTORY_OK; }\n' >"$CHECK_DIR/header.cpp"
for standard in c++11 c++14 c++17 c++20; do
    # shellcheck disable=SC2086
    "$CXX" -std=$standard $WARNINGS -Iinclude -fsyntax-only "$CHECK_DIR/header.cpp"
done

build_debug
bin=$RUN_DIR/bin
expect 1 emulated "$bin/wait_job-cpp" "$FAILED_JOB"
said stderr 'wait_job: '
said stderr '(5001)'
expect 1 emulated "$bin/wait_job-cpp" 123
expect 1 env -u PICTORY_API_KEY "$bin/wait_job-cpp" "$DONE_JOB"
said stderr 'PICTORY_API_KEY'
expect 2 "$bin/wait_job-cpp"
# Once it has told of a poll, it listens.
: >"$CHECK_DIR/polls"
expect 130 emulated sh -c '"$1" "$2" 2>"$3" & until grep -q "poll 1" "$3"; do kill -0 $! || exit 1; sleep 0.1; done
    kill -INT $!; wait $!' sh "$bin/wait_job-cpp" "$ENDLESS_JOB" "$CHECK_DIR/polls"
printf '%s' '{"default":[{"body":{"data":{"status":"completed","url":"{base}/media/video.mp4"}}}],
    "media":{"video.mp4":{"size":10}}}' >"$CHECK_DIR/script.json"
EMULATOR_SCRIPT=$CHECK_DIR/script.json expect 0 emulated "$bin/wait_job-cpp" "$DONE_JOB" "$CHECK_DIR/video.mp4"
said stdout '/media/video.mp4'
[ "$(wc -c <"$CHECK_DIR/video.mp4")" -eq 10 ]


cpp_programs "$CXX" c++17 '' "$DEBUG"

# Shared objects that hide their symbols are one program.
for part in first second; do
    # shellcheck disable=SC2086
    "$CXX" -std=c++17 -g $WARNINGS -Iinclude -fPIC -shared -fvisibility=hidden -DPART=$part \
        -o "$CHECK_DIR/lib$part.so" tests/cpp/hidden/part.cpp
done
# shellcheck disable=SC2086
"$CXX" -std=c++17 -g $WARNINGS -Iinclude -o "$CHECK_DIR/hidden" tests/cpp/hidden/main.cpp -L"$CHECK_DIR" \
    -lfirst -lsecond -L"$DEBUG" -lpictory -pthread -Wl,-rpath,"$CHECK_DIR" -Wl,-rpath,"$DEBUG"
EMULATOR_SCRIPT=tests/cpp/script.json expect 0 emulated "$CHECK_DIR/hidden"

# compiles STATEMENT
compiles() {
    printf '#include <pictory.hpp>\nvoid f(const pictory::Client &, const char *);\n%s { %s }\n' \
        'void f(const pictory::Client &client, const char *id)' "$1" >"$CHECK_DIR/statement.cpp"
    "$CXX" -std=c++17 -Iinclude -fsyntax-only "$CHECK_DIR/statement.cpp" 2>/dev/null
}

# A view of a temporary does not compile, nor does a copy of what is lent; the like that is sound does.
compiles 'auto job = client.get_job(id).value(); std::string_view url = *job.url(); (void)url;'
compiles 'auto result = client.get_job(id); (void)result.body(); (void)result.job()->url();'
compiles 'pictory::WaitOptions{}.on_poll([](const pictory::Update &u) { auto kept = u.keep(); return kept.ok(); });'
for statement in 'std::string_view url = *client.get_job(id).value().url(); (void)url;' \
    'auto body = client.get_job(id).body(); (void)body;' \
    'pictory::WaitOptions{}.on_poll([](const pictory::Update &u) { auto kept = u; return kept.ok(); });'; do
    if compiles "$statement"; then
        echo "it compiles: $statement"
        exit 1
    fi
done

# An inline function is compiled only where it is used: what the program lacks is what it calls.
sed -n 's/^[a-z].*\b\(pictory_[a-z0-9_]*\)(.*/\1/p' include/pictory.h | sort -u >"$CHECK_DIR/functions"
[ -s "$CHECK_DIR/functions" ]
nm -u "$CHECK_DIR/cpp/every_function" | sed -n 's/^ *U \(pictory_[a-z0-9_]*\)$/\1/p' | sort -u |
    diff "$CHECK_DIR/functions" -

# The public declarations are those on record.
awk -f tests/cpp/api.awk include/pictory.hpp | diff tests/cpp/api.txt - || {
    echo 'the public API of pictory.hpp has changed: awk -f tests/cpp/api.awk include/pictory.hpp >tests/cpp/api.txt'
    exit 1
}

# So are the codes, statuses, levels and outputs, each with its name in lower case.
sed -n 's/^  \(PICTORY_[A-Z_]*\) = [0-9]*,$/\1/p' include/pictory.h |
    sed 's/^\(PICTORY_\(ERROR_\|STATUS_\|LOG_LEVEL_\|OUTPUT_\|\)\(.*\)\)$/\1 \3/' |
    while read -r number name; do
        echo "$(echo "$name" | tr '[:upper:]' '[:lower:]') = $number"
    done >"$CHECK_DIR/numbers"
[ -s "$CHECK_DIR/numbers" ]
sed -n 's/^    \([a-z_]* = PICTORY_[A-Z_]*\),\{0,1\}$/\1/p' include/pictory.hpp | diff "$CHECK_DIR/numbers" -
note "$(find tests/cpp -name '*.cpp' | wc -l | tr -d ' ') programs, $(wc -l <"$CHECK_DIR/functions" | tr -d ' ') functions"
