# The command-line tool: every command, option and exit status, against the emulator.
. tests/checks/common.sh

build_debug
tool=$RUN_DIR/bin/pictory
dir=$CHECK_DIR/downloads
SOON_JOB=50000000-0000-4000-8000-000000000000
SLOW_JOB=51000000-0000-4000-8000-000000000000
ODD_JOB=0DD00000-0000-4000-8000-000000000000
GONE_JOB=60000000-0000-4000-8000-000000000000
CLEANED_JOB=c1ea0000-0000-4000-8000-000000000000
STRANGE_JOB=57000000-0000-4000-8000-000000000000
cat >"$CHECK_DIR/tool.json" <<END
{
  "jobs": {
    "$DONE_JOB": [{ "body": { "success": true, "data": { "status": "completed", "width": 720,
      "height": 1280, "duration": "8s", "aiCreditsUsed": 12.8, "url": "{base}/media/video.mp4?Expires=1.5",
      "thumbnailImageUrl": "{base}/media/thumbnail.jpg",
      "lastFrameImageUrl": "{base}/media/last_frame.png" } } }],
    "$SOON_JOB": [{}, { "body": { "data": { "status": "completed", "url": "{base}/media/video.mp4" } } }],
    "$SLOW_JOB": [{ "body": { "data": { "status": "completed", "url": "{base}/media/slow.mp4" } } }],
    "$ODD_JOB": [{ "body": { "data": { "status": "completed", "url": "{base}/media/odd",
      "thumbnailImageUrl": "{base}/media/..%2F..%2Fx.a/../../b~c",
      "note": "\"\\\\ \u0007\u001b[31m\u2028\u00e9\ud83d\ude00" } } }],
    "$GONE_JOB": [{ "body": { "data": { "status": "completed", "url": "{base}/media/gone.mp4" } } }],
    "$FAILED_JOB": [{ "body": { "success": false, "data": { "status": "failed", "error_code": "5001",
      "error_message": "no \"video\" \\\\ \u001b[31m\u009b1m\u00e9\ud83d\ude00\u0000" } } }],
    "$CLEANED_JOB": [{ "body": { "data": { "status": "cleaned" } } }],
    "$STRANGE_JOB": [{ "body": { "data": { "status": "resting" } } }],
    "$ENDLESS_JOB": [{}]
  },
  "media": {
    "video.mp4": { "size": 1000000 }, "odd": { "size": 10 },
    "gone.mp4": { "size": 1, "steps": [{ "status": 410 }] },
    "thumbnail.jpg": { "size": 1000 }, "last_frame.png": { "size": 7 },
    "slow.mp4": { "size": 1000000, "steps": [{ "dribble": { "bytes": 40000, "every_ms": 100 } }, {}] }
  }
}
END
export EMULATOR_SCRIPT="$CHECK_DIR/tool.json"

# pictory STATUS ARGUMENT...: the tool must end with this exit status.
pictory() {
    wanted=$1
    shift
    expect "$wanted" emulated "$tool" "$@"
}

not_said() {
    if grep -qF -- "$2" "$CHECK_DIR/$1"; then
        echo "on $1: $2"
        cat "$CHECK_DIR/$1"
        exit 1
    fi
}

# json_lines N: so many lines on stdout, each an object of valid JSON.
json_lines() {
    [ "$(wc -l <"$CHECK_DIR/stdout")" -eq "$1" ]
    if command -v python3 >/dev/null 2>&1; then
        python3 -c 'import json, sys
for line in open(sys.argv[1], "rb"):
    assert isinstance(json.loads(line.decode("utf-8")), dict)' "$CHECK_DIR/stdout"
    else # The library reads JSON, too: it takes an object without a status for an unknown one.
        while read -r line; do
            printf '%s' "$line" | "$tool" parse - >"$CHECK_DIR/parsed"
        done <"$CHECK_DIR/stdout"
    fi
}

same() {
    "$EMULATOR" --script "$EMULATOR_SCRIPT" --print "$1" | cmp - "$2"
}

# Usage.
expect 0 "$tool" --help
said stdout 'usage: pictory get ID...'
for word in -h help; do
    expect 0 "$tool" "$word"
    said stdout 'usage: pictory get ID...'
done
expect 0 "$tool" --version
grep -q '^pictory [0-9]*\.[0-9]*\.[0-9]*$' "$CHECK_DIR/stdout"
refused() {
    expect 2 env PICTORY_API_KEY=demo-key "$tool" "$@"
    [ ! -s "$CHECK_DIR/stdout" ]
    grep -q '^pictory: .' "$CHECK_DIR/stderr"
}
refused
refused fetch "$DONE_JOB"
refused get
refused parse
refused parse a b
refused get "$DONE_JOB" --frobnicate
refused get "$DONE_JOB" --json=1
said stderr '--json takes no value'
refused get "$DONE_JOB" --rate
refused get "$DONE_JOB" --max-wait 1
said stderr '--max-wait means nothing to pictory get'
refused parse x --rate 1
refused get - # stdin is empty
refused get ''
printf '\377\376%s' "$DONE_JOB" | sed 's/./&\x00/g' >"$CHECK_DIR/utf-16"
expect 2 env PICTORY_API_KEY=demo-key sh -c 'exec "$1" get - <"$2"' sh "$tool" "$CHECK_DIR/utf-16"
said stderr 'save it as UTF-8'
for time in 0 -1 '' 1x 1e3 0x10 inf nan ' 1' 1ms; do
    refused wait "$DONE_JOB" --max-wait "$time"
done
refused wait "$DONE_JOB" --poll-interval forever
refused wait "$DONE_JOB" --poll-interval 0.001
refused get "$DONE_JOB" --rate 0
refused get "$DONE_JOB" --rate fast
refused download "$DONE_JOB" --only video,audio
refused download "$DONE_JOB" --only ''
refused download "$DONE_JOB" --output ''
refused get "$DONE_JOB" --base-url ftp://a
said stderr '--base-url: '
refused get "$DONE_JOB" --base-url http://a.example
refused get "$DONE_JOB" --ca-file "$CHECK_DIR/no-such-file"
said stderr '--ca-file: '
refused get 123
refused wait 123
expect 2 env -u PICTORY_API_KEY "$tool" get "$DONE_JOB"
said stderr 'PICTORY_API_KEY'

# get
pictory 0 get "$DONE_JOB"
said stdout 'status         completed'
said stdout 'size           720 x 1280'
said stdout 'AI credits     12.8'
pictory 0 get "$ENDLESS_JOB"
said stdout 'in-progress'
pictory 0 get "$STRANGE_JOB"
said stdout 'resting'
pictory 1 get "$FAILED_JOB"
said stdout 'no "video" \ ?[31m?1mé😀'
pictory 1 get "$CLEANED_JOB"
pictory 3 get 00000000-0000-4000-8000-00000000dead
pictory 3 get "$DONE_JOB" "$FAILED_JOB" 00000000-0000-4000-8000-00000000dead "$ENDLESS_JOB"
said stdout "$DONE_JOB  completed    http://"
said stdout "$ENDLESS_JOB  in-progress  -"
pictory 1 get --json "$DONE_JOB" "$FAILED_JOB"
json_lines 2
said stdout '"error_message":"no \"video\" \\ \u001b[31m'
said stdout '"duration_seconds":8,"width":720,"height":1280,'
said stdout '"ai_credits_used":12.8,'
expect 3 env PICTORY_API_KEY=demo-key "$tool" get --json --base-url http://127.0.0.1:1 "$DONE_JOB"
json_lines 1
said stdout '"code":"PICTORY_ERROR_CONNECT"'
said stdout '"retryable":true,"status":null'
said stderr 'trying again'
expect 3 env PICTORY_API_KEY=demo-key PICTORY_API_BASE_URL=http://127.0.0.1:1 "$tool" wait \
    --poll-interval 0.1 "$DONE_JOB"

# wait
pictory 0 wait --poll-interval 0.1 "$SOON_JOB"
said stdout 'status         completed'
pictory 1 wait "$CLEANED_JOB"
pictory 4 wait --max-wait 0.3s --poll-interval=0.1 "$ENDLESS_JOB"
said stderr 'the job may still run'
pictory 4 wait --max-wait=0.3 --poll-interval 0.1 "$STRANGE_JOB"
pictory 4 wait --json --max-wait 0.01m --poll-interval 0.1 "$ENDLESS_JOB" "$DONE_JOB" "$FAILED_JOB" 123
json_lines 4
said stdout '"code":"PICTORY_ERROR_WAIT_TIMEOUT"'
said stdout '"code":"PICTORY_ERROR_INVALID_JOB_ID"'
# As files and copied text have them: a mark, blanks seen and unseen, two on a line, other ends of lines.
printf '\357\273\277\n  %s\r\n%s\302\240 %s' "$DONE_JOB" "$SOON_JOB" "$DONE_JOB" >"$CHECK_DIR/ids"
expect 0 emulated sh -c '"$1" wait --max-wait forever --poll-interval 0.1 - <"$2"' sh "$tool" "$CHECK_DIR/ids"
[ "$(grep -c '  completed  ' "$CHECK_DIR/stdout")" -eq 3 ]
pictory 0 get "$(printf ' %s\n\342\200\213' "$DONE_JOB")"
pictory 0 wait --rate 5 --poll-interval 0.1 -- "$DONE_JOB" "$DONE_JOB" "$SOON_JOB"
[ "$(wc -l <"$CHECK_DIR/stdout")" -eq 3 ]
pictory 0 wait --verbose --poll-interval 0.1 "$DONE_JOB"
said stderr "$DONE_JOB"
not_said stderr demo-key

# The trace has a line for each request, with its time, and no key; stderr stays as it is without.
pictory 0 wait --json --trace "$CHECK_DIR/trace" --poll-interval 0.1 "$SOON_JOB"
polls=$(grep -c '^ *[0-9]*\.[0-9][0-9][0-9] debug GET .* after [0-9]* ms: the job ' "$CHECK_DIR/trace")
[ "$polls" -gt 1 ]
said stdout "\"polls\":$polls,"
[ "$(grep -c '^ *[0-9.]* info  job .*the job has completed' "$CHECK_DIR/trace")" -eq 1 ]
[ ! -s "$CHECK_DIR/stderr" ]
if grep demo-key "$CHECK_DIR/trace"; then exit 1; fi
pictory 2 get --trace= "$DONE_JOB"
# Ids are read before anything is written.
echo "$DONE_JOB" >"$CHECK_DIR/traced"
expect 0 emulated sh -c '"$1" get --trace "$2" - <"$2"' sh "$tool" "$CHECK_DIR/traced"
grep -q 'debug GET ' "$CHECK_DIR/traced"
echo kept >"$CHECK_DIR/kept"
pictory 2 get --trace "$CHECK_DIR/kept" ''
[ "$(cat "$CHECK_DIR/kept")" = kept ]
pictory 3 get --trace "$CHECK_DIR/no-such-folder/trace" "$DONE_JOB"
said stderr '--trace'
if [ -w /dev/full ]; then
    pictory 3 get --trace /dev/full "$DONE_JOB"
    said stderr 'not all of it could be written'
fi

# Ctrl-C ends the wait, and says what is still out. A shell without job control has what it starts in the
# background ignore SIGINT, which the tool would heed.
not_ignored='env --default-signal=INT'
$not_ignored true 2>/dev/null || skip 'needs env --default-signal (coreutils 8.31)'
interrupted() {
    signal=$1
    shift
    # shellcheck disable=SC2086
    expect 130 emulated sh -c '"$@" & sleep 1; kill -'"$signal"' $!; wait $!' sh $not_ignored "$tool" "$@"
}
interrupted INT wait "$DONE_JOB" "$ENDLESS_JOB"
said stdout "$DONE_JOB"
said stderr 'interrupted: 1 of 2 jobs are left'
said stderr 'goes on with them when it is run again'
[ "$(wc -l <"$CHECK_DIR/stderr")" -eq 1 ]
# A loop of the shell's ends with it, and who has told the program to ignore it is obeyed.
# shellcheck disable=SC2086
expect 130 emulated sh -c '"$@" & sleep 0.5; kill -INT $!; wait $!; kill -l $?; exit 130' sh $not_ignored \
    "$tool" wait "$ENDLESS_JOB"
said stdout INT
expect 4 emulated sh -c 'trap "" INT; "$@" & sleep 0.5; kill -INT $!; wait $!' sh "$tool" wait \
    --max-wait 1 --poll-interval 0.1 "$ENDLESS_JOB"
interrupted TERM wait --json "$ENDLESS_JOB"
json_lines 1

# download
pictory 0 download "$DONE_JOB" --output "$dir"
[ "$(wc -l <"$CHECK_DIR/stdout")" -eq 3 ]
said stdout "$dir/$DONE_JOB-video.mp4"
same video.mp4 "$dir/$DONE_JOB-video.mp4"
same thumbnail.jpg "$dir/$DONE_JOB-thumbnail.jpg"
same last_frame.png "$dir/$DONE_JOB-last-frame.png"
[ "$(find "$dir" -type f | wc -l)" -eq 3 ]
echo old >"$dir/$DONE_JOB-video.mp4"
expect 0 emulated sh -c 'cd "$1" && exec "$2" download --only video --json "$3"' sh "$dir" "$tool" "$DONE_JOB"
json_lines 1
said stdout "\"files\":[{\"output\":\"video\",\"path\":\"$DONE_JOB-video.mp4\",\"code\":\"PICTORY_OK\""
said stdout '"bytes":1000000}]}'
# The same id once, whatever its case; each file and the whole have a code.
rm -r "$dir"
pictory 3 download --output "$dir" --json "$DONE_JOB" "$(echo "$DONE_JOB" | tr a-f A-F)" "$GONE_JOB"
json_lines 2
grep "\"job_id\":\"$GONE_JOB\",\"code\":\"PICTORY_ERROR_OUTPUT_EXPIRED\"" "$CHECK_DIR/stdout"
grep '"files":\[{"output":"video","path":"[^"]*","code":"PICTORY_ERROR_OUTPUT_EXPIRED"' "$CHECK_DIR/stdout"
mkdir -p "$dir"
same video.mp4 "$dir/$DONE_JOB-video.mp4"
rm -r "$dir"
pictory 3 download --output "$dir/" --only=video,thumbnail --poll-interval 0.1 --json \
    "$SOON_JOB" "$FAILED_JOB" 123
json_lines 3
said stdout "$dir/$SOON_JOB-video.mp4"
said stdout '"code":"PICTORY_ERROR_OUTPUT_MISSING"'
same video.mp4 "$dir/$SOON_JOB-video.mp4"
pictory 1 download --output "$dir" "$FAILED_JOB"
[ ! -s "$CHECK_DIR/stdout" ]
pictory 4 download --output "$dir" --max-wait 0.3 --poll-interval 0.1 "$DONE_JOB" "$ENDLESS_JOB"
said stdout "$dir/$DONE_JOB-thumbnail.jpg"
# No name comes from the server, and an extension only if it looks like one.
pictory 3 download --output "$dir" "$ODD_JOB"
same odd "$dir/$(echo "$ODD_JOB" | tr 'D' 'd')-video.mp4"
pictory 3 download --output "$dir" "$GONE_JOB"
said stderr "$GONE_JOB: video: "
pictory 0 download --output "$CHECK_DIR/above/it/" --only video "$DONE_JOB"
said stdout "$CHECK_DIR/above/it/$DONE_JOB-video.mp4"
pictory 3 download --output "$CHECK_DIR/tool.json" "$DONE_JOB"
said stderr 'cannot write to the folder'
pictory 3 download --output "$CHECK_DIR/tool.json/below" "$DONE_JOB"
said stderr 'cannot make the folder'
rm "$dir/$SOON_JOB-video.mp4"
mkdir "$dir/$SOON_JOB-video.mp4"
pictory 3 download --output "$dir" --poll-interval 0.1 "$SOON_JOB"
# A latin-1 folder: a path is bytes, JSON is not.
expect 0 emulated sh -c 'exec "$1" download --json --only video --output "$(printf "%s/\351" "$2")" "$3"' \
    sh "$tool" "$dir" "$DONE_JOB"
json_lines 1
# An unfinished download is kept, and the same command goes on.
# shellcheck disable=SC2086
expect 0 emulated sh -c '"$@" & sleep 1; kill -INT $!; wait $!; [ $? -eq 130 ] && exec "$@"' sh \
    $not_ignored "$tool" download --output "$dir" "$SLOW_JOB"
said stderr "$dir/$SLOW_JOB-video.mp4.part: run the same command again"
said stderr 'had come earlier'
same slow.mp4 "$dir/$SLOW_JOB-video.mp4"
[ ! -e "$dir/$SLOW_JOB-video.mp4.part" ]

# parse
printf '%s' '{"job_id":"a","data":{"status":"completed","url":"https://b/c.mp4"}}' >"$CHECK_DIR/body"
expect 0 "$tool" parse "$CHECK_DIR/body"
said stdout 'video          https://b/c.mp4'
expect 0 sh -c '"$1" parse --json - <"$2"' sh "$tool" "$CHECK_DIR/body"
json_lines 1
said stdout '{"job_id":"a","code":"PICTORY_OK"'
printf '%s' '{"data":{"status":"failed","error_message":"\u2028\ud83d\ude00\u001f\u007f"}}' >"$CHECK_DIR/body"
expect 1 "$tool" parse --json "$CHECK_DIR/body"
json_lines 1
printf '%s' nonsense >"$CHECK_DIR/body"
expect 3 "$tool" parse "$CHECK_DIR/body"
expect 3 "$tool" parse "$CHECK_DIR/no-such-file"
expect 3 "$tool" parse "$CHECK_DIR"
# A key that the API refuses is a key that cannot be used.
printf '%s' '{"api_key":"right","default":[{"example":"completed"}]}' >"$CHECK_DIR/script.json"
EMULATOR_SCRIPT=$CHECK_DIR/script.json expect 2 emulated "$tool" get "$DONE_JOB"
said stderr 'HTTP 401'

# A stdout that takes nothing is an error, whatever came before.
expect 3 sh -c '"$@" >&-' sh "$tool" --help
said stderr 'pictory: stdout: '
expect 3 emulated sh -c '"$@" >&-' sh "$tool" get "$DONE_JOB"
{
    sleep 0.3
    status=0
    "$tool" --version || status=$?
    echo "$status" >"$CHECK_DIR/status"
} 2>/dev/null | :
[ "$(cat "$CHECK_DIR/status")" -eq 3 ]
if [ -c /dev/full ]; then
    expect 3 emulated sh -c '"$@" >/dev/full' sh "$tool" wait "$DONE_JOB" "$ENDLESS_JOB"
    expect 3 emulated sh -c '"$@" >/dev/full' sh "$tool" download --output "$dir" "$DONE_JOB"
fi

# HTTPS, with a CA of one's own.
cat >"$CHECK_DIR/tls-emulator" <<END
#!/bin/sh
exec "$EMULATOR" --tls --ca "$CHECK_DIR/tool-ca.pem" "\$@"
END
chmod +x "$CHECK_DIR/tls-emulator"
expect 0 emulator/with-emulator.sh "$CHECK_DIR/tls-emulator" "$tool" download --output "$dir" \
    --ca-file "$CHECK_DIR/tool-ca.pem" "$DONE_JOB"
expect 3 emulator/with-emulator.sh "$CHECK_DIR/tls-emulator" "$tool" get "$DONE_JOB"

# Off a terminal nothing is coloured or rewritten.
pictory 1 wait "$DONE_JOB" "$FAILED_JOB"
if grep -q "$(printf '\033')" "$CHECK_DIR/stdout" "$CHECK_DIR/stderr"; then
    echo 'an escape sequence, and no terminal'
    exit 1
fi

# The completions name every option; so does the manual, which must be well formed.
for word in $("$tool" --help | grep -o -e '--[a-z-]*' | sort -u) get wait download parse; do
    for file in tool/pictory.1 tool/completions/*; do
        sed 's/\\-/-/g; s/Fl Fl /--/g; s/Fl -/--/g; s/ -l / --/g' "$file" | grep -qF -e "$word" || {
            echo "$file does not mention $word"
            exit 1
        }
    done
done
for word in $("$EMULATOR" --help | grep -o -e '--[a-z-]*' | sort -u); do
    sed 's/Fl Fl /--/g' emulator/pictory-emulator.1 | grep -qF -e "$word" || {
        echo "the emulator's manual does not mention $word"
        exit 1
    }
done
skipped=
if command -v bash >/dev/null 2>&1; then
    bash tests/checks/completion.bash "$PWD/tool/completions/pictory.bash"
fi
if command -v fish >/dev/null 2>&1; then
    fish --no-execute tool/completions/pictory.fish
fi
[ "$("$tool" --help | awk 'length > 80' | wc -l)" -eq 0 ]
command -v zsh >/dev/null 2>&1 && zsh -n tool/completions/_pictory
if command -v mandoc >/dev/null 2>&1; then
    mandoc -T lint -W warning tool/pictory.1 emulator/pictory-emulator.1
else
    skipped="$skipped, mandoc is not there"
fi

# On a terminal there is a bar, and colours unless NO_COLOR is set.
on_terminal() {
    expect 0 emulated env TERM=xterm "$@" script -qec \
        "'$tool' download --output '$dir/terminal' '$SLOW_JOB' && '$tool' wait '$DONE_JOB'" /dev/null
}
if script --version 2>/dev/null | grep -q util-linux; then
    on_terminal NO_COLOR=
    said stdout 'video [##'
    said stdout 'of 1.0 MB'
    said stdout ' left'
    said stdout "$(printf '\033[32mcompleted\033[0m')"
    on_terminal NO_COLOR=1
    said stdout 'video [##'
    not_said stdout "$(printf '\033[32m')"
    # Several at once: a line for the whole, and one for each, no wider than the window.
    expect 0 emulated env TERM=xterm script -qec \
        "stty cols 20 rows 10; '$tool' download --output '$dir/narrow' '$SLOW_JOB' '$DONE_JOB'" /dev/null
    said stdout '3 of 4 files [###'
    esc=$(printf '\033')
    tr '\r' '\n' <"$CHECK_DIR/stdout" | sed "s/$esc\[[A-Z]//g" | grep -v -e '^pictory: ' -e "^$dir" |
        awk 'length > 19 { print "too wide: " $0; exit 1 }'
else
    skipped="$skipped, script is not there: no terminal"
fi
note "$(grep -c '^ *\(pictory\|expect\|refused\|interrupted\|on_terminal\) ' "$0") runs${skipped}"
