#!/bin/sh
# Makes the documents' pictures anew: make.sh EMULATOR TOOL FOLDER. A wait and a download, played by the emulator
# and drawn from the tool's traces; and the bars of docs/PERFORMANCE.md.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
emulator=$1 tool=$2 folder=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
job=4a09edf9-d071-4847-bda5-8dea913d80fe

# traced NAME COMMAND...: the trace of the tool against the script of this name.
traced() {
    name=$1
    shift
    EMULATOR_SCRIPT=$here/$name.json "$here/../../emulator/with-emulator.sh" "$emulator" \
        "$tool" "$@" --trace "$work/$name" "$job" >/dev/null 2>&1
}
traced wait wait --poll-interval 1 --max-wait 8.5
traced download download --output "$work"
awk -v deadline=8.5 -f "$here/timeline.awk" "$work/wait" >"$folder/wait.svg"
awk -f "$here/timeline.awk" "$work/download" >"$folder/download.svg"
awk -f "$here/bars.awk" "$here/../PERFORMANCE.md" >"$folder/bars.svg"
