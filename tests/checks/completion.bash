# What bash completes: completion.bash FILE
# shellcheck shell=bash
set -eu
# shellcheck source=/dev/null
. "$1"

# completes WORDS... -- EXPECTED: the last word, at which the cursor is, completes to these.
completes() {
    COMP_WORDS=()
    while [ "$1" != -- ]; do
        COMP_WORDS+=("$1")
        shift
    done
    shift
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _pictory || : # there may be nothing
    [ "${COMPREPLY[*]}" = "$*" ] && return
    echo "${COMP_WORDS[*]}: ${COMPREPLY[*]}, not $*"
    exit 1
}

completes pictory '' -- get wait download parse --help --version
completes pictory down -- download
completes pictory --json w -- wait
completes pictory get --ma --
completes pictory wait --max-wait f -- forever
completes pictory download --o -- --output --only
completes pictory download --only l -- last-frame
completes pictory download --only video,p -- video,preview
completes pictory parse --j -- --json
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
mkdir "$folder/two words"
: >"$folder/two words/a body"
completes pictory download --output "$folder/t" -- "$folder/two words"
completes pictory parse "$folder/two words/a" -- "$folder/two words/a body"
[ "${#COMPREPLY[@]}" -eq 1 ]
