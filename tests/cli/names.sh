#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Names are data: what a terminal would obey is shown as an escape sequence in every output, wherever it came from.
set -eu
. "$SOURCE/tests/support/cli.sh"
name='b\u001b[31mad\u009b1m\u202e\r\n=1+1<b>&'
shown='b\x1b[31mad\x9b1m\u202e\r\n=1+1<b>&'
span() { # SERVICE ID PARENT KIND START END
    printf '{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s"}}]},"scopeSpans":[{"spans":[' "$1"
    printf '{"traceId":"0000000000000000000000000000%04x","spanId":"%016x","parentSpanId":"%s","kind":%s,' "$t" "$2" "$3" "$4"
    printf '"name":"%s","startTimeUnixNano":"%s","endTimeUnixNano":"%s"}]}]}' "$1 op" "$((t * 1000000000 + $5))" \
        "$((t * 1000000000 + $6))"
}
for t in $(seq 1 30); do
    printf '{"resourceSpans":['
    span "=team/front" 1 "" 2 0 50000000
    printf ,
    span "$name" 2 0000000000000001 2 10000000 $((30000000 + t % 7 * 1000000))
    printf ']}\n'
done >traces.jsonl
cat >run.yaml <<END
name: "$name"
traces: [traces.jsonl]
deployment: {services: {"=team/front": {concurrency: 4}, "b\e[31mad\x9b1m\u202e\r\n=1+1<b>&": {concurrency: 1}}}
workloads: [{name: "w $name", entry: "=team/front/=team/front op", rate: 1/s}]
load: {factors: [1, 100]}
goals: {load: 80 %}
simulation: {precision: 30 %}
END

"$LOADCAST" extract traces.jsonl >extract.json
"$LOADCAST" extract traces.jsonl --format text >extract.txt
"$LOADCAST" fit traces.jsonl --report fit.html -o model.yaml >fit.txt 2>fit.log
"$LOADCAST" run run.yaml --json run.json --report run.html --junit run.xml --markdown run.md >run.txt 2>run.log || [ $? = 1 ]
for to in svg dot json lqnx lqn; do "$LOADCAST" convert model.yaml -q -o "model.$to"; done
"$LOADCAST" run "$(printf 'none\033[31m.yaml')" 2>messages.log || [ $? = 3 ]
printf 'name: a\n"b\\e[31m\\n": 1\n' >unknown.yaml
"$LOADCAST" run unknown.yaml 2>>messages.log || [ $? = 3 ]

bad=0
for file in extract.* fit.* run.* model.* messages.log; do
    # C0 but for newlines and tabs, DEL, CSI in UTF-8, the mark that turns the direction of writing
    if [ "$file" != run.yaml ] && LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' "$file"; then
        echo "$file holds what a terminal obeys"
        bad=1
    fi
done
for file in fit.txt run.txt; do
    grep -qF "$shown" "$file" || { echo "$file does not show the name"; bad=1; }
done
grep -qF 'b\x1b[31mad\x9b1m\u202e\r\n=1+1&lt;b>&amp;' run.md || { echo "run.md takes a name for HTML"; bad=1; }
for file in fit.html run.html run.xml; do
    grep -qF 'b\x1b[31mad\x9b1m\u202e\r\n=1+1&lt;b&gt;&amp;' "$file" || { echo "$file does not show the name"; bad=1; }
done
# The report's data hold recorded requests, and nothing in a name ends the script that they stand in.
page_data run.html >data.json
python3 - <<'END' || bad=1
import json
data = json.load(open("data.json"))
assert data["requests"] and data["fits"] and "<" not in open("data.json").read(), data
for request in data["requests"]:
    for one in (request["typical"], request["slow"]):
        assert one["duration"] > 0 and one["nodes"][0][2] == -1 and one["nodes"][0][3] == 0
        assert all(-1 < node[2] < place for place, node in enumerate(one["nodes"]) if place > 0)
    assert request["typical"]["duration"] <= request["slow"]["duration"]
END
[ "$(wc -l <messages.log)" = 3 ] || { cat messages.log; bad=1; }
exit $bad
