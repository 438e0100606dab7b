# Makes the certificates of the fault tests in $FAULTS: a CA, and for each kind KIND.pem and KIND.key.
# shellcheck shell=sh

# request NAME SUBJECT-ALTERNATIVE-NAMES
request() {
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -addext "subjectAltName=$2" \
        -keyout "$FAULTS/$1.key" -out "$FAULTS/$1.csr" 2>/dev/null
}

# sign CA NAME
sign() {
    openssl x509 -req -in "$FAULTS/$2.csr" -CA "$FAULTS/$1.pem" -CAkey "$FAULTS/$1.key" \
        -CAcreateserial -days 30 -copy_extensions copy -out "$FAULTS/$2.pem" 2>/dev/null
}

authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \
        -keyout "$FAULTS/$1.key" -out "$FAULTS/$1.pem" 2>/dev/null
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
}
