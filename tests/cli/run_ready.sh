#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The ready scenarios of questions above single points, with as little simulation as they can do with.
set -u
. "$SOURCE/tests/support/cli.sh"

for name in growth history capacity sweep cost; do
    sed -e "s|model: shop|model: $SOURCE/scenarios/shop|" -e "s|history: shop|history: $SOURCE/scenarios/shop|" \
        -e 's/precision: [0-9]* %/replications: 4, run_time: 200 s, warmup: 20 s/' "$SOURCE/scenarios/$name.yaml" >s.yaml
    "$LOADCAST" run s.yaml --json v.json >out 2>err
    case $? in
    0 | 1 | 5) ;; # which is no question of this test
    *) fail "scenarios/$name.yaml"; cat out err ;;
    esac
    case $name in
    growth) holds out "2027-03-24" ;; # 80 % of × 1 / 0.56: ln(1.42857) / ln(1.1) = 3.742 months
    history) holds out "by the trend of 26 points" ;;
    capacity) holds out "buyers" ;;
    sweep) holds out "update.demand" ;;
    cost) holds out "cost a month" ;;
    esac
done
