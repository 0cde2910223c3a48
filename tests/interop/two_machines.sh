#!/bin/sh
# SPDX-License-Identifier: MIT
# task_master and task_worker in two network namespaces, as on two machines; over loopback where these cannot be made.
# Usage: two_machines.sh MASTER WORKER
set -eu

# Runs in a network namespace of its own. The worker's is another one, at the other end of a cable.
if [ "${1-}" = inside ]; then
    master=$2 worker=$3
    unshare --net sleep 600 &
    other=$!
    trap 'kill $other' EXIT
    until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
    there() { nsenter --net="/proc/$other/ns/net" "$@"; }
    ip link set lo up
    ip link add cohort0 type veth peer name cohort1
    ip link set cohort1 netns "$other"
    ip addr add 10.99.0.1/24 dev cohort0
    ip link set cohort0 up
    there ip addr add 10.99.0.2/24 dev cohort1
    there ip link set cohort1 up
    echo "two network namespaces"
    host=10.99.0.1 port=5000
else
    master=$1 worker=$2
    if unshare --net true 2>/dev/null && command -v ip >/dev/null; then
        exec unshare --net "$0" inside "$master" "$worker"
    elif unshare --map-root-user --net true 2>/dev/null && command -v ip >/dev/null; then
        exec unshare --map-root-user --net "$0" inside "$master" "$worker"
    fi
    echo "loopback: no network namespaces can be made here"
    there() { "$@"; }
    host=127.0.0.1 port=$((20000 + $$ % 10000))
fi

folder=$(mktemp -d)
mkfifo "$folder/started"
"$master" $host $port >"$folder/started" &
running=$!
exec 3<"$folder/started"
read -r line <&3  # it listens
there "$worker" $host $port 0.01 >"$folder/worked"
{ echo "$line"; cat <&3; } >"$folder/printed"
wait $running
cat "$folder/printed" "$folder/worked"
[ "$(grep -c '^Result: ' "$folder/printed")" = 10 ]
[ "$(tail -n 1 "$folder/printed")" = "master exit" ]
[ "$(tail -n 1 "$folder/worked")" = "worker exit" ]
rm -r "$folder"
