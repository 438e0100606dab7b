#!/bin/sh
# Replays scenarios of emulator/scenarios with the command-line tool, and holds what comes against what is
# claimed: prove.sh EMULATOR TOOL [NAME...]. Prints a table; fails where they differ. A scenario is a script of the
# emulator and a line in `claims`: to add one, add both.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
emulator=$1 tool=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
job=4a09edf9-d071-4847-bda5-8dea913d80fe
tab=$(printf '\t')

# run NAME COMMAND: what came is in $work/came, as the tool's JSON.
run() {
    case $2 in
    get) options='' ;;
    wait) options='--poll-interval 0.1 --max-wait 2' ;;
    download) options="--poll-interval 0.1 --max-wait 2 --output $work/$1" ;;
    esac
    # shellcheck disable=SC2086
    EMULATOR_SCRIPT="$here/scenarios/$1.json" "$here/with-emulator.sh" "$emulator" \
        "$tool" "$2" --json $options "$job" >"$work/came" 2>"$work/said" || :
}

# is_whole NAME: the file of a download that is claimed to work is one that the script serves, to the byte.
is_whole() {
    for file in video.mp4 new; do
        "$emulator" --script "$here/scenarios/$1.json" --print "$file" 2>/dev/null |
            cmp -s - "$work/$1/$job-video.mp4" && return
    done
    return 1
}

wrong=0 count=0
echo '| scenario | what is claimed | code | time |'
echo '|---|---|---|---|'
grep -v '^#' "$here/scenarios/claims" >"$work/claims"
while IFS=$tab read -r name command wanted claim; do
    case " $* " in
    "  " | *" $name "*) ;;
    *) continue ;;
    esac
    count=$((count + 1))
    run "$name" "$command"
    code=$(sed -n 's/^{"job_id":"[^"]*","code":"PICTORY_\(ERROR_\)\{0,1\}\([A-Z_]*\)".*/\2/p' "$work/came")
    ms=$(sed -n 's/.*"elapsed_ms":\([0-9]*\).*/\1/p' "$work/came")
    differs=
    [ "$code" = "$wanted" ] || differs=" (claimed: $wanted)"
    [ "$command$wanted" != downloadOK ] || is_whole "$name" || differs=' (another file)'
    if grep -q demo-key "$work/came" "$work/said"; then differs=' (the key is shown)'; fi
    [ -z "$differs" ] || wrong=$((wrong + 1))
    echo "| $name | $claim | $code$differs | $(awk "BEGIN { printf \"%.1f s\", ${ms:-0} / 1000 }") |"
done <"$work/claims"
[ "$count" -gt 0 ] || { echo "there is no such scenario: $*" >&2 && exit 1; }
[ "$wrong" -eq 0 ] || { echo "$wrong of $count differ from what is claimed" >&2 && exit 1; }
