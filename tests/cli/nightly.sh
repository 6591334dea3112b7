#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The nightly job: three releases of a system, of which the last one costs more. What it writes is what CI servers take.
set -u
. "$SOURCE/tests/support/cli.sh"
rm -rf ./*.db* bad report* again cache traces .loadcast steps.md nights ./*.yaml ./*.json
mkdir nights
model() { # DEMAND-OF-QUERY
    cat >model.yaml <<END
loadcast: model/1
processors: {client: {scheduling: inf}, web-host: {scheduling: inf}, db-host: {scheduling: inf}}
tasks:
  users: {processor: client, scheduling: ref, multiplicity: 2, think_time: 300 ms, entries: {all: {calls: [web/page], deterministic: true}}}
  web: {processor: web-host, multiplicity: 20, entries: {web/page: {demand: 5 ms, calls: [db/query], deterministic: true}}}
  db: {processor: db-host, multiplicity: 4, entries: {db/query: {demand: $1}}}
END
}
traces() { # RELEASE SEED
    mkdir -p "nights/$1"
    "$LOADCAST" simulate model.yaml --quiet --precision '50 %' --run-time 200 --trace-count 400 --seed "$2" \
        --traces "nights/$1/t.jsonl" >/dev/null || fail "simulate gave $?"
}
model '10 ms'
traces 1.0 1
traces 1.1 2
model '14 ms'
traces 1.2 3

cat >shop.yaml <<'END'
name: shop at night
traces: nights/1.0
deployment: {services: {web: {concurrency: 20}, db: {concurrency: 1}}}
workloads: [{name: page, entry: web/page, rate: 20/s}]
load: {factors: [1, 2]}
goals:
  load: 0.6
gates:
  demand: +15 %
  capacity: -15 %
  db_reads: +5 %
simulation: {precision: 5 %}
END
night() { # STATUS RELEASE [OPTIONS…]
    status=$1 release=$2
    shift 2
    run "$status" nightly shop.yaml --traces "nights/$release" --release "$release" --history h.db --out "report-$release" \
        --cache cache "$@"
}

# The first night has nothing to be compared with: gates are skipped, goals are judged.
night 0 1.0
holds out "No gate is judged"
for file in report.html report.txt comparison.txt result.json summary.json summary.md annotations.txt junit.xml \
    code-quality.json; do
    [ -s "report-1.0/$file" ] || fail "report-1.0 has no $file"
done
holds report-1.0/junit.xml '<skipped message="no release stands before this one"/>'
[ "$(cat report-1.0/code-quality.json)" = '[]' ] || fail "nothing is missed"
[ "$(grep -vc '^::notice' report-1.0/annotations.txt)" = 0 ] || fail "annotations of a good night"

# The same again, and on another night: chance breaks no gate.
night 0 1.1
holds out "Gates against 1.0"
cp -r report-1.1 again
night 0 1.1
run 0 history check h.db
holds out "2 runs of 2 releases"
for file in report.txt comparison.txt summary.json summary.md annotations.txt code-quality.json; do
    sed 's/Took .*//; s/in [0-9.]* s//' "again/$file" >a
    sed 's/Took .*//; s/in [0-9.]* s//' "report-1.1/$file" >b
    cmp -s a b || { fail "$file is another one"; diff a b; }
done

# A release whose query takes 40 % longer: named in every report, with value, interval and limit.
night 1 1.2
holds out "broken     demand +15 %: non_blocked_process_time of db/query"
holds out "broken     capacity -15 %"
holds report-1.2/junit.xml '<testcase classname="shop at night.gates" name="gate demand +15 %"'
grep -q '<failure message="non_blocked_process_time of db/query [0-9.]* ms → [0-9.]* ms, +[0-9.]* % \[+[0-9.]*, +[0-9.]*\], limit +15 %' \
    report-1.2/junit.xml || { fail "a failure with value, interval and limit"; grep failure report-1.2/junit.xml; }
xmllint --noout report-1.2/junit.xml || fail "JUnit"
holds report-1.2/summary.md '| gate against 1.1 | | found |'
grep -q '^::error file=shop.yaml,line=9,title=gate missed%3A demand +15 %25 against 1.1::non_blocked_process_time of db/query' report-1.2/annotations.txt ||
    { fail "an annotation"; cat report-1.2/annotations.txt; }
python='s, whole = json.load(open("report-1.2/summary.json"))["summary"], json.load(open("report-1.2/result.json"))'
check "code quality, the summary, and that the whole begins with it" "
    [(f['check_name'], f['severity'], f['location']) for f in v if 'demand' in f['description']] ==
        [('loadcast/gate', 'major', {'path': 'shop.yaml', 'lines': {'begin': 9}})] and
    len({f['fingerprint'] for f in v}) == len(v) and
    (s['gates']['against'], s['gates']['broken'] >= 2, s['saturation']['component']) == ('1.1', True, 'db') and
    list(whole)[1] == 'summary' and whole['summary'] == s" report-1.2/code-quality.json
[ "$(wc -c <report-1.2/summary.json)" -lt 10000 ] || fail "a summary of 10 kB"
holds report-1.2/comparison.txt "More than chance"

# The history has all three, and a bad release is no standard.
run 0 history list h.db
grep -q '^1.2 .*missed$' out || { fail "the verdict of 1.2"; cat out; }
run 0 trend --history h.db --measure capacity
holds out "capacity of db"
mv nights/1.1 nights/1.3
night 0 1.3
holds out "Gates against 1.1"
# The page has the trend of the history: 1.0 to 1.3.
page_data report-1.3/report.html >page.json
check "the page's trends" "[p['release'] for s in v['trends']['series'] if s['measure'] == 'capacity' and s['service'] == 'db'
    for p in s['points']] == ['1.0', '1.1', '1.2', '1.3']" page.json

# Where no release is good, the last one is what gates are held against.
cp shop.yaml strict.yaml
sed -i 's/load: 0.6/load: 0.1/' strict.yaml
for release in 1.0 1.3; do
    run 1 nightly strict.yaml --traces nights/$release --release $release --history bad.db --out bad/nights/last --cache cache
done
holds out "Gates against 1.0, the last release; none before is good"
holds bad/nights/last/junit.xml 'name="gate demand +15 %" time="0"/>'

refused 2 "expected --release R" nightly shop.yaml --history h.db --out r
refused 2 "expected --out DIR" nightly shop.yaml --release 9 --history h.db
refused 3 "nowhere" nightly shop.yaml --traces nowhere --release 9 --history h.db --out r
refused 3 "nowhere" nightly shop.yaml --traces nowhere --release 9 --history first.db --out r
[ -z "$(find . -name 'first.db*' -o -name '.loadcast-*')" ] || fail "a first night that failed leaves a history"
refused 4 "shop.yaml: cannot be made a folder" nightly shop.yaml --release 9 --history h.db --out shop.yaml
run 0 history check h.db
holds out "4 runs of 4 releases"

# The pipelines of docs/ci parse, and do here what they do there.
python3 - "$SOURCE/docs/ci" >pipelines.sh <<'END' || fail "the pipelines"
import re, sys, yaml
folder = sys.argv[1]
github, gitlab = (yaml.safe_load(open(folder + name)) for name in ('/github.yml', '/gitlab.yml'))
job, lines = gitlab['loadcast'], []
for steps in ('\n'.join(s.get('run', '') for s in github['jobs']['loadcast']['steps']),
              '\n'.join(job['script'] + job['after_script']), open(folder + '/Jenkinsfile').read()):
    lines.append([re.sub(r"^sh '(.*)'$", r'\1', l.strip()) for l in steps.splitlines()
                  if re.match(r"\s*(sh ')?(loadcast |cat report)", l)])
assert [l for l in lines[0] if not l.startswith('cat')] == lines[1] == lines[2], lines
assert len(lines[1]) == 2 and job['artifacts']['reports'] == {'junit': 'report/junit.xml', 'codequality': 'report/code-quality.json'}
text = open(folder + '/Jenkinsfile').read()
assert all(text.count(a) == text.count(b) for a, b in ('{}', '()', '[]'))
print('\n'.join(lines[0]))
END
mv nights/1.3 traces
(PATH=$(dirname "$LOADCAST"):$PATH RELEASE=2.0 RUN=1 GITHUB_STEP_SUMMARY=steps.md sh -eu ./pipelines.sh >out 2>err) ||
    { fail "the pipelines' commands"; cat out err; }
grep -q '^### shop at night' steps.md || fail "a step's summary"
for file in $(grep -oh 'report/[a-z-]*\.[a-z]*' "$SOURCE"/docs/ci/*); do
    [ -s "$file" ] || fail "no $file, which a pipeline takes"
done
