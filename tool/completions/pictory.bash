# Completion of pictory for bash: source this, or install it as
# PREFIX/share/bash-completion/completions/pictory
# shellcheck shell=bash disable=SC2207

_pictory() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' i
    local commands='get wait download parse'
    local client='--json --rate --base-url --ca-file --verbose'
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
        COMPREPLY=($(compgen -d -- "$word"))
        return
        ;;
    --ca-file)
        COMPREPLY=($(compgen -f -- "$word"))
        return
        ;;
    --only)
        # The last of a list with commas between.
        local list=''
        [[ $word == *,* ]] && list=${word%,*},
        COMPREPLY=($(compgen -P "$list" -W 'video thumbnail last-frame preview' -- "${word##*,}"))
        return
        ;;
    --max-wait)
        COMPREPLY=($(compgen -W '90s 10m 2h forever' -- "$word"))
        return
        ;;
    --poll-interval)
        COMPREPLY=($(compgen -W '10s 15s 30s 1m' -- "$word"))
        return
        ;;
    --rate | --base-url)
        return
        ;;
    esac
    case $command in
    '') COMPREPLY=($(compgen -W "$commands --help --version" -- "$word")) ;;
    get) COMPREPLY=($(compgen -W "$client" -- "$word")) ;;
    wait) COMPREPLY=($(compgen -W "$wait" -- "$word")) ;;
    download) COMPREPLY=($(compgen -W "$wait --output --only" -- "$word")) ;;
    parse)
        if [[ $word == -* ]]; then
            COMPREPLY=($(compgen -W '--json' -- "$word"))
        else
            COMPREPLY=($(compgen -f -- "$word"))
        fi
        ;;
    esac
}

complete -o filenames -F _pictory pictory
