#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The history of releases: what goes in comes out, whatever happens meanwhile.
set -u
. "$SOURCE/tests/support/cli.sh"
command=history
table=$SOURCE/tests/data/conflux/scenarios.csv
rm -rf ./*.db* ./*.json ./*.csv

# The tables of a thesis: 89 rows of 4 scenarios. A run number that stands twice is no run.
refused 3 "stands twice for release '3.0.2', run '1'" import h.db "$table" --column scenario=activity \
    --column row_in_release=
[ ! -e h.db ] || fail "a refused import leaves a history"
thesis() { run 0 import "$1" "$table" --column scenario=activity --column row_in_release=run --column run= \
    --column nonblocking_s=non_blocked_process_time --column total_process_s=total_process_time; }
thesis h.db
holds out "23 runs imported"
run 0 check h.db
holds out "h.db is whole: 23 runs of 7 releases"
run 0 list h.db
[ "$(sed 1d out | cut -d' ' -f1 | uniq | tr '\n' ' ')" = "2.1.1 2.6.0 3.0.2 4.0.4 4.10.0 4.21.0 5.4.0 " ] ||
    { fail "the order of releases"; cat out; }
run 0 export h.db --csv h.csv
[ "$(grep -c ',database_reads,\|,db_reads,' h.csv)" = 89 ] || fail "89 rows"
grep -q '^4.10.0,2,4,,,total_process_time,,s,1,29.442,29.442,,,$' h.csv || fail "a value of the thesis"

# Again: the same release and run replaces itself and keeps its place. Round trips by JSON and CSV.
run 0 export h.db --json h.json
thesis h.db
run 0 export h.db --json again.json
same h.json again.json
run 0 import copy.db h.json
run 0 export copy.db --json copy.json
same h.json copy.json
run 0 import rows.db h.csv
run 0 export rows.db --csv rows.csv
same h.csv rows.csv
run 0 show h.db 4.10.0 2
holds out "4.10.0 run 2, recorded"
holds out "non_blocked_process_time"
refused 3 "expected a release that is recorded, found '9'" show h.db 9

# What is old goes.
run 0 prune copy.db --keep-releases 2
holds out "17 of 23 runs removed"
run 0 check copy.db
holds out "6 runs of 2 releases"
run 0 prune copy.db --keep-days 1
holds out "0 of 6 runs removed"
refused 2 "needs --keep-releases N" prune copy.db

# What other programs make of it, and tables: one file of the first schema, others of none, one that was changed.
cp h.db damaged.db
python3 - <<'END'
import os, re, sqlite3
text = open(os.environ['SOURCE'] + '/cli/history/schema.h').read()
first = ''.join(re.findall(r'"(.*)"', text.split('= {')[1].split(');",')[0] + ');"'))
db = sqlite3.connect('old.db')
db.executescript(first + 'PRAGMA user_version = 1; PRAGMA application_id = 0x4c434153;')
full = sqlite3.connect('h.db')
for name in 'runs', 'series', 'measures', 'verdicts':
    rows = full.execute('SELECT * FROM ' + name).fetchall()
    if rows:
        db.executemany('INSERT INTO %s VALUES(%s)' % (name, ','.join('?' * len(rows[0]))), rows)
db.commit()
assert not db.execute('SELECT * FROM sqlite_master WHERE name = "loads"').fetchall()
sqlite3.connect('other.db').execute('CREATE TABLE t(x)')
sqlite3.connect('new.db').executescript('PRAGMA user_version = 99; PRAGMA application_id = 0x4c434153;')
db = sqlite3.connect('damaged.db')
db.execute('UPDATE measures SET mean = mean + 1 WHERE run = 3 AND series = 5')
db.execute('DELETE FROM measures WHERE run = 4')
db.commit()
with open('big.csv', 'w') as big:
    print('release,run,' + ','.join('m%d' % i for i in range(60)), file=big)
    for r in range(150):
        print('big,%d,' % r + ','.join('%d' % (r * i) for i in range(60)), file=big)
with open('one.csv', 'w') as one:
    print('release,run,a,b,c', file=one)
    for i in range(200):
        print('k,%d,%d,%d,%d' % (i, i, i, i), file=one)
END

# A file of the first schema is brought to today's, with what it holds.
run 0 check old.db
run 0 export old.db --json old.json
same h.json old.json

# What is no history.
echo 'no database at all, but long enough to be looked at: 0123456789' >text.db
refused 3 "text.db: expected a history that loadcast has written, found another kind of file" list text.db
refused 3 "other.db: expected a history that loadcast has written" import other.db "$table" --column row_in_release=run \
    --column run= --column scenario=activity
refused 3 "the history has schema 99; expected at most 3" list new.db
echo '{"schema": "loadcast.history/1", "runs": [{"release": "a", "run": "1", "time": "x"}]}' >bad.json
refused 3 "bad.json: run 1: 'time': expected a time such as" import none.db bad.json
echo '{"schema": "loadcast.history/1", "runs": 3}' >bad.json
refused 3 "bad.json: 'runs': expected a list" import none.db bad.json
printf 'release,run,x\n1,2,oops\n1,3\n' >bad.csv
refused 3 "bad.csv:2: 'x': expected a number, found 'oops'" import none.db bad.csv
holds err "bad.csv:3: expected 3 columns, found 2"
printf 'release,run,x\n1,2,3\n\351,2,3\n' >bad.csv
refused 3 "bad.csv:3: expected text in UTF-8, found other bytes" import none.db bad.csv
refused 3 "none.db: cannot be opened: No such file" list none.db
refused 4 "nowhere/h.db: cannot be" import nowhere/h.db h.json
[ "$(wc -l <err)" = 1 ] || fail "one line"
refused 3 "release '2.1.1', run '3' is not what was written" check damaged.db
grep -q "release '2.6.0', run '1' is not what was written; expected 36 rows" err || { fail "a lost row"; cat err; }

# A disk that is full: one line, and the history is as it was.
thesis full.db
full() { ( ulimit -f 128; exec "$LOADCAST" history import "$1" big.csv ) >out 2>err; }
full full.db
[ $? = 4 ] || { fail "a full disk"; cat err; }
[ "$(wc -l <err)" = 1 ] || { fail "a full disk is one line"; cat err; }
run 0 check full.db
holds out "23 runs of 7 releases"
( ulimit -f 8; exec "$LOADCAST" history import tiny.db h.json ) >out 2>err
[ $? = 4 ] || fail "no room for a new history"
# shellcheck disable=SC2012 # names of ours
[ "$(ls | grep -c '^tiny')" = 0 ] || { fail "something half-written is left"; ls; }

# Killed at any moment, while others write: whole runs only.
for delay in 0.005 0.01 0.02 0.03; do
    "$LOADCAST" history import killed.db one.csv >/dev/null 2>&1 &
    victim=$!
    "$LOADCAST" history import killed.db h.json >/dev/null 2>&1 &
    other=$!
    sleep $delay
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
    wait $other || fail "a job whose neighbour was killed"
    run 0 check killed.db
    grep -qE ': (23|223) runs' out || { fail "a part of an import"; cat out; }
done

# What killed jobs leave goes with the next command.
touch .loadcast-1-0.tmp .loadcast-1-0.tmp-wal .loadcast-1-0.tmp-shm
run 0 check killed.db
[ -z "$(find . -name '*.tmp*')" ] || { fail "something of a killed job is left"; ls -A; }

# Jobs at the same time: each is there afterwards.
jobs=
for i in 1 2 3 4; do
    printf 'release,run,m\nr%d,1,%d\n' $i $i >job$i.csv
    "$LOADCAST" history import many.db job$i.csv >/dev/null 2>many$i &
    jobs="$jobs $!"
done
for job in $jobs; do wait "$job" || { fail "a job of many"; cat many?; }; done
run 0 check many.db
holds out "4 runs of 4 releases"

# What `run` predicts is kept, beside measures of the same run; again: the same release and run replaces itself.
cat >model.yaml <<'END'
loadcast: model/1
processors: {host: {scheduling: inf}}
tasks: {db: {processor: host, entries: {query: {phase1: {demand: 100 ms}}}}}
END
cat >s.yaml <<'END'
model: model.yaml
workloads: [{name: users, entry: query, rate: 5/s}]
load: {factors: [1, 1.5]}
goals: {load: 0.6}
simulation: {precision: 5 %}
END
command=run
printf 'release,run,db_reads\n1.0,7,42\n' >m.csv
"$LOADCAST" history import -q runs.db m.csv || fail "import before a run"
run 1 s.yaml --history runs.db --release 1.0 --run 7
run 1 s.yaml --history runs.db --release 1.0 --run 7
command=history
run 0 check runs.db
holds out "1 runs of 1 releases"
run 0 export runs.db --json runs.json
python='import sqlite3
r = v["runs"][0]'
check "measures, loads with their intervals, capacity, the verdict, and the schema of old.db" "
    [m['mean'] for m in r['measures']] == [42] and len(r['loads']) == 2 and
    all(l['interval95'][0] < l['factor'] / 2 < l['interval95'][1] for l in r['loads']) and
    [(l['component'], l['factor']) for l in r['limits']] == [('db', 2)] and
    (r['status'], r['summary']['goals_missed']) == (1, 1) and
    sqlite3.connect('old.db').execute('PRAGMA user_version').fetchone() == (3,)" runs.json
command=run
refused 2 "--history FILE and --release R belong together" s.yaml --history runs.db
refused 2 "would replace 'runs.db', which is read" s.yaml --history runs.db --release 1 --json runs.db
refused 3 "expected a history that loadcast has written" s.yaml --history text.db --release 1
