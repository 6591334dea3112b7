#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# scenarios/cluster: what it starts, and that its model is that of all traces, as far as one machine can tell.
set -eu
. "$SOURCE/tests/support/cli.sh"
cluster=$SOURCE/scenarios/cluster
export LOADCAST

# Slurm starts the program with the options of the job, where all ranks are one here.
mkdir -p bin
cat >bin/srun <<'EOF'
#!/bin/sh
echo "srun $*" >>srun.log
while case $1 in -*) ;; *) false ;; esac; do shift; done
exec "$@"
EOF
chmod +x bin/srun
rm -f srun.log
(
    export PATH="$PWD/bin:$PATH" COMMAND=simulate SLURM_CPUS_PER_TASK=2
    sh "$cluster/run.sbatch" "$SOURCE/tests/data/lqn/and-fork-3.lqnx" --precision '20 %' --json job.json >out 2>err
) || fail "the job script: $(cat err)"
holds srun.log "simulate"
holds srun.log "--jobs 2"
check "the job simulates" "v['replications'] >= 10" job.json
sed -n 's/^#SBATCH //p' "$cluster/run.sbatch" | grep -q -- --ntasks= || fail "the job asks for no ranks"

# Without MPI: summaries of the files side by side, and their sum.
mkdir -p traces
for r in 1 2; do
    gzip -dc "$SOURCE/scenarios/search/traces/full-seq-r$r.otlp.jsonl.gz" | head -n 24 >"traces/r$r.jsonl"
done
"$LOADCAST" fit traces -o one.yaml --release r1 --quiet 2>err || fail "$(cat err)"
sh "$cluster/fit.sh" merged.yaml traces/*.jsonl -- --release r1 >out 2>err || fail "fit.sh: $(cat err)"
same one.yaml merged.yaml
got=0
sh "$cluster/fit.sh" merged.yaml traces/none.jsonl >out 2>err || got=$?
[ $got -ne 0 ] || fail "a file that is not there is passed over"
