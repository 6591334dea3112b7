#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast fit --summary and --merge: parts of the traces give the model of all of them, bit for bit.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=fit
# The first of each release's traces are enough.
traces=traces
mkdir -p traces
for r in 1 2 3; do
    gzip -dc "$SOURCE/scenarios/search/traces/full-seq-r$r.otlp.jsonl.gz" | head -n 50 | gzip >"traces/r$r.otlp.jsonl.gz"
done

cat >deployment.yaml <<'EOF'
services:
  photo: {concurrency: 2, cores: 2}
  worker: {replicas: 2, concurrency: 3}
EOF
# The model of all traces in one pass, and of the summaries $1 of their parts; with the options that follow.
same() {
    parts=$1
    shift
    "$LOADCAST" fit "$traces" -o one.yaml --json one.json --quiet "$@" 2>err || fail "$(cat err)"
    # shellcheck disable=SC2086 # several names
    "$LOADCAST" fit --merge $parts -o merged.yaml --json merged.json --quiet "$@" 2>err || fail "$(cat err)"
    cmp one.yaml merged.yaml || fail "$parts: another model ($*)"
    grep -v '"clocks"' one.json >one # which the summaries do not hold
    grep -v '"clocks"' merged.json | cmp one - || fail "$parts: other evidence ($*)"
}
# Summaries of each release's traces.
summarise() {
    for r in 1 2 3; do
        "$LOADCAST" fit "$traces/r$r.otlp.jsonl.gz" --summary "r$r.gz" "$@" >out 2>err || fail "$(cat err)"
        [ ! -s out ] || fail "a summary prints a model"
    done
}
summarise --release r1
same "r2.gz r3.gz r1.gz" --release r1
summarise -d deployment.yaml --assume-load measured
same "r3.gz r1.gz r2.gz" -d deployment.yaml --assume-load measured
refused 3 "r1.gz:1: the summary was made with measured true, and is to be merged with false" --merge r1.gz
summarise
"$LOADCAST" fit --merge r3.gz r1.gz --summary both >out 2>err || fail "$(cat err)"
same "r2.gz both"

refused 3 "made with release null, and is to be merged with \"r2\"" --merge r1.gz --release r2
refused 3 "this is no summary" --merge deployment.yaml
refused 3 "summary/1" --merge "$traces/r1.otlp.jsonl.gz"
refused 3 "nothing.gz" --merge nothing.gz
head -n 200 both >cut
refused 3 "cut:200: the file is cut off here" --merge cut
head -c 20000 r1.gz >cut.gz
refused 3 "cut.gz: byte 20000: the gzip stream is cut off" --merge cut.gz
sed '3s/resolution":[0-9]*/resolution":-4/' both >wrong
refused 3 "wrong:3: a wrong service" --merge wrong
sed '$s/.*/[1,2/' both >wrong
refused 3 "this line is damaged" --merge wrong -o never.yaml
[ ! -e never.yaml ] || fail "a model was written in spite of the error"
refused 2 "no traces are given" --merge
refused 2 "--utilization needs all traces in one pass" --merge r1.gz --utilization cpu.csv
