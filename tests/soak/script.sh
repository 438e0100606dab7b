# Writes the emulator's script for the soak: JOBS jobs, of which each is of the kind that the last
# digit of its first group says. soak.c knows how each kind must end. Usage: sh script.sh JOBS
set -eu

awk -v jobs="$1" 'BEGIN {
    running = "{\"example\":\"in-progress\"}"
    done = "{\"example\":\"completed\"}"
    kind[0] = "{\"example\":\"in-progress\",\"repeat\":3,\"then\":\"close_silently\"}," done
    kind[1] = running ",{\"example\":\"failed\"}"
    kind[2] = running ",{\"body\":{\"data\":{\"status\":\"cleaned\"}}}"
    kind[3] = "{\"status\":404,\"body\":\"<html>\"}"
    kind[4] = "{\"example\":\"unauthorized\"}"
    kind[5] = "{\"status\":500},{\"status\":503},{\"cut_after\":40},{\"reset_after\":5}," done
    kind[6] = "{\"body\":\"<html>\"},{\"raw\":\"garbage\\r\\n\\r\\n\"},{\"cut_at_body\":3}," done
    kind[7] = "{\"status\":429},{\"status\":429}," done
    kind[8] = "{\"stall_after\":30}"
    kind[9] = "{\"example\":\"completed\",\"dribble\":{\"bytes\":200,\"every_ms\":2}}"
    kind[10] = "{\"body\":{\"success\":false,\"error_message\":\"no\"}}"
    kind[11] = "{\"status\":502}"
    kind[12] = "{\"body\":{\"data\":{\"status\":\"queued\"}},\"then\":\"reset\"}," done
    kind[13] = running
    kind[14] = "{\"example\":\"in-progress\",\"chunked\":true}," \
        "{\"example\":\"completed\",\"no_length\":true}"
    kind[15] = "{\"example\":\"not-found\"}"
    printf "{\"jobs\":{"
    for (i = 0; i < jobs; i++)
        printf "%s\"%08x-0000-4000-8000-000000000000\":[%s]", i ? "," : "", i, kind[i % 16]
    print "}}"
}'
