#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# loadcast fit --samples: the table, the JSON, censored and weighted observations, and what goes wrong.
set -eu
. "$SOURCE/tests/support/cli.sh"
data=$SOURCE/tests/data/fit

run 0 fit --samples "$data/lognormal_1000.txt"
grep -q '^\* lognormal .* -4614\.560 .* 9233\.12 .* 9242\.94 ' out || fail "the best family is not marked: $(cat out)"
grep -q '^\* lognormal has the lowest BIC' out || fail "no reason is given"
grep -q '^1000 observations from ' out || fail "what was read is not told"
[ ! -s err ] || fail "messages: $(cat err)"

# Every key of the contract, and nothing but JSON on standard output.
run 0 fit --samples "$data/gamma_800.txt" --json -
for key in n fits family parameters log_likelihood aic bic ks ad cvm best; do
    grep -q "\"$key\":" out || fail "the JSON has no $key"
done
[ "$(head -c 1 out)" = "{" ] || fail "something stands before the JSON"
grep -q '"best": "gamma"' out || fail "gamma is not the best: $(grep best out)"
cp out expected.json
run 0 fit --samples "$data/gamma_800.txt" --json file.json --quiet
[ ! -s out ] || fail "--quiet prints the table"
cmp file.json expected.json || fail "--json FILE and --json - differ"
accepted file.json
"$LOADCAST" fit --samples - --json - <"$data/gamma_800.txt" | cmp - expected.json || fail "standard input differs"

# A weight is a number of repetitions, 0 is none; comments, blank lines and a byte order mark are nothing.
printf '\357\273\277# durations\n1.5 2\n\n2.25\t1 # twice\n3 0\n4 3\r\n7.125 1\n' >weighted
printf '1.5\n1.5\n2.25\n4\n4\n4\n7.125\n' >repeated
run 0 fit --samples weighted
grep ' gamma ' out >gamma
run 0 fit --samples repeated
grep ' gamma ' out | cmp - gamma || fail "weights differ from repetitions"

# Four values of 10, and 4 that were cut off there: the mean of an exponential is the whole time by the values that ended.
printf '10\n10\n10\n10\n>10\n>10\n>10\n>10\n' >cut
run 0 fit --samples cut
grep -q 'exponential .*(mean 20)' out || fail "cut off values are taken for whole: $(cat out)"

# A timeout wrote its own length: as if the values were written as cut off, which a stated one is not.
awk 'BEGIN { for (i = 1; i <= 200; i++) { x = -10 * log(1 - (i - 0.5) / 200); print x < 20 ? x : 20 } }' >tied
awk '{ print $1 == 20 ? ">20" : $1 }' tied >written
awk 'NR == 1 { print $1 ".." $1; next } { print }' tied >stated
run 0 fit --samples tied
grep -q "^The greatest value stands there 27 times: taken as cut off, as if written '>20'" out || fail "ties are nothing"
grep '^[* ] ' out >taken
run 0 fit --samples written
! grep -q 'stands there' out || fail "what is written is guessed"
grep '^[* ] ' out | cmp - taken || fail "ties at the maximum differ from cut off values"
run 0 fit --samples stated
! grep -q 'cut off' out || fail "what is stated as it is is taken as cut off"

run 0 fit --samples "$data/tiny_5.txt" --bootstrap 19 --json -
check "five values are not few, or there is no p value" "v['few'] and all('p_value' in f for f in v['fits'])" out
cp out first
run 0 fit --samples "$data/tiny_5.txt" --bootstrap 19 --json -
cmp out first || fail "the same seed gives another p value"

# The plot is well-formed, shows what was chosen and at least a hundred points, and does not get in the way.
run 0 fit --samples "$data/gamma_800.txt" --plot plot.svg --quiet
[ ! -s out ] || fail "--quiet prints the table"
xmllint --noout plot.svg || fail "the plot is not XML"
grep -q 'gamma(shape 3.484, scale 3.698), n = 800' plot.svg || fail "the plot does not name the fit"
[ "$(grep -c "href='#gpPt" plot.svg)" -gt 100 ] || fail "the plot has no points"
! grep -q -i 'nan\|inf' plot.svg || fail "the plot holds numbers that are none"
# Its bars are as high as the sample has values there, from 0 to a twentieth behind where 99.5 % of them end.
"$PYTHON" - "$data/gamma_800.txt" <<'END_OF_PYTHON' || fail "the bars are not the sample's"
import re, sys
values = sorted(float(line.split()[0]) for line in open(sys.argv[1]) if line.strip() and line[0] != '#')
width = 1.05 * values[int(0.995 * len(values) - 0.5)] / 30
counts = [sum(i * width <= v < (i + 1) * width for v in values) for i in range(30)]
bars = []
for points in re.findall(r"fill = 'rgb\(187, 204, 221\)' points = '([^']*)'", open('plot.svg').read()):
    corners = [tuple(map(float, p.split(','))) for p in points.split()]
    x, y = [x for x, _ in corners], [y for _, y in corners]
    bars.append((min(x), max(x) - min(x), max(y) - min(y)))
narrow = min(wide for _, wide, _ in bars) # the key's box is wider
bars = [high for _, wide, high in sorted(bars) if wide < 2 * narrow and high > 0]
counts = [n for n in counts if n > 0]
scale = max(bars) / max(counts)
assert len(bars) == len(counts) > 20 and all(abs(h - scale * n) < 0.5 for h, n in zip(bars, counts)), (bars, [scale * n for n in counts])
END_OF_PYTHON
# Points are drawn left of the sample's least value, too, where the fit has some of its own.
awk 'BEGIN { srand(3); for (i = 0; i < 400; i++) { s = 0; for (k = 0; k < 12; k++) s += rand(); print 100 + 2 * (s - 6) } }' >narrow
run 0 fit --samples narrow --plot narrow.svg --quiet
[ "$(grep -c "href='#gpPt" narrow.svg)" -ge 790 ] || fail "points are missing: $(grep -c "href='#gpPt" narrow.svg) of 800"
for list in cut weighted; do
    run 0 fit --samples $list --plot plot.html
    xmllint --html --noout plot.html 2>/dev/null || fail "the page of $list is not HTML"
    ! grep -q -i 'nan\|=.inf' plot.html || fail "the plot of $list holds numbers that are none"
done

# Without gnuplot this is said, and no file is left.
launch="env PATH=/nonexistent"
refused 4 "gnuplot cannot be run" fit --samples "$data/tiny_5.txt" --plot none.svg
launch=
[ ! -e none.svg ] || fail "a plot that could not be drawn is left behind"

# All errors of a file, each with its place.
printf '1\n-2\nabc\n3 -1\n4 5 6\n>7\n0x10\n9..3\n1e999\nnan\n' >bad
run 3 fit --samples bad
cat >errors <<END
loadcast: bad:2:1: -2 is below 0; durations are 0 or more
loadcast: bad:3:1: 'abc' is not an observation; expected a number, >30 (cut off), <0.5 or 10..20
loadcast: bad:4:3: expected a weight of 0 or more in the second column, found '-1'
loadcast: bad:5:5: expected a value and perhaps its weight, found a third column '6'
loadcast: bad:7:1: '0x10' is not an observation; expected a number, >30 (cut off), <0.5 or 10..20
loadcast: bad:8:1: 9..3 ends before it begins; the smaller number comes first
loadcast: bad:9:1: '1e999' is not an observation; expected a number, >30 (cut off), <0.5 or 10..20
loadcast: bad:10:1: 'nan' is not an observation; expected a number, >30 (cut off), <0.5 or 10..20
END
diff -u errors err >&2 || fail "other messages"
[ ! -s out ] || fail "output in spite of errors"
printf '# nothing\n' >empty
run 3 fit --samples empty
grep -q 'empty: expected observations, one a line, found none' err || fail "an empty list is not told"
printf '5 0\n6 0\n' >weightless
refused 3 "weightless: expected observations, one a line, found none" fit --samples weightless
printf '5\0006\n' >zero_byte
refused 3 "zero_byte:1:1: '5?6' is not an observation" fit --samples zero_byte

# What values were rounded to is said, decided by most of them, and can be stated; nothing is called a clock.
awk 'BEGIN { for (i = 1; i <= 400; i++) print (i * 37) % 40 + 1 }' >whole
run 0 fit --samples whole --json unit.json
grep -q '^Most are multiples of one unit, and were read in units of 1: ' out || fail "the unit is not told: $(cat out)"
! grep -q clock out || fail "numbers are called a clock"
check "the JSON has no unit" "v['unit'] == 1" unit.json
echo 7.125 >>whole
run 0 fit --samples whole
grep -q 'in units of 1: ' out || fail "one value of 401 decides the unit"
grep -q '^0.25 % of them are no multiples' out || fail "what was rounded is not told"
run 0 fit --samples whole --unit none --json unit.json
! grep -q 'in units' out || fail "--unit none has no effect"
check "the JSON has a unit that was refused" "v['unit'] is None" unit.json
run 0 fit --samples whole --unit 0.125
grep -q '^Read in units of 0.125: ' out || fail "a stated unit is not taken"
refused 2 "--unit: expected a number greater than 0 or 'none', found '1ms'" fit --samples whole --unit 1ms

# What nothing is known of beyond a bound is not given an error or a shape.
printf '>30\n>40\n' >beyond
run 0 fit --samples beyond
grep -q '^2 observations from 30 to 40, 2 of them cut off' out || fail "cut off values are not counted"
grep -q 'no family can be fitted as every value is cut off: empirical kept' out || fail "no reason is given"
! grep -q ± out || fail "the mean of cut off values has an error"
printf '<3\n<4\n' >below
run 0 fit --samples below
grep -q '^\* all values can be equal, n = 2' out || fail "intervals are called equal values"
printf '1e300\n2e300\n4e300\n' >huge
run 0 fit --samples huge
! grep -q ' inf' out || fail "a deviation of 1e300 is infinite"
run 3 fit --samples does-not-exist
run 2 fit --samples weighted traces.json
run 4 fit --samples weighted --json no/such/folder/x.json
