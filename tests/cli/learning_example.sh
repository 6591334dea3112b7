#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The worked example of docs/learning.md: its table of means is what the spans say, read without the program (tests/docs.py
# compares what it shows of the program's output).
set -u
. "$SOURCE/tests/support/cli.sh"
cp "$SOURCE/tests/data/learn/logins.otlp.jsonl" .
cat >example.py <<'END'
import json, math, os, re, sys

page = open(os.environ["SOURCE"] + "/docs/learning.md", encoding="utf-8").read()
example = page[page.index("## One request"):page.index("## Elements")]
wrong = []

means = [0.0] * 6
first, roots, traces = [], 0.0, 0
for line in open("logins.otlp.jsonl", encoding="utf-8"):
    spans = {}
    for part in json.loads(line)["resourceSpans"]:
        service = part["resource"]["attributes"][0]["value"]["stringValue"]
        for span in part["scopeSpans"][0]["spans"]:
            start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
            spans[service, span["name"]] = (start, end - start)
    page_, post, login, get = (spans[k] for k in (
        ("gateway", "GET /login"), ("gateway", "POST"), ("auth", "POST /login"), ("auth", "get")))
    before = post[0] - page_[0], get[0] - login[0]
    times = (before[0], post[1] - login[1], page_[1] - before[0] - post[1], before[1],
             login[1] - before[1] - get[1], get[1])
    means = [m + t * 1e-6 for m, t in zip(means, times)]
    roots += page_[1] * 1e-6
    traces += 1
    first = first or sorted(((s - page_[0]) * 1e-6, d * 1e-6) for s, d in spans.values())
rows = [float(x) for x in re.findall(r"^\| .*[a-z] \| (\d+\.\d+) \|$", example, re.M)]
if [round(m / traces, 3) for m in means] != rows:
    wrong.append("means %s, the page has %s" % ([m / traces for m in means], rows))
total = float(re.search(r"their sum, ([\d.]+) ms", example).group(1))
if abs(roots / traces - total) > 5e-4 or abs(sum(means) / traces - total) > 5e-4:
    wrong.append("the sum %g, of spans %g" % (sum(means) / traces, roots / traces))
spans = sorted((float(s), float(d)) for s, d in
               re.findall(r"^\|.*\| (?:server|internal|client) \| (\d+) \| ([\d.]+) \|$", example, re.M))
if len(spans) != 6 or any(abs(a - b) > 6e-4 for x, y in zip(spans, first) for a, b in zip(x, y)):
    wrong.append("spans %s, the page has %s" % (first, spans))
shape, scale = (float(x) for x in re.search(r"shape: ([\d.]+), scale: ([\d.]+)", example).groups())
if abs(scale * math.gamma(1 + 1 / shape) - means[4] / traces * 1e-3) > 1e-12:
    wrong.append("the Weibull's mean is %g s" % (scale * math.gamma(1 + 1 / shape)))
print("\n".join(wrong))
sys.exit(bool(wrong))
END
"$PYTHON" example.py >out || fail "$(cat out)"
