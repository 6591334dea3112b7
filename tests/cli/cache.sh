#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --cache: a cache changes no byte of what is said, is used when it is right, and is made anew when it is not.
set -eu
. "$SOURCE/tests/support/cli.sh"
rm -rf traces cache other
mkdir traces
for r in 1 2; do
    gzip -dc "$SOURCE/scenarios/search/traces/full-seq-r$r.otlp.jsonl.gz" | head -n 3 >"traces/r$r.otlp.jsonl"
done
echo '{"resourceSpans": [' >>traces/r1.otlp.jsonl # a damaged line: a warning
cat >s.yaml <<'EOF'
name: kept
traces: {files: [traces/*.jsonl], release: r1}
deployment:
  services: {auth: {concurrency: 2, slot: request handler*}}
workloads:
  - {name: all, entry: "gateway/GET /login", rate: 2/s}
load: {factors: [1]}
simulation: {precision: 50 %}
EOF
# Status, messages and result of $command with these arguments, but for how long it took: in $1.json, $1.err.
say() {
    name=$1
    shift
    "$LOADCAST" $command "$@" --json - >out 2>"$name.err" && got=0 || got=$?
    { echo "$got"; grep -v '"elapsed_s"' out || true; } >"$name.json"
}
alike() { # WHAT: now.* is as plain.* says
    cmp -s plain.json now.json || fail "$1: another result: $(diff plain.json now.json | head -n 5)"
    cmp -s plain.err now.err || fail "$1: other messages: $(cat now.err)"
}
# The same with a note that the cache is not used, and why.
anew() {
    grep -qF "is not used, and made anew: $1" now.err || fail "no note of '$1': $(cat now.err)"
    grep -vF "made anew" now.err >rest || true
    mv rest now.err
    alike "$1"
    say now "$input" $options --cache cache
    alike "$1, then"
}
document() { ls cache/.*.json; }
tries() {
    rm -rf cache
    say plain "$input" $options
    say now "$input" $options --cache cache
    alike cold
    before=$(cksum cache/.[0-9a-f]*)
    ls -i cache/.[0-9a-f]* >inodes
    say now "$input" $options --cache cache
    alike warm
    [ "$before" = "$(cksum cache/.[0-9a-f]*)" ] || fail "a cache that was used changed"
    ls -i cache/.[0-9a-f]* | cmp -s - inodes || fail "a cache that was used was written"
}
command=run input=s.yaml options=
tries
holds plain.err "damaged"
cat >s.yaml <<'EOF'
name: replayed
traces: {files: [traces/*.jsonl]}
workloads:
  - {name: all, entry: "gateway/GET /search/:type", arrivals: {replay: traces}}
simulation: {mode: transient, duration: 10 s, replications: 2}
EOF
tries
command=fit input=traces options='-q'
tries

# What is damaged is said, and made anew.
flip() { # FILE: one byte in its middle
    "$PYTHON" -c "
import sys
b = bytearray(open(sys.argv[1], 'rb').read()); b[len(b) // 2] ^= 4; open(sys.argv[1], 'wb').write(b)" "$1"
}
options=
say plain traces
flip "$(document)"
say now traces --cache cache
anew "it is damaged or cut off"
for size in 7 20000; do
    head -c $size "$(document)" >cut && mv cut "$(document)"
    say now traces --cache cache
    anew "it is damaged or cut off"
done
flip cache/.*.summary.gz
say now traces --cache cache
anew "its summary is damaged or cut off"
rm cache/.*.summary.gz
say now traces --cache cache
anew "its summary is missing"

# It is the cache that is believed: with a number changed, and the hash made right, that number is said.
"$PYTHON" - "$(document)" <<'EOF'
import json, sys
text = open(sys.argv[1]).read()
body, old = text[:-18], text[-17:-1]
def fnv(data):
    h = 0xcbf29ce484222325
    for c in data:
        h = (h ^ c) * 0x100000001b3 % 2**64
    return '%016x' % h
assert fnv(body.encode()) == old
body = body.replace('scaled to the sample mean', 'read from the cache')
open(sys.argv[1], 'w').write(body + '\n' + fnv(body.encode()) + '\n')
EOF
say now traces --cache cache
holds now.json "read from the cache"

# Another trace or option: read anew, without a word. `--rare` shapes the fits alone.
rm -rf cache
say now traces --cache cache
sed -i 's/"r2"/"r1"/g' traces/r2.otlp.jsonl
say plain traces
say now traces --cache cache
alike "a changed trace"
for options in '--release r1' '--rare 0.2'; do
    say plain traces $options
    say now traces $options --cache cache
    alike "$options"
    say now traces $options --cache cache
    alike "$options, again"
done
files=$(ls cache/.*.json | wc -l)
[ "$files" -eq 3 ] || fail "$files documents instead of 3: one for each of the traces, and for the release"

# A limit that changes takes the waiting out anew, from what was read before.
options=
for threads in 1 2; do
    printf 'services: {photo: {concurrency: %s}}\n' $threads >d.yaml
    say plain traces -d d.yaml
    say now traces -d d.yaml --cache cache
    alike "$threads threads"
done

# Two at a time, and a cache among the traces.
say plain traces
rm -rf traces/kept
"$LOADCAST" fit traces --cache traces/kept --json one.json 2>/dev/null &
"$LOADCAST" fit traces --cache traces/kept --json two.json 2>/dev/null
wait $!
cmp one.json two.json || fail "two at a time"
say now traces --cache traces/kept
alike "two at a time"
if ls traces/kept/.*.tmp 2>/dev/null; then fail "unfinished files stay"; fi

command=fit
run 0 - --cache cache <traces/r1.otlp.jsonl
holds err "nothing is kept in cache: the inputs are no files that can be read again"
refused 3 "s.yaml: no folder for a cache: Not a directory" traces --cache s.yaml
refused 2 "--cache is about traces" --merge x.gz --cache cache
command=run
cat >advise.yaml <<'EOF'
traces: {files: [traces/*.jsonl], release: r1}
deployment: {services: {auth: {concurrency: 2, slot: request handler*}}}
workloads: [{name: all, entry: "gateway/GET /login", rate: 2/s}]
goals: {response_time: {all: {mean: 10 s}}}
simulation: {precision: 20 %}
EOF
status=0
"$LOADCAST" advise advise.yaml --cache advised >out 2>err || status=$?
case $status in 0 | 1 | 5) ;; *) fail "advise with a cache: $status, $(cat err)" ;; esac
[ -n "$(ls -A advised)" ] || fail "advise kept nothing"
cat >model.yaml <<EOF
model: $SOURCE/scenarios/shop/model.yaml
workloads: [{name: readers, entry: read, rate: 10/s}]
simulation: {precision: 20 %}
EOF
refused 0 "there is nothing to keep in cache" model.yaml --cache cache
