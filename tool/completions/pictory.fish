# Completion of pictory for fish: install it as PREFIX/share/fish/vendor_completions.d/pictory.fish

set -l commands get wait download parse
set -l before "not __fish_seen_subcommand_from $commands"
set -l client '__fish_seen_subcommand_from get wait download'
set -l waiting '__fish_seen_subcommand_from wait download'

complete -c pictory -f
complete -c pictory -n $before -a get -d 'how jobs stand'
complete -c pictory -n $before -a wait -d 'wait until jobs have settled'
complete -c pictory -n $before -a download -d 'wait, and put what they made into files'
complete -c pictory -n $before -a parse -d "read a reply or a webhook's body"
complete -c pictory -n $before -l help -d 'how it is used'
complete -c pictory -n $before -l version -d 'the version'
complete -c pictory -n "__fish_seen_subcommand_from $commands" -l json -d 'a JSON object for each job, on a line'
complete -c pictory -n $client -l rate -x -d 'at most so many requests in a second'
complete -c pictory -n $client -l base-url -x -d "another server than Pictory's"
complete -c pictory -n $client -l ca-file -r -F -d 'certificates to trust'
complete -c pictory -n $client -l verbose -d 'every request, on stderr'
complete -c pictory -n $client -l trace -r -F -d 'every request, into a file'
complete -c pictory -n $waiting -l max-wait -x -a '90s 10m 2h forever' -d 'give up after so long'
complete -c pictory -n $waiting -l poll-interval -x -a '10s 15s 30s 1m' -d 'between two polls of a job'
complete -c pictory -n '__fish_seen_subcommand_from download' -l output -x -a '(__fish_complete_directories)' -d 'where files go'
complete -c pictory -n '__fish_seen_subcommand_from download' -l only -x -a 'video thumbnail last-frame preview' -d 'of which outputs'
complete -c pictory -n '__fish_seen_subcommand_from parse' -F
