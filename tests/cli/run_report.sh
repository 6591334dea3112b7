#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast run --report: one page with figures' data and the text of the terminal, for steady states and curves over time.
# What scripts make of it is for tests/page.sh.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=run

page() { # FILE: valid but for the tags of SVG, asks for nothing else, with data for its figures; they go to FILE.json
    sed '/^<script>/,$d' "$1" >markup.html # scripts of others are no markup
    xmllint --html --noout markup.html 2>err || true
    ! grep 'error' err | grep -v 'Tag [a-zA-Z]* invalid' || fail "$1 is not HTML"
    ! grep -q 'src=\|<link\|<?xml' markup.html || fail "$1 asks for more than itself"
    page_data "$1" >"$1.json"
    ! grep -q '[^a-z]nan[^a-z]' "$1.json" || fail "$1 holds places that are none"
}

shows() { # FILE TEXT
    grep -qF -- "$2" "$1" || fail "$1 has no '$2'"
}

# Names that mean something to a page and to gnuplot.
cat >model.yaml <<'END'
loadcast: model/1
name: one queue
processors: {cpu: {scheduling: inf}}
tasks:
  "d'b <50 %>":
    processor: cpu
    multiplicity: 1
    entries:
      "query & `wait`": {demand: 100 ms}
END
cat >steady.yaml <<'END'
name: a < b & "c"
model: model.yaml
workloads: [{name: "o'ne", entry: "query & `wait`", rate: 2/s}, {name: two, entry: "query & `wait`", rate: 1/s}]
growth: {rate: 30 % / month, start: 2026-12-01, horizon: 2 months}
what_if: [{name: "2 'threads' <50 %>", change: {"d'b <50 %>.concurrency": 2}}]
goals: {load: 80 %, response_time: {two: {p95: 800 ms}}}
simulation: {precision: 10 %}
END
run 0 steady.yaml --report steady.html --json v.json
page steady.html
shows steady.html "<h1>a &lt; b &amp; &quot;c&quot;</h1>"
grep -A 1 "</h1>" steady.html | grep -q '^<p class="answer">.' || fail "the page does not begin with the answer"
shows steady.html '<li class="met"><b>met</b> p95 response of two'
[ "$(grep -c '<svg' markup.html)" = 1 ] || fail "the page has no map"
for text in "d&#39;b &lt;50 %&gt;" "o&#39;ne" "1/s</text>" "2/s</text>"; do
    shows markup.html "$text"
done
# The figures show what the JSON has.
cat >same.py <<'END'
import json
v, f = json.load(open("v.json")), json.load(open("steady.html.json"))
base = [p for p in v["points"] if p["change"] is None]
near = lambda a, b: abs(a - b) <= 1e-4 * abs(b)
assert f["schema"] == "loadcast.report/1" and f["scenario"] == 'a < b & "c"' and f["rate"] == 3
assert [l["label"] for l in f["levels"]] == [p["label"] for p in base]
for level, point in zip(f["levels"], base):
    task = next(t for t in point["result"]["tasks"] if t["name"] == "d'b <50 %>")
    assert near(level["components"][0]["load"][0], task["load"]["mean"])
    assert near(level["components"][0]["wait"][0], task["waiting_time"]["mean"])
    for mine, theirs in zip(level["workloads"], point["result"]["workloads"]):
        assert mine["name"] == theirs["name"] and near(mine["mean"][0], theirs["response_time"]["mean"])
        assert mine["mean"][1] < mine["mean"][0] < mine["mean"][2] and mine["p50"][0] < mine["p95"][0] < mine["p99"][0]
assert near(f["components"][0]["saturates"], 10 / 3)
assert [c["name"] for c in f["changes"]] == ["as it is", "2 'threads' <50 %>"] and near(f["changes"][1]["factor"], 20 / 3)
assert {g["kind"] for g in f["goals"]} == {"load", "response_time"} and f["goals"][1]["percentile"] == 95
assert f["dates"]["crossings"] and all(c["day"] > f["dates"]["start"] for c in f["dates"]["crossings"])
END
python3 same.py || fail "the figures are not the verdict's: $(cat steady.html.json)"
# What the terminal shows stands below.
sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' out | grep -v '^Took\|^$' | head -n 30 >shown
while IFS= read -r line; do
    sed 's/<b[^>]*>//g; s/<.b>//g' markup.html | grep -qF -- "$line" || fail "the page does not have '$line'"
done <shown

# A time of completion stands beside the time of an answer where it is another one.
cat >mail.yaml <<'END'
loadcast: model/1
processors: {cpu: {scheduling: inf}}
tasks:
  shop: {processor: cpu, multiplicity: 2, entries: {page: {demand: 100 ms}, buy: {demand: 100 ms, calls: [{to: send, kind: async}]}}}
  mailer: {processor: cpu, multiplicity: 2, entries: {send: {demand: 200 ms}}}
END
cat >later.yaml <<'END'
model: mail.yaml
workloads: [{name: reader, entry: page, rate: 2/s}, {name: buyer, entry: buy, rate: 1/s}]
simulation: {precision: 20 %}
END
run 0 later.yaml --report later.html
sed -n '/completion time/,/^$/p' out >completions
grep -q '^  buyer ' completions && ! grep -q reader completions || fail "completion times: $(cat out)"
page later.html
"$PYTHON" -S -c "
import json, sys
names = [w['name'] for w in json.load(open('later.html.json'))['levels'][0]['workloads']]
sys.exit(names != ['reader', 'buyer', 'buyer, completion time'])" || fail "completion times of the page: $(cat later.html.json)"

# Curves: a picture each, with a line for the load as it is and one for each change.
cat >curves.yaml <<'END'
name: spike
model: model.yaml
workloads: [{name: visitors, entry: "query & `wait`", rate: 5/s, arrivals: {steps: [[0 s, 1], [10 s, 3], [20 s, 1]]}}]
what_if: [{name: two, change: {"d'b <50 %>.concurrency": 2}}]
simulation: {mode: transient, duration: 60 s, step: 2 s, replications: 10, warmup: 10 s}
END
run 0 curves.yaml --report curves.html
page curves.html
cat >same.py <<'END'
import json
(level,) = json.load(open("curves.html.json"))["curves"]
titles = [c["title"] for c in level["curves"]]
assert "d'b <50 %>, queue" in titles and "visitors, response" in titles, titles
for curve in level["curves"]:
    assert [line["name"] for line in curve["lines"]] == ["as it is", "two"]
    assert [b[0] for b in curve["lines"][0]["bins"]] == [1 + 2 * i for i in range(30)]
arrivals = [b[1] for b in level["curves"][titles.index("visitors, arrivals")]["lines"][0]["bins"]]
assert 3 < sum(arrivals[:5]) / 5 < 7 and 12 < sum(arrivals[5:10]) / 5 < 18, arrivals
END
python3 same.py || fail "the curves are others: $(head -c 2000 curves.html.json)"
shows curves.html "Recovers"

# What cannot be written is said.
run 4 steady.yaml --report /nonexistent/page.html
