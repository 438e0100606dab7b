#!/bin/sh
# What `make demo` shows, against the emulator: demo.sh PROGRAMS FOLDER JOB_ID
#
# Waits for the job, downloads its video into FOLDER, and compares it with what the emulator serves.
# PROGRAMS is the folder of the unoptimised programs.
set -eu

programs=$1 folder=$2 job=$3
rm -rf "$folder"
"$programs/examples-c/wait_job" --poll-interval 0.2 "$job"
video=$("$programs/tool/pictory" download --only video --output "$folder" "$job")
"$programs/examples/emulator" --print video.mp4 | cmp - "$video"
echo "video       $video: $(wc -c <"$video" | tr -d ' ') bytes, as they are on the server"
