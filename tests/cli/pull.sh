#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --from: traces of running servers, which are slow, cut off, wrong, endless and careless with credentials.
set -u
. "$SOURCE/tests/support/cli.sh"
certificate=$SOURCE/tests/data/live/certificate.pem
unset LOADCAST_TOKEN LOADCAST_USER LOADCAST_PASSWORD SSL_CERT_FILE http_proxy https_proxy all_proxy
export no_proxy='*'
rm -rf ports requests kept hold tmp
mkdir tmp
export TMPDIR=$PWD/tmp
mkfifo hold
"$PYTHON" "$SOURCE/tests/support/trace_server.py" . "$certificate" "$SOURCE/tests/data/live/key.pem" <hold &
server=$!
exec 9>hold # the server ends with it
while [ ! -e ports ]; do
    kill -0 $server || { fail "there is no server"; exit; }
    sleep 0.05
done
read -r port other safe <ports
at=http://127.0.0.1:$port
window="--since 2023-11-14T22:13:20Z --until 2023-11-14T22:24:59Z" # all 700 traces
short="--since 2023-11-14T22:13:20Z --until 2023-11-14T22:13:29Z"  # 10

pull() { # STATUS KIND:URL OPTIONS…: extract --summary
    status=$1
    shift
    # shellcheck disable=SC2086 # several words
    run "$status" extract --from "$@" --summary --json v.json --pull-timeout ${timeout-3s}
}
counted() { # WHAT TRACES SPANS: and nothing was to be repaired
    grep -q "\"traces\": $2, \"spans\": $3, \"services\": 2," v.json || { fail "$1"; cat v.json; }
    ! grep '"repairs"' v.json | grep -q ': [1-9]' || { fail "$1"; cat v.json; }
}
wrong() { # STATUS TEXT KIND:URL OPTIONS…: one line, and it says so
    status=$1 text=$2
    shift 2
    # shellcheck disable=SC2086
    pull "$status" "$@"
    holds err "$text"
    [ "$(grep -vc 'loadcast: note: ' err)" -eq 1 ] || { fail "$*: more than one line"; cat err; }
    [ -z "$(find tmp -type f)" ] || fail "$*: $(find tmp -type f) is left"
}

# The same traces from each kind of server, page by page where they are more than a page.
for source in jaeger:$at/plain zipkin:$at/plain/ "elasticsearch:$at/jaeger-span-*"; do
    # shellcheck disable=SC2086
    pull 0 "$source" $window
    counted "$source: all traces, each once" 700 1400
done
for source in tempo:$at/plain "elasticsearch:$at/jaeger-span-*" jaeger:$at/lines; do
    # shellcheck disable=SC2086
    pull 0 "$source" $window --service stock --max-traces 50 --quiet
    counted "$source: no more than are wanted" 50 100
    [ ! -s err ] || fail "$source: --quiet said: $(cat err)"
done
[ "$(grep -c 'plain/api/traces?service=front' requests)" -gt 2 ] || fail "the window was not halved"
# shellcheck disable=SC2086
pull 0 tempo:$at/v1 $short
counted "Tempo without /api/v2" 10 20
# shellcheck disable=SC2086
pull 0 jaeger:$at/plain $window --max-traces 100
holds err "more than --max-traces 100: what is newer than 2023-11-14T22:2"
# shellcheck disable=SC2086
run 0 extract --from jaeger:$at/plain --from zipkin:$at/plain $short --format json
[ "$(wc -l <out)" -eq 10 ] || fail "the same traces from two servers are $(wc -l <out)"
run 3 extract --from jaeger:$at/plain --since 1h
holds err "found no traces"

# shellcheck disable=SC2086
pull 0 jaeger:$at/capped $window --service front
counted "a server with a cap of its own" 700 1400
holds err "the server answers with 30 at the most, though asked for 500"
pull 0 jaeger:$at/capped --since 2003-01-01T00:00:00Z --until 2024-01-01T00:00:00Z --service front
counted "a server with a cap of its own, asked for twenty years" 700 1400

# Recent versions of Jaeger answer /api/v3 only, in one document or in several.
for b in v3 v3chunks; do
    # shellcheck disable=SC2086
    pull 0 jaeger:$at/$b $window
    counted "Jaeger's /api/v3, $b: all traces, each once" 700 1400
done
# shellcheck disable=SC2086
pull 0 jaeger:$at/v3 $window --service stock --max-traces 50 --quiet
counted "Jaeger's /api/v3: no more than are wanted" 50 100
# shellcheck disable=SC2086
pull 0 jaeger:$at/v3error $short
holds err "the server says 'a shard is away': traces may be missing"
run 3 extract --from jaeger:$at/v3 --since 1h
holds err "found no traces"

# Tempo's answers in protobuf, of both versions.
# shellcheck disable=SC2086
pull 0 tempo:$at/protobuf $short
counted "Tempo's protobuf" 10 20

# DeepFlow's rows, put together as those of a file are.
# shellcheck disable=SC2086
pull 0 deepflow:$at/plain $window
counted "rows of a page and more" 700 1400
holds err "1400 rows"
# shellcheck disable=SC2086
run 0 extract --from deepflow:$at/oracle $short --format spans --quiet
mv out pulled
run 0 extract "$SOURCE/tests/data/deepflow/A_two_sequential_calls.rows.json" --format spans --quiet
same pulled out
# shellcheck disable=SC2086
wrong 3 "found --service" deepflow:$at/plain $short --service front

# Commands that name traces: the same option. What is kept is read as any file is.
# shellcheck disable=SC2086
run 0 extract --from jaeger:$at/plain $short --save kept --summary --json v.json
holds err "kept in kept/jaeger-127.0.0.1-$port-plain-20231114T221320Z-20231114T221329Z.jsonl"
counted "what is kept" 10 20
run 0 extract kept --summary --json v.json
counted "what was kept" 10 20
# shellcheck disable=SC2086
run 0 fit --from jaeger:$at/plain $short -o model.yaml
# shellcheck disable=SC2086
run 0 measure --from jaeger:$at/plain $short
# shellcheck disable=SC2086
run 0 init --from jaeger:$at/plain $short --save kept -o first.yaml
holds first.yaml "-2.jsonl"
# shellcheck disable=SC2086
run 0 measure first.yaml --from zipkin:$at/plain $window --json v.json
grep -q '"measured": 700,' v.json || fail "traces of a server take not the place of a scenario's"
# shellcheck disable=SC2086
# shellcheck disable=SC2086
run 5 backtest --from jaeger:$at/plain $short
# shellcheck disable=SC2086
run 5 calibrate --from jaeger:$at/plain $short

# What is worth another attempt gets one.
for b in flaky busy cutonce gzip; do
    # shellcheck disable=SC2086
    pull 0 jaeger:$at/$b $short
    counted "$b" 10 20
done

# What is not, or stays wrong, is told in one line.
# shellcheck disable=SC2086
{
    timeout=0.2s wrong 3 "nothing more came for 0.2 s" jaeger:$at/slow $short
    wrong 3 "4 times; expected an answer" jaeger:$at/cut $short
    wrong 3 "4 times; expected an answer" jaeger:$at/reset $short
    wrong 3 'found HTTP status 500, 4 times ("{"errors": [{"msg": "the store is \x1b[31mdown"}]}"); expected 200' jaeger:$at/broken $short
    wrong 3 "found its end within a value" jaeger:$at/short $short
    wrong 3 "found more than 5 redirections" jaeger:$at/loop $short
    wrong 3 "expected an answer" jaeger:$at/file $short
    wrong 3 "found a header line of more than 100 kB; expected an answer" jaeger:$at/long $short
    wrong 3 "the answers are longer than 1 MB" jaeger:$at/endless $short --max-size 1
    wrong 3 "the answers are longer than 1 MB" jaeger:$at/bomb $short --max-size 1
    wrong 3 "the answers are longer than 0.02 MB" tempo:$at/plain $window --max-size 0.02
    wrong 3 "found the server's error 'storage is down'" jaeger:$at/down $short
    wrong 3 "found no JSON at byte 0, in an answer that begins with '<!DOCTYPE html>" jaeger:$at/html $short
    wrong 3 "found an empty answer; expected an object with 'data'" jaeger:$at/empty $short
    wrong 3 "found no traces" jaeger:$at/none $short
    wrong 3 "found something else, in an answer that begins with '{\"status\": \"ok\"}'" jaeger:$at/other $short
    wrong 3 "it asks to wait for longer than --pull-timeout" jaeger:$at/later $short
    wrong 3 "http://127.0.0.1:$port/plain/nothing/api/services: found HTTP status 404" jaeger:$at/plain/nothing $short
    wrong 3 "there is no service 'frnt'; did you mean 'front'?" jaeger:$at/plain $short --service frnt
    wrong 3 "jaeger:http://127.0.0.1:1: http://127.0.0.1:1/api/services: found 'Failed to connect" jaeger:http://127.0.0.1:1 $short
    wrong 4 "cannot be made a folder" jaeger:$at/plain $short --save /proc/none
    pull 0 jaeger:$at/partly $short
    holds err "the server says 'a shard is away': traces may be missing"
}

# Certificates are checked.
# shellcheck disable=SC2086
{
    wrong 3 "the certificate is not trusted" jaeger:https://127.0.0.1:$safe/plain $short
    pull 0 jaeger:https://127.0.0.1:$safe/plain $short --ca-file "$certificate"
    SSL_CERT_FILE=$certificate pull 0 jaeger:https://127.0.0.1:$safe/plain $short
    wrong 3 "expected an answer" jaeger:https://127.0.0.1:$port/plain $short
}

# Credentials come from the environment, go to the host that was named alone, and are never shown.
secret=sesame-opens
# shellcheck disable=SC2086
{
    wrong 3 "expected credentials in the environment: LOADCAST_TOKEN" jaeger:$at/auth $short
    LOADCAST_TOKEN=$secret pull 0 jaeger:$at/auth $short
    LOADCAST_USER=me LOADCAST_PASSWORD=$secret pull 0 jaeger:$at/auth $short
    LOADCAST_TOKEN=$secret-not wrong 3 "expected other credentials" jaeger:$at/auth $short
    ! grep -q "$secret" err || fail "a server that repeats the token had it shown"
    LOADCAST_TOKEN=a LOADCAST_USER=b wrong 3 "found both" jaeger:$at/auth $short
    LOADCAST_USER=b wrong 3 "found one of them" jaeger:$at/auth $short
    : >requests
    LOADCAST_TOKEN=$secret pull 0 jaeger:$at/away $short --service front
    grep -q "^$other GET /plain/api/traces.* -$" requests || fail "another host was not asked without credentials"
    ! grep "^$other " requests | grep -q "$secret" || fail "another host was told the token"
    grep -q "^$port .* Bearer $secret$" requests || fail "the host itself was not told the token"
    wrong 2 "expected them in the environment: LOADCAST_USER and LOADCAST_PASSWORD" jaeger:http://me:$secret@127.0.0.1:$port $short
    wrong 2 "expected" http://me:$secret@127.0.0.1:$port $short
    wrong 2 "expected a URL without '?'" "jaeger:$at/?token=$secret" $short
    ! grep -q "$secret" err || fail "a URL with a secret is shown"
}

# Options that are wrong.
wrong 2 "expected jaeger:, tempo:, zipkin:, elasticsearch: or deepflow:" jager:$at
wrong 2 "expected a URL such as" jaeger:localhost:16686
wrong 2 "expected times such as" jaeger:$at --since yesterday
wrong 2 "is not before" jaeger:$at --since 1h --until 2h
refused 2 "go with --from" extract x.json --since 1h
refused 2 "expected --save DIR beside --from" init --from jaeger:$at
refused 2 "it goes with neither --merge nor --samples" fit --merge x --from jaeger:$at
exec 9>&-
