# Makes the certificates of the fault tests in $FAULTS: a CA, and for each kind KIND.pem and KIND.key.
# shellcheck shell=sh

# request NAME SUBJECT-ALTERNATIVE-NAMES
request() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -addext "subjectAltName=$2" \
        -keyout "$FAULTS/$1.key" -out "$FAULTS/$1.csr" 2>/dev/null
}

# sign CA NAME [DIGEST]
sign() {
    openssl x509 -req "${3:--sha256}" -in "$FAULTS/$2.csr" -CA "$FAULTS/$1.pem" -CAkey "$FAULTS/$1.key" \
        -CAcreateserial -days 30 -copy_extensions copy -out "$FAULTS/$2.pem" 2>/dev/null
}

# authority NAME [KEY-TYPE [DIGEST]]
authority() {
    openssl req -x509 -newkey "${2:-rsa:2048}" "${3:--sha256}" -nodes -days 30 -subj "/CN=$1" \
        -keyout "$FAULTS/$1.key" -out "$FAULTS/$1.pem" 2>/dev/null
}

# curve NAME: a file of its parameters.
curve() {
    openssl ecparam -name "$1" -out "$FAULTS/$1.params" 2>/dev/null
    echo "$FAULTS/$1.params"
}

make_certificates() {
    here=DNS:localhost,IP:127.0.0.1
    authority ca
    authority other-ca
    request good "$here" && sign ca good
    request wrong-host DNS:elsewhere.test && sign ca wrong-host
    request unknown-ca "$here" && sign other-ca unknown-ca
    request expired "$here" && faketime '90 days ago' sh -c "
        openssl x509 -req -in '$FAULTS/expired.csr' -CA '$FAULTS/ca.pem' -CAkey '$FAULTS/ca.key' \
            -CAcreateserial -days 30 -copy_extensions copy -out '$FAULTS/expired.pem' 2>/dev/null"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
        -addext "subjectAltName=$here" -keyout "$FAULTS/self-signed.key" \
        -out "$FAULTS/self-signed.pem" 2>/dev/null
    cp "$FAULTS/self-signed.pem" "$FAULTS/own-ca.pem"
    cp "$FAULTS/self-signed.key" "$FAULTS/own-ca.key"
    authority p521-ca ec:"$(curve P-521)" -sha256
    authority sha512-ca ec:"$(curve P-256)" -sha512
    for kind in p521 sha512; do
        request $kind "$here" && sign $kind-ca $kind -sha512
    done
}
