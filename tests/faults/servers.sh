# nginx and tinyproxy for the fault tests, all in $FAULTS and on loopback.
# shellcheck shell=sh

# free_port: one that nobody listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# site PORT CERTIFICATE PROTOCOLS; an empty certificate: plain http.
site() {
    if [ -n "$2" ]; then
        tls="ssl_certificate $FAULTS/$2.pem; ssl_certificate_key $FAULTS/$2.key; ssl_protocols $3;"
        echo "server { listen 127.0.0.1:$1 ssl; $tls ssl_ciphers DEFAULT@SECLEVEL=0; $(reply) }"
    else
        echo "server { listen 127.0.0.1:$1; $(reply) }"
    fi
}

# The job's state is that of a file, so that it can change while a wait goes on.
reply() {
    echo "root $FAULTS/jobs; location / { default_type application/json; try_files /job.json =404; }"
}

status() {
    printf '{"success":true,"data":{"status":"%s"}}' "$1" >"$FAULTS/jobs/new"
    mv "$FAULTS/jobs/new" "$FAULTS/jobs/job.json"
}

start_nginx() {
    mkdir -p "$FAULTS/jobs" "$FAULTS/tmp"
    [ -f "$FAULTS/jobs/job.json" ] || status completed
    {
        echo "daemon on; pid $FAULTS/nginx.pid; error_log $FAULTS/nginx.log; worker_processes 1;"
        echo 'events { worker_connections 512; }'
        echo "http { access_log off; keepalive_requests 100000; client_body_temp_path $FAULTS/tmp;"
        echo "proxy_temp_path $FAULTS/tmp; fastcgi_temp_path $FAULTS/tmp;"
        echo "uwsgi_temp_path $FAULTS/tmp; scgi_temp_path $FAULTS/tmp;"
        cat "$FAULTS/sites"
        echo '}'
    } >"$FAULTS/nginx.conf"
    chmod -R a+rX "$FAULTS"
    "$@" nginx -c "$FAULTS/nginx.conf" -g "user $(id -un);" 2>>"$FAULTS/nginx.log"
}

stop_nginx() {
    [ ! -f "$FAULTS/nginx.pid" ] || kill "$(cat "$FAULTS/nginx.pid")" 2>/dev/null || :
    while [ -f "$FAULTS/nginx.pid" ]; do sleep 0.05; done
}

# start_tinyproxy PORT ALLOWED-TARGET-PORT [DIRECTIVE]
start_tinyproxy() {
    cat >"$FAULTS/tinyproxy.conf" <<EOF
Port $1
Listen 127.0.0.1
Timeout 60
MaxClients 20
ConnectPort $2
PidFile "$FAULTS/tinyproxy.pid"
LogFile "$FAULTS/tinyproxy.log"
${3:-}
EOF
    tinyproxy -c "$FAULTS/tinyproxy.conf" >/dev/null
    until [ -s "$FAULTS/tinyproxy.pid" ] &&
        python3 -c "import socket; socket.create_connection(('127.0.0.1', $1))" 2>/dev/null; do
        sleep 0.05
    done
}

stop_tinyproxy() {
    [ ! -f "$FAULTS/tinyproxy.pid" ] || kill -9 "$(cat "$FAULTS/tinyproxy.pid")" 2>/dev/null || :
    rm -f "$FAULTS/tinyproxy.pid"
}
