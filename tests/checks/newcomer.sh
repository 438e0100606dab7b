# A new user: a clone, what the README says to type, word for word, and what it says comes of it. The job is the
# emulator's. By itself (ONLY=newcomer) `make test` too, which takes some minutes; the installation is typed out by
# the check of the machine.
. tests/checks/common.sh

needs git 'apt-get install git'
clone=$CHECK_DIR/pictory
if [ -z "$(git status --porcelain 2>/dev/null)" ]; then
    git clone -q . "$clone"
else # what is not committed yet
    mkdir "$clone"
    git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - | tar -xf - -C "$clone"
fi
only=$CHECK_ONLY
unset CARGO_TARGET_DIR RUN_DIR CHECK_ONLY PICTORY_API_KEY PICTORY_API_BASE_URL
cd "$clone"

# typed [COMMAND...]: the block that was found last, each line of which must succeed.
typed() {
    expect 0 "$@" sh -eu "$CHECK_DIR/block"
}

block_with 'make demo'
if [ "$only" != newcomer ]; then
    sed -i '/^make test/d' "$CHECK_DIR/block"
    remarks='without make test'
else
    remarks='with make test'
fi
typed
# The end of the demo is as the README shows it, but for what differs each time.
as_shown() {
    sed -e 's/:[0-9][0-9]*\//:PORT\//' -e 's/ in [0-9.]* s/ in T s/' "$@"
}
block_with 'URL         http'
as_shown "$CHECK_DIR/block" >"$CHECK_DIR/shown"
cat "$CHECK_DIR/stdout" "$CHECK_DIR/stderr" | as_shown >"$CHECK_DIR/came"
while read -r line; do
    grep -qxF -e "$line" "$CHECK_DIR/came" || {
        echo "the demo does not print: $line"
        cat "$CHECK_DIR/came"
        exit 1
    }
done <"$CHECK_DIR/shown"

# The tool, which the README has in target/tool; the words in capitals are the reader's own.
expect 0 make
printf '%s' '{"default":[{"body":{"data":{"status":"completed","url":"{base}/media/video.mp4",
    "lastFrameImageUrl":"{base}/media/last.png"}}}],
    "media":{"video.mp4":{"size":1000},"last.png":{"size":100,"content_type":"image/png"}}}' >"$CHECK_DIR/script.json"
block_with 'export PICTORY_API_KEY=your-key'
sed -i -e "s/ID\.\.\./$DONE_JOB/" -e "s/ ID\$/ $DONE_JOB/" -e 's/ DIR / videos /' -e 's/ FILE / stored.json /' \
    "$CHECK_DIR/block"
echo "$DONE_JOB" >ids
printf '%s' '{"data":{"status":"completed","url":"https://a/b.mp4"}}' >stored.json
EMULATOR_SCRIPT=$CHECK_DIR/script.json PATH=$PWD/target/tool:$PATH \
    typed emulator/with-emulator.sh target/debug/examples/emulator
[ "$(wc -c <"videos/$DONE_JOB-video.mp4")" -eq 1000 ]
[ "$(wc -c <"$DONE_JOB-last-frame.png")" -eq 100 ]

# The shortest program, linked either way.
block_with '#include <pictory.h>'
mv "$CHECK_DIR/block" program.c
block_with 'cc -std=c99 -Iinclude'
EMULATOR_SCRIPT=$CHECK_DIR/script.json typed emulator/with-emulator.sh target/debug/examples/emulator
said stdout /media/video.mp4

# Without the real API: one terminal, and another.
block_with 'cargo run --example emulator'
sed -i 's/^/exec /' "$CHECK_DIR/block" # so that it can be ended
sh -eu "$CHECK_DIR/block" >"$CHECK_DIR/first" 2>/dev/null &
pid=$!
trap 'kill "$pid" 2>/dev/null || :' EXIT
until [ -s "$CHECK_DIR/first" ]; do
    kill -0 "$pid"
    sleep 0.1
done
block_with 'export PICTORY_API_BASE_URL'
sed -i "s|http://127.0.0.1:[0-9]*/[a-z]*|$(head -n 1 "$CHECK_DIR/first")|" "$CHECK_DIR/block"
typed
said stdout /media/video.mp4
note "$remarks"
