#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The official SDK of OpenTelemetry for Node.js exports to 'loadcast listen': four processes at a time, JSON and
# protobuf, plain and gzip, metrics and logs as well; then again, while the listener is killed with -9 and started anew.
# Every span is read once.   export.sh LOADCAST [TRACES]    Needs npm.
set -eu
loadcast=$(realpath "$1")
traces=${2-300}
folder=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
listener=
trap 'kill -9 $listener 2>/dev/null || true; rm -rf "$work"' EXIT
cp "$folder/export.mjs" "$work"
cd "$work"
npm install --no-audit --no-fund --loglevel=error @opentelemetry/sdk-node@0.223.0 @opentelemetry/api@1 \
    @opentelemetry/sdk-trace-base@2 @opentelemetry/exporter-trace-otlp-http@0.223.1 @opentelemetry/exporter-trace-otlp-proto@0.223.1 >/dev/null
port=0

start() { # FOLDER: at the same port as before, if there was one
    "$loadcast" listen --http "127.0.0.1:$port" -o "$1" --rotate 0.5 >counts 2>said &
    listener=$!
    until grep -q listening said; do
        kill -0 $listener 2>/dev/null || { cat said; exit 1; }
        sleep 0.05
    done
    port=$(sed -n 's/.*listening on http:\/\/127.0.0.1:\([0-9]*\).*/\1/p' said)
}
clients() {
    n=0
    for protocol in json json+gzip protobuf protobuf+gzip; do
        n=$((n + 1))
        OTEL_METRICS_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$port node export.mjs "$port" $protocol "$traces" >"client.$n" 2>"errors.$n" &
        eval "client_$n=\$!"
    done
}
wait_for_clients() {
    # shellcheck disable=SC2154 # set in clients
    wait "$client_1" "$client_2" "$client_3" "$client_4"
    [ "$(cat client.*  | wc -l)" -eq 4 ] || { cat errors.*; exit 1; }
}
count() { # KEY: of all clients
    sed "s/.*\"$1\":\([0-9]*\).*/\1/" client.* | awk '{n += $1} END {print n}'
}
read_back() { # FOLDER
    "$loadcast" extract "$1" --summary --json - 2>warnings | sed -n 's/.*"spans": \([0-9]*\), "services.*/\1/p'
}

start calm
clients
wait_for_clients
kill -TERM $listener
wait $listener || true
cat counts
grep -q 'requests with metrics' counts
[ "$(count created)" -eq $((16 * traces)) ]
[ "$(read_back calm)" -eq "$(count created)" ] || { echo "FAILED: $(read_back calm) of $(count created) spans are read"; exit 1; }

start killed
clients
for _ in 1 2 3; do
    sleep 0.7
    kill -9 $listener
    wait $listener 2>/dev/null || true
    start killed
done
wait_for_clients
kill -TERM $listener
wait $listener || true
read=$(read_back killed)
cat warnings
echo "killed three times: $(count created) spans made, $(count exported) answered, $read read"
[ "$read" -ge "$(count exported)" ] && [ "$read" -le "$(count created)" ] ||
    { echo "FAILED: spans that were answered are not there"; exit 1; }
