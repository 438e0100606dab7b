# Completion of pictory for bash: source this, or install it as
# PREFIX/share/bash-completion/completions/pictory
# shellcheck shell=bash

# A line for each reply: names may have blanks in them.
_pictory_reply() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen "$@")
}

_pictory() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' i
    local commands='get wait download parse'
    local client='--json --rate --base-url --ca-file --verbose --trace'
    local wait="$client --max-wait --poll-interval"
    COMPREPLY=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        case " $commands " in
        *" ${COMP_WORDS[i]} "*)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    case $before in
    --output)
        _pictory_reply -d -- "$word"
        return
        ;;
    --ca-file | --trace)
        _pictory_reply -f -- "$word"
        return
        ;;
    --only)
        # The last of a list with commas between.
        local list=''
        [[ $word == *,* ]] && list=${word%,*},
        _pictory_reply -P "$list" -W 'video thumbnail last-frame preview' -- "${word##*,}"
        return
        ;;
    --max-wait)
        _pictory_reply -W '90s 10m 2h forever' -- "$word"
        return
        ;;
    --poll-interval)
        _pictory_reply -W '10s 15s 30s 1m' -- "$word"
        return
        ;;
    --rate | --base-url)
        return
        ;;
    esac
    case $command in
    '') _pictory_reply -W "$commands --help --version" -- "$word" ;;
    get) _pictory_reply -W "$client" -- "$word" ;;
    wait) _pictory_reply -W "$wait" -- "$word" ;;
    download) _pictory_reply -W "$wait --output --only" -- "$word" ;;
    parse)
        if [[ $word == -* ]]; then
            _pictory_reply -W '--json' -- "$word"
        else
            _pictory_reply -f -- "$word"
        fi
        ;;
    esac
}

complete -o filenames -F _pictory pictory
