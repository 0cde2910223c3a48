#!/bin/sh
# SPDX-License-Identifier: MIT
# certificates.sh PROGRAM [ARGUMENT...]: makes an authority and certificates in a new folder, runs the program there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# shellcheck disable=SC2086  # several words
certificates() {
# [certificates]
kind="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 365"
openssl req -x509 $kind -subj /CN=authority -keyout ca.key -out ca.pem
for name in server client; do
    openssl req -x509 $kind -CA ca.pem -CAkey ca.key -extensions usr_cert -subj /CN=$name \
        -addext subjectAltName=DNS:localhost -keyout $name.key -out $name.pem
done
# [/certificates]
}
certificates 2>log || { cat log; exit 1; }
"$@"
