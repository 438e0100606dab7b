# Downloads to file systems as they are: a disk that is full, and is not any more; a file that is mounted
# at the path, as into a container; a file system that can only be read. Each in a mount namespace of its own.
. tests/checks/common.sh

needs unshare 'apt-get install util-linux'
unshare -m mount -t tmpfs none "$CHECK_DIR" 2>/dev/null || skip 'needs leave to mount (run it as root)'
build_debug
cat >"$CHECK_DIR/script.json" <<'END'
{ "media": { "video.mp4": { "size": 4000000 } },
  "default": [{ "body": { "data": { "status": "completed", "url": "{base}/media/video.mp4" } } }] }
END
"$EMULATOR" --script "$CHECK_DIR/script.json" --print video.mp4 >"$CHECK_DIR/wanted"
cp "$RUN_DIR/bin/wait_job-cpp" "$CHECK_DIR/get"
mkdir "$CHECK_DIR/mounted"
export FILE="$CHECK_DIR/mounted/video.mp4" WANTED="$CHECK_DIR/wanted" GET="$CHECK_DIR/get" JOB="$DONE_JOB"

# mounted SCRIPT: runs it against the emulator, with `folder` the place to mount at.
mounted() {
    echo "$1" >"$CHECK_DIR/body.sh"
    cat - "$CHECK_DIR/body.sh" >"$CHECK_DIR/mounted.sh" <<'END'
set -eu
folder=${FILE%/*}
fails() { if "$GET" "$JOB" "$FILE"; then exit 99; fi; }
works() { "$GET" "$JOB" "$FILE" && cmp "$FILE" "$WANTED" && [ "$(ls "$folder")" = video.mp4 ]; }
END
    EMULATOR_SCRIPT=$CHECK_DIR/script.json expect 0 emulated unshare -m sh "$CHECK_DIR/mounted.sh"
}

# What is there is kept, and gone on with when there is room.
mounted 'mount -t tmpfs -o size=1m none "$folder"
printf old >"$FILE"
fails
[ "$(cat "$FILE")" = old ] && [ "$(wc -c <"$FILE.part")" -gt 500000 ]
mount -o remount,size=16m "$folder"
works'
said stderr 'could not write'
said stderr 'No space left on device'

# Refused before anything is sent; a mount of the folder is none of the file.
mounted 'printf old >"$folder.old" && : >"$FILE" && mount --bind "$folder.old" "$FILE"
fails
[ "$(cat "$FILE")" = old ] && [ "$(ls "$folder")" = video.mp4 ]
umount "$FILE" && rm "$FILE" && mkdir "$folder.other" && mount --bind "$folder.other" "$folder"
works'
said stderr 'something is mounted there'

mounted 'mount -t tmpfs none "$folder" && printf old >"$FILE" && mount -o remount,ro "$folder"
fails
[ "$(cat "$FILE")" = old ]'
said stderr 'Read-only file system'
note 'a full disk, a file that is mounted, a file system that can only be read'
