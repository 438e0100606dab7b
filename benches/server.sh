# nginx on loopback, for HTTP and HTTPS, all of it in the folder $BENCH. Read by benches/run and
# tests/checks/counts.sh.
#
#   /v1/jobs/ID           the documented reply of a completed job
#   /progress/v1/jobs/ID  that of a job in progress
#   /slow/v1/jobs/ID      the same after 200 ms, with a line in $BENCH/log
#   /size/N/v1/jobs/ID    a completed job whose body has N bytes more
# shellcheck shell=sh

SIZES='1000 10000 100000 900000'

# free_ports N
free_ports() {
    python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])' "$1"
}

# A CA of our own, and a bundle in which it stands among those of the system.
make_certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
        -subj '/CN=pictory benchmark' -keyout "$BENCH/ca.key" -out "$BENCH/ca.pem" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
        -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
        -keyout "$BENCH/server.key" -out "$BENCH/server.csr" 2>/dev/null
    openssl x509 -req -in "$BENCH/server.csr" -CA "$BENCH/ca.pem" -CAkey "$BENCH/ca.key" \
        -CAcreateserial -days 30 -copy_extensions copy -out "$BENCH/server.pem" 2>/dev/null
    for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
        /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
        [ -r "$bundle" ] || continue
        cat "$bundle" "$BENCH/ca.pem" >"$BENCH/bundle.pem"
        break
    done
}

outputs() {
    cdn=https://example.cloudfront.net/videos/user/a1b2c3d4-e5f6-7890-abcd-ef1234567890
    video=$cdn/d7c6b5a4-e3f2-1098-dcba-fedcba987654
    printf '%s' '"duration":"8s","thumbnailImageUrl":"'"$video"'_thumbnail.jpg",' \
        '"lastFrameImageUrl":"'"$video"'_last_frame.png",' \
        '"previewImageUrl":"'"$video"'_preview.jpg","width":720,"aiCreditsUsed":12.8,' \
        '"height":1280,"url":"'"$video"'.mp4","status":"completed"'
}

# completed ID [BYTES]: with that much more in members that nobody asks for.
completed() {
    printf '{"job_id":"%s","success":true,"data":{' "$1"
    [ -z "${2:-}" ] || awk -v bytes="$2" 'BEGIN {
        for (n = 0; n + 100 <= bytes; n += 100)
            printf "\"extra%06d\":\"%080d\",   ", n, n
    }'
    printf '%s}}' "$(outputs)"
}

in_progress() {
    printf '{"job_id":"%s","success":true,"data":{"status":"in-progress"}}' "$1"
}

make_bodies() {
    for size in $SIZES; do
        mkdir -p "$BENCH/www/size/$size/v1/jobs"
        completed 4a09edf9-d071-4847-bda5-8dea913d80fe "$size" \
            >"$BENCH/www/size/$size/v1/jobs/4a09edf9-d071-4847-bda5-8dea913d80fe"
    done
    completed 4a09edf9-d071-4847-bda5-8dea913d80fe >"$BENCH/completed.json"
    in_progress 4a09edf9-d071-4847-bda5-8dea913d80fe >"$BENCH/in-progress.json"
}

locations() {
    echo "location ~ ^/v1/jobs/ { return 200 '$(completed '$id')'; }"
    echo "location ~ ^/progress/v1/jobs/ { return 200 '$(in_progress '$id')'; }"
    echo "location /size/ { root $BENCH/www; }"
    [ -z "$ECHO" ] || cat <<END
location ~ ^/slow/ { echo_sleep 0.2; echo_exec @slow; }
location @slow { access_log $BENCH/log arrivals buffer=64k flush=1s; return 200 '$(in_progress '$id')'; }
END
}

# configuration WORKERS
# shellcheck disable=SC3045
configuration() {
    cat <<END
$ECHO
daemon on; pid $BENCH/nginx.pid; error_log $BENCH/nginx.log; worker_processes $1;
worker_rlimit_nofile $(ulimit -n);
events { worker_connections $(($(ulimit -n) / 2)); }
http {
    access_log off; default_type application/json; sendfile off; output_buffers 1 2m;
    keepalive_requests 100000000; keepalive_timeout 3600s; server_tokens off;
    ssl_certificate $BENCH/server.pem; ssl_certificate_key $BENCH/server.key;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off;
    log_format arrivals '\$msec \$request_time \$id';
    map \$request_uri \$id { ~/(?<job>[^/]+)\$ \$job; }
    client_body_temp_path $BENCH/tmp; proxy_temp_path $BENCH/tmp; fastcgi_temp_path $BENCH/tmp;
    uwsgi_temp_path $BENCH/tmp; scgi_temp_path $BENCH/tmp;
    server {
        listen 127.0.0.1:$HTTP_PORT backlog=4096; listen 127.0.0.1:$HTTPS_PORT ssl backlog=4096;
        $(locations)
    }
}
END
}

# start_server WORKERS [COMMAND...]: on the CPUs that the command gives it.
start_server() {
    configuration "$1" >"$BENCH/nginx.conf"
    shift
    "$@" nginx -c "$BENCH/nginx.conf" -g "user $(id -un);" 2>>"$BENCH/nginx.log" || {
        cat "$BENCH/nginx.log" >&2
        return 1
    }
}

stop_server() {
    [ -f "$BENCH/nginx.pid" ] || return 0
    kill "$(cat "$BENCH/nginx.pid")" 2>/dev/null || :
    while [ -f "$BENCH/nginx.pid" ]; do sleep 0.05; done
}

# Prepares $BENCH. ECHO is empty where nginx has no echo module: then there are no slow replies.
prepare_server() {
    mkdir -p "$BENCH/tmp"
    # shellcheck disable=SC2046
    set -- $(free_ports 2)
    HTTP_PORT=$1 HTTPS_PORT=$2
    ECHO='load_module modules/ngx_http_echo_module.so;'
    make_certificates
    make_bodies
    configuration 1 >"$BENCH/nginx.conf"
    nginx -t -c "$BENCH/nginx.conf" >/dev/null 2>&1 || ECHO=
}
