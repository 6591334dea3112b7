#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Outputs are looked at before the work: nothing is read, learned or simulated first. The inputs here are none, so that
# whoever reads them before says so.
set -u
. "$SOURCE/tests/support/cli.sh"
cat >model.yaml <<'END'
loadcast: model/1
processors: {host: {}}
tasks: {web: {processor: host, entries: {page: {demand: 100 ms}}}}
END
printf 'traces: nowhere.json\nworkloads: [{name: u, entry: page, rate: 5/s}]\n' >s.yaml
echo '{}' >t.json

refused 2 "--json and --junit both write to 'x.json'" run s.yaml --json x.json --junit x.json
refused 2 "--json and --junit both write to './x.json'" run s.yaml --json x.json --junit ./x.json
refused 2 "--json and --junit both write to '-'" run s.yaml --json - --junit -
refused 2 "--json would replace 's.yaml', which is read" run s.yaml --json s.yaml
refused 2 "--report writes a page, and 'x.pdf'" run s.yaml --report x.pdf
refused 4 "nowhere/x.json: cannot be written" run s.yaml --json nowhere/x.json
refused 4 "nowhere/x.html: cannot be written" run s.yaml --report nowhere/x.html
ln -sf model.yaml link.yaml
refused 2 "--json would replace 'link.yaml', which is read" simulate model.yaml --json link.yaml
ln model.yaml hard.yaml
refused 2 "--json would replace 'hard.yaml', which is read" simulate model.yaml --json hard.yaml
refused 2 "--output would replace 'hard.yaml', which is read" convert model.yaml -o hard.yaml
: >one.out
ln one.out other.out
refused 2 "--json and --traces both write to 'other.out'" simulate model.yaml --json one.out --traces other.out
refused 2 "--output would replace './model.yaml', which is read" convert model.yaml -o ./model.yaml
refused 2 "--json would replace 't.json', which is read" extract t.json --json t.json
ln -sf y later # to a file that is not there
refused 2 "--json and --traces both write to 'later'" simulate nowhere.yaml --json y --traces later
refused 2 "--json and --traces both write to 'y'" simulate nowhere.yaml --json y --traces y
refused 4 "nowhere/y: cannot be written" simulate nowhere.yaml --json nowhere/y
refused 2 "the ending of 'm.txt' names no format" fit nowhere.json -o m.txt
refused 2 "--output and --json both write to 'm.yaml'" fit nowhere.json -o m.yaml --json m.yaml
refused 2 "--json would replace 't.json', which is read" fit t.json --json t.json
refused 4 "nowhere/m.yaml: cannot be written" fit nowhere.json -o nowhere/m.yaml
refused 4 "nowhere/m.yaml: cannot be written" convert nowhere.yaml -o nowhere/m.yaml
refused 2 "--json would replace 'model.yaml', which is read" compare model.yaml model.yaml --json model.yaml
refused 2 "--json would replace 's.yaml', which is read" advise s.yaml --json s.yaml
printf 'traces: t.json\nworkloads: [{name: u, entry: page, rate: 5/s}]\n' >b.yaml
for asked in advise backtest; do
    refused 2 "--json would replace 't.json', which is read" $asked b.yaml --json t.json
done
refused 2 "--json would replace 'm.csv', which is read" backtest b.yaml --measured m.csv --json m.csv
refused 2 "--output would replace 'b.yaml', which is read" calibrate b.yaml -o b.yaml
refused 2 "--output would replace 't.json', which is read" calibrate t.json -o t.json
refused 2 "--output would replace 'u.csv', which is read" calibrate t.json --utilization u.csv -o u.csv
[ "$(cat t.json)" = '{}' ] || fail "an input was replaced"
[ -z "$(find . -name '.loadcast*')" ] || fail "something half-written is left"
for f in x.json y m.yaml; do
    [ ! -e $f ] || fail "$f was made"
done

# A pipe may take both.
run 3 run s.yaml --json /dev/null --junit /dev/null
