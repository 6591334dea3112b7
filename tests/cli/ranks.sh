#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Many processes under mpirun: the same bytes for any number of them, one line and one status when something goes wrong.
# Built without MPI, or where there is no mpirun: copies that know nothing of each other are refused.
set -eu
. "$SOURCE/tests/support/cli.sh"
shop=$SOURCE/tests/data/lqn/and-fork-3.lqnx

"$LOADCAST" --version >version
if ! grep -q 'with MPI' version; then
    rm -f copy.json
    OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=0 refused 2 "-DLOADCAST_MPI=ON" simulate "$shop" --json copy.json
    PMI_SIZE=2 PMI_RANK=1 run 2 simulate "$shop" --json copy.json
    [ ! -s err ] || fail "each of the copies says what one should"
    [ ! -e copy.json ] || fail "a copy writes"
    OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0 run 0 simulate "$shop" --precision '20 %' # one is none too many
    exit
fi
command -v mpirun >/dev/null || exit 0

# As root, and more ranks than cores; on one machine, whatever its network.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_plm=isolated

# What the program says, without mpirun's own chatter; volume: bytes between the ranks.
ranks() { # COUNT STATUS ARGUMENTS…
    count=$1 wanted=$2 got=0
    shift 2
    LOADCAST_MPI_VOLUME=1 mpirun -n "$count" "$LOADCAST" "$@" >out 2>all || got=$?
    grep '^loadcast:' all | grep -v 'messages of' >err || :
    volume=$(sed -n 's/.* messages of \([0-9]*\) bytes.*/\1/p' all)
    [ $got -eq "$wanted" ] || { fail "$count ranks: $* gave $got instead of $wanted"; cat out all; }
}

alone() { # STATUS NAME ARGUMENTS…: the result of one process, for `alike`
    status=$1 name=$2
    shift 2
    run "$status" "$@" --json "$name.json"
    mv out "$name.out"
    mv err "$name.err"
    untimed "$name.json" seconds >"$name.bare"
}
timeless() { # FILE: without the seconds that it took
    sed -E 's/ in [0-9.]+ (s|min)\b/ in T/g; s/^seconds .*/seconds/' "$1"
}
alike() { # NAME COUNT ARGUMENTS…: as many ranks, the same bytes
    name=$1 many=$2
    shift 2
    ranks "$many" "$status" "$@" --json many.json
    untimed many.json seconds >many.bare
    same "$name.bare" many.bare
    same "$name.err" err
    timeless "$name.out" >a
    timeless out >b
    same a b
    [ "$volume" -gt 10000 ] || fail "$many ranks: $name: nothing was done elsewhere ($volume bytes)"
}

alone 0 model simulate "$shop" --precision '2 %'
alike model 2 simulate "$shop" --precision '2 %' --jobs 1
alike model 4 simulate "$shop" --precision '2 %' --jobs 2
first=$volume
# Sixteen times the events, and the same results of them: what travels grows with results.
ranks 4 0 simulate "$shop" --precision '0.5 %' --jobs 2 --json fine.json
"$PYTHON" -S -c "
import json, sys
coarse, fine = json.load(open('model.json')), json.load(open('fine.json'))
sys.exit(not (fine['events'] > 8 * coarse['events'] and $volume < 2 * $first))" ||
    fail "volume grows with events: $first bytes, then $volume"
