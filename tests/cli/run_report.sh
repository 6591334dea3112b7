#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast run --report: one page with plots and the text of the terminal, for steady states and for curves over time.
set -eu
. "$SOURCE/tests/support/cli.sh"
command=run

page() { # FILE PICTURES…: valid but for the tags of SVG, asks for nothing else, with so many plots
    xmllint --html --noout "$1" 2>err || true
    ! grep 'error' err | grep -v 'Tag [a-zA-Z]* invalid' || fail "$1 is not HTML"
    [ "$(grep -c '<svg' "$1")" -eq "$2" ] || fail "$1 has $(grep -c '<svg' "$1") plots instead of $2"
    ! grep -q 'src=\|<script\|<?xml' "$1" || fail "$1 asks for more than itself"
    ! grep -q '[^a-z]nan[^a-z]' "$1" || fail "$1 holds places that are none"
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
run 0 steady.yaml --report steady.html
page steady.html 4
shows steady.html "<h1>a &lt; b &amp; &quot;c&quot;</h1>"
grep -A 1 "</h1>" steady.html | grep -q "^<p><b>." || fail "the page does not begin with the answer"
for text in "Load of the components" "Response times" "Which component saturates first" "When limits are passed" \
    "2 'threads' &lt;50 %>: d'b &lt;50 %>" "p95 response of two"; do
    shows steady.html "$text"
done
# What the terminal shows stands below.
sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' out | grep -v '^Took\|^$' | head -n 30 >shown
while IFS= read -r line; do
    sed 's/<b[^>]*>//g; s/<.b>//g' steady.html | grep -qF -- "$line" || fail "the page does not have '$line'"
done <shown

# Curves: a picture each, with a line for the load as it is and one for each change.
cat >curves.yaml <<'END'
name: spike
model: model.yaml
workloads: [{name: visitors, entry: "query & `wait`", rate: 5/s, arrivals: {steps: [[0 s, 1], [10 s, 3], [20 s, 1]]}}]
what_if: [{name: two, change: {"d'b <50 %>.concurrency": 2}}]
simulation: {mode: transient, duration: 60 s, step: 2 s, replications: 10, warmup: 10 s}
END
run 0 curves.yaml --report curves.html
page curves.html 6
shows curves.html "d'b &lt;50 %>, queue"
shows curves.html "as it is"
shows curves.html "Recovers"

# Without gnuplot nothing is left behind; what cannot be written is said.
run 4 steady.yaml --report /nonexistent/page.html
launch="env PATH=/nonexistent"
refused 4 "gnuplot cannot be run" steady.yaml --report none.html
[ ! -e none.html ] || fail "a page without plots is left behind"
