# The C examples: no warning, and each exit status that they promise.
. tests/checks/common.sh

build_debug
bin=$RUN_DIR/bin

expect 0 emulated "$bin/get_job" "$DONE_JOB"
said stdout 'in-progress -'
expect 1 emulated "$bin/get_job" 00000000-0000-4000-8000-00000000dead
expect 2 "$bin/get_job"

wait_job() {
    expect "$1" emulated "$bin/wait_job" --poll-interval 0.1 --max-wait "$2" "$3"
}
wait_job 0 60 "$DONE_JOB"
wait_job 1 60 "$FAILED_JOB"
said stderr 'Video generation failed due to an internal error. (5001)'
wait_job 2 60 123
wait_job 2 0 "$DONE_JOB"
wait_job 3 60 00000000-0000-4000-8000-00000000dead
wait_job 4 0.5 "$ENDLESS_JOB"
said stderr "wait again with: wait_job $ENDLESS_JOB"
expect 3 env PICTORY_API_KEY=demo-key PICTORY_API_BASE_URL=http://127.0.0.1:1 \
    "$bin/wait_job" --poll-interval 0.1 "$DONE_JOB"
said stderr 'poll 4 after '
expect 2 env -u PICTORY_API_KEY "$bin/wait_job" "$DONE_JOB"
expect 2 env PICTORY_API_KEY='Bearer demo-key' "$bin/wait_job" "$DONE_JOB"

for signal in INT TERM; do
    expect 130 emulated sh -c '"$1" "$2" & sleep 0.5; kill -'$signal' $!; wait $!' sh \
        "$bin/wait_job" "$ENDLESS_JOB"
    said stderr 'the job itself goes on'
done

printf '%s' '{"api_key":"right","default":[{"example":"completed"}]}' >"$CHECK_DIR/script.json"
export EMULATOR_SCRIPT="$CHECK_DIR/script.json"
expect 3 emulated "$bin/wait_job" "$DONE_JOB"
said stderr 'HTTP 401'
export EMULATOR_KEY=right
expect 0 emulated "$bin/threads" "$DONE_JOB" "$FAILED_JOB" "$ENDLESS_JOB"
[ "$(grep -c https: "$CHECK_DIR/stdout")" -eq 3 ]
unset EMULATOR_SCRIPT EMULATOR_KEY

# Many jobs: from arguments, from stdin, and until Ctrl-C.
SOON_JOB=50000000-0000-4000-8000-000000000000
printf '{"jobs":{"%s":[{"example":"failed"}],"%s":[{"example":"in-progress"}],"%s":%s},"default":%s}' \
    "$FAILED_JOB" "$ENDLESS_JOB" "$SOON_JOB" '[{"example":"in-progress"},{"example":"completed"}]' \
    '[{"example":"completed"}]' >"$CHECK_DIR/script.json"
export EMULATOR_SCRIPT="$CHECK_DIR/script.json"
expect 1 emulated "$bin/watch_jobs" "$DONE_JOB" "$FAILED_JOB" 123
said stdout "$DONE_JOB completed https://"
said stdout "$FAILED_JOB failed Video generation failed due to an internal error."
said stderr '123: the job id is not a hyphenated UUID'
printf '%s\r\n\n%s\n' "$DONE_JOB" 11111111-0000-4000-8000-000000000000 >"$CHECK_DIR/ids"
expect 0 emulated sh -c '"$1" <"$2"' sh "$bin/watch_jobs" "$CHECK_DIR/ids"
[ "$(grep -c ' completed https:' "$CHECK_DIR/stdout")" -eq 2 ]
expect 130 emulated sh -c '"$@" & sleep 1; kill -INT $!; wait $!' sh \
    "$bin/watch_jobs" "$DONE_JOB" "$ENDLESS_JOB"
said stdout "$DONE_JOB completed"
said stderr "$ENDLESS_JOB: still out"
expect 2 "$bin/watch_jobs" --help

continuation() {
    expect "$1" emulated "$bin/continuation" "$2" "$(printf 'a "quoted" \\ word\tor\ntwo')" aspectRatio=9:16
}
continuation 0 "$DONE_JOB"
said stdout '{"prompt":"a \"quoted\" \\ word\u0009or\u000atwo","firstFrameImageUrl":"https://'
said stdout '_last_frame.png","aspectRatio":"9:16"}'
continuation 1 "$FAILED_JOB"
expect 2 "$bin/continuation" "$DONE_JOB" unquoted prompt
expect 2 "$bin/continuation" "$DONE_JOB" "$(printf 'not UTF-8: \355\240\200')"

# The webhook comes long before the next poll would.
webhooks() {
    sleep 1
    printf '%s\n' nonsense "$1"
}
mkfifo "$CHECK_DIR/webhook"
webhooks "$SOON_JOB" >"$CHECK_DIR/webhook" &
begun=$(date +%s)
expect 0 emulated sh -c 'exec "$1" "$3" <"$2"' sh "$bin/event_loop" "$CHECK_DIR/webhook" "$SOON_JOB"
said stdout "$SOON_JOB completed https://"
[ $(($(date +%s) - begun)) -lt 10 ]
said stderr 'nonsense: the job id is not a hyphenated UUID'
expect 2 "$bin/event_loop"

expect 1 emulated "$bin/ready" "$DONE_JOB" "$FAILED_JOB"
said stdout "$DONE_JOB completed https://"
said stderr "ready: $FAILED_JOB: the job failed: "
unset EMULATOR_SCRIPT
expect 0 emulated "$bin/ready" "$DONE_JOB"
said stderr "$DONE_JOB: poll 1: the job is in progress"
expect 2 "$bin/ready" 123
expect 2 "$bin/ready"

# A folder of videos; what is there is not downloaded again, and an interrupted one gone on with.
printf '{"media":{"video.mp4":{"size":900000,"steps":[%s,{}]}},"default":[{"body":%s}],"jobs":{"%s":[{"example":"failed"}]}}' \
    '{"dribble":{"bytes":30000,"every_ms":100}}' \
    '{"data":{"status":"completed","url":"{base}/media/video.mp4"}}' "$FAILED_JOB" >"$CHECK_DIR/script.json"
"$EMULATOR" --script "$CHECK_DIR/script.json" --print video.mp4 >"$CHECK_DIR/wanted"
export EMULATOR_SCRIPT="$CHECK_DIR/script.json"
printf '%s\r\n%s\n%s\n' "$DONE_JOB" "$ENDLESS_JOB" "$DONE_JOB" >"$CHECK_DIR/ids"
videos=$CHECK_DIR/videos
expect 0 emulated sh -c '"$1" "$3" <"$2" & sleep 1; kill -INT $!; wait $!; [ $? -eq 130 ] && exec "$1" "$3" <"$2"' \
    sh "$bin/download_all" "$CHECK_DIR/ids" "$videos"
said stderr 'interrupted; start it again to go on'
for job in "$DONE_JOB" "$ENDLESS_JOB"; do
    cmp "$videos/$job.mp4" "$CHECK_DIR/wanted"
done
[ "$(find "$videos" -type f | wc -l)" -eq 2 ]
printf '%s\nx\n%s\n' "$DONE_JOB" "$FAILED_JOB" >"$CHECK_DIR/ids"
expect 1 emulated sh -c 'exec "$1" "$3" <"$2"' sh "$bin/download_all" "$CHECK_DIR/ids" "$videos"
[ ! -s "$CHECK_DIR/stdout" ]
said stderr 'x: the job id is not a hyphenated UUID'
said stderr "$FAILED_JOB: the job failed"
expect 2 "$bin/download_all"
unset EMULATOR_SCRIPT

printf '%s' '{"job_id":"a","data":{"status":"completed","url":"https://b/c.mp4"}}' >"$CHECK_DIR/body"
expect 0 "$bin/parse_job" "$CHECK_DIR/body"
said stdout 'https://b/c.mp4'
printf '%s' nonsense >"$CHECK_DIR/body"
expect 1 "$bin/parse_job" "$CHECK_DIR/body"
expect 2 "$bin/parse_job" "$CHECK_DIR/no-such-file"
note "$(find examples-c -name '*.c' | wc -l | tr -d ' ') programs"
