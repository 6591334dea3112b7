#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Figures of processors beside traces: whatever tool wrote them, the same work is found in them.
set -eu
. "$SOURCE/tests/support/cli.sh"

# A service with two operations, of which one works 10 of 20 ms and the other 30 of 40 ms: what each tool would have
# written of its processors.
"$PYTHON" - <<'END'
import datetime, json

T0, N = 1764460740, 100 # a minute before midnight, UTC
busy = [0.010 * (2 + s % 5) + 0.030 * (1 + (s * 7) % 4) for s in range(N)]
with open('t.csv', 'w') as out:
    print('trace,span,parent,service,operation,kind,start,duration', file=out)
    n = 0
    for s in range(N):
        for count, name, at, length in ((2 + s % 5, 'a', 0, 20000), (1 + (s * 7) % 4, 'b', 500000, 40000)):
            for k in range(count):
                n += 1
                print(f'{n:x},1,,web,GET /{name},server,{(T0 + s) * 10**6 + at + k * 90000},{length}', file=out)

def clock(t, form):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime(form)

def host(name):
    return f'Linux 6.1.0-13-amd64 ({name}) \t{clock(T0, "%m/%d/%Y")} \t_x86_64_\t(4 CPU)\n'

with open('sar24', 'w') as out:
    print(host('web'), file=out)
    for s in range(N):
        if s % 40 == 0:
            print(f'\n{clock(T0 + s, "%H:%M:%S")}  CPU  %user  %nice  %system  %iowait  %steal  %idle', file=out)
        share = 100 * busy[s] / 4
        print(f'{clock(T0 + s + 1, "%H:%M:%S")}  all {share:.3f} 0.00 0.00 5.00 1.00 {94 - share:.3f}', file=out)
    print('Average:  all  3.00 0.00 0.00 5.00 1.00 91.00', file=out)
with open('sar12', 'w') as out: # each processor by itself
    print(host('web'), file=out)
    for s in range(N):
        print(f'\n{clock(T0 + s, "%I:%M:%S %p")}  CPU  %user  %nice  %system  %iowait  %steal  %idle', file=out)
        for cpu in range(4):
            share = 25 * busy[s]
            print(f'{clock(T0 + s + 1, "%I:%M:%S %p")}  {cpu} {share:.3f} 0.00 0.00 0.00 0.00 {100 - share:.3f}', file=out)
with open('pidstat', 'w') as out:
    print(host('node7'), file=out)
    for s in range(N):
        print(f'{clock(T0 + s, "%I:%M:%S %p")}   UID  PID  %usr %system %guest %wait %CPU CPU Command', file=out)
        for pid, command, used in ((11, 'web', busy[s] / 2), (12, 'web', busy[s] / 2), (1, 'systemd', 0.01)):
            print(f'{clock(T0 + s + 1, "%I:%M:%S %p")}  1000  {pid}  {100 * used:.3f} 0.00 0.00 0.10 {100 * used:.3f} 1 {command}',
                  file=out)
        print(file=out)
    print('Average:  1000  11  5.00 0.00 0.00 0.10 5.00  -  web', file=out)
with open('pidstat-h', 'w') as out:
    print(host('node7'), file=out)
    for s in range(N):
        print('# Time  UID  PID  %usr %system %guest %wait %CPU CPU Command', file=out)
        print(f' {T0 + s + 1}  1000  11  {100 * busy[s]:.3f} 0.00 0.00 0.10 {100 * busy[s]:.3f} 1 web\n', file=out)
total = [sum(busy[:s]) for s in range(N + 1)]
def answer(name, *series):
    json.dump({'status': 'success', 'data': {'resultType': 'matrix', 'result': [
        {'metric': metric, 'values': [[T0 + s, repr(v)] for s, v in enumerate(values)]} for metric, values in series]}},
        open(name, 'w'))
counter = {'__name__': 'container_cpu_usage_seconds_total', 'pod': 'web-5b67c48447-mv5hb', 'container': 'web'}
answer('prometheus', (counter, total), ({k: v for k, v in counter.items() if k != 'container'}, total))
answer('rate', ({'service': 'web'}, [0] + busy))
with open('node', 'w') as out:
    print('timestamp,instance,cpu,mode,value', file=out)
    for s in range(N + 1):
        for cpu in range(2):
            print(f'{T0 + s},web,{cpu},user,{total[s] / 2:.6f}\n{T0 + s},web,{cpu},idle,{s - total[s] / 2:.6f}', file=out)
with open('wide', 'w') as out:
    labels = ['{instance="web",cpu="%d",mode="%s"}' % (c, m) for c in (0, 1) for m in ('system', 'idle')]
    print('time;' + ';'.join('"node_cpu_seconds_total' + l.replace('"', '""') + '"' for l in labels), file=out)
    for s in range(N + 1):
        print(f'{T0 + s};' + f'{total[s] / 2:.6f};{s - total[s] / 2:.6f};' * 2, end='\n', file=out)
with open('jvm', 'w') as out:
    for s in range(N + 1):
        b = busy[s - 1] if s else 0
        print(f'web-1;web;{(T0 + s) * 1000};0.2;0.1;0.15;{round(b * 1e9)};{b / 3};{b / 5};{b / 4};268435456;1.2E8;1E8;1.1E8',
              file=out)
END
sed -i 's/;$//' wide

python='
def work(name):
    return next(p for p in v["parameters"] if p["path"] == f"web/GET /{name}.demand")["mean"]'
# As other locales write it, on a host whose kernel's release looks like a date.
sed 's/6\.1\.0-13-amd64/6.1.0/; s,11/29/2025,29.11.2025,; 2,$s/\.\([0-9]\)/,\1/g; s/Average:/Durchschn.:/' sar24 >sar-de
sed 's/ AM / a.m. /; s/ PM / p.m. /' sar12 >sar-es
for file in sar24 sar12 sar-de sar-es pidstat pidstat-h prometheus rate node wide jvm; do
    run 0 fit t.csv --utilization "$file" -o model.yaml --json v.json
    check "$file: $(grep -o '"path": "web[^}]*"mean": [^,]*' v.json)" \
        'abs(work("a") - 0.010) < 2e-6 and abs(work("b") - 0.030) < 2e-6'
done
run 0 fit t.csv --utilization sar24 -o model.yaml
holds err 'sar24: its times name no zone: taken as UTC'
sed 's/^23:59:07/23h59m07s/' sar24 >sar-odd
run 0 fit t.csv --utilization sar-odd -o model.yaml
holds err '1 rows are not understood and left out'

# Whose a host is can be said; what is no service is left out, unless nothing else is there.
sed 's/(web)/(host7)/' sar24 >host
refused 3 "host:5: the traces have no service 'host7'; expected one of web, or SERVICE=host to say whose it is" \
    fit t.csv --utilization host -o never.yaml
run 0 fit t.csv --utilization web=host -o model.yaml --json v.json
check "a host's service" 'abs(work("a") - 0.010) < 2e-6'
refused 3 "host:5: the traces have no service 'shop'" fit t.csv --utilization shop=host -o never.yaml
refused 3 "as well; expected each time once" fit t.csv --utilization web=host,sar24 -o never.yaml
printf 'a,b\n1,2\n' >other
refused 3 'other:1: not known as figures of processors' fit t.csv --utilization other -o never.yaml
printf '{"status":"success","data":{"resultType":"vector","result":[]}}' >vector
refused 3 'vector: expected the answer of Prometheus to a range query (resultType matrix), found vector' \
    fit t.csv --utilization vector -o never.yaml
grep -v Linux sar24 >undated
refused 3 'tells the day, found a time alone' fit t.csv --utilization undated -o never.yaml

# The files of a scenario stand where it does.
mkdir -p sub
cp t.csv host sub
printf 'traces: {files: t.csv, utilization: "web=host"}\nworkloads: [{name: a, entry: "web/GET /a", rate: 1/s}]\n' >sub/s.yaml
run 0 run sub/s.yaml --quiet --json v.json
check "a scenario's figures" \
    'abs(v["points"][0]["result"]["processors"][0]["utilization"]["mean"] / 0.010 - 1) < 0.1'

# What resources say of their deployment is filled in, with its source; sources that contradict each other are told.
"$PYTHON" - <<'END'
import json

def attribute(key, value):
    return {'key': key, 'value': {'stringValue': value} if isinstance(value, str) else {'doubleValue': value}}
with open('k8s.jsonl', 'w') as out:
    for i in range(90):
        start = (1764460740 + i) * 10**9
        told = {'service.name': 'web', 'k8s.pod.name': f'web-5b67c48447-abcd{i % 3}', 'k8s.deployment.replicas': 4.0,
                'k8s.container.cpu_limit': '1500m' if i else 2.0, 'k8s.container.cpu_request': 0.25}
        span = {'traceId': f'{i + 1:032x}', 'spanId': f'{i + 1:016x}', 'name': 'GET /a', 'kind': 2,
                'startTimeUnixNano': start, 'endTimeUnixNano': start + 20 * 10**6}
        print(json.dumps({'resourceSpans': [{'resource': {'attributes': [attribute(*t) for t in told.items()]},
                                             'scopeSpans': [{'spans': [span]}]}]}), file=out)
END
run 0 init k8s.jsonl -o first.yaml
grep -q '^      cores: 2  # .*k8s.container.cpu_limit = 1.5 of 89 requests, rounded up' first.yaml || fail "$(cat first.yaml)"
grep -q '^      replicas: 3  # .*k8s.pod.name tells of 3 pods' first.yaml || fail "$(cat first.yaml)"
holds err "k8s.container.cpu_limit of 'web' is 1.5 in 89 requests and 2 in 1; 1.5 is taken"
holds err "k8s.deployment.replicas of 'web' is 4, and 3 pods were seen; what was seen counts"
"$LOADCAST" run first.yaml --quiet --json first.json >out 2>err || [ $? -eq 5 ] || fail "the first scenario does not run: $(cat err)"
# Without a scenario it is the same answer, and the sources stand in it.
"$LOADCAST" run k8s.jsonl --quiet --json v.json >out 2>err || [ $? -eq 5 ] || fail "traces do not run: $(cat err)"
holds out 'cores of each replica of web: 2; k8s.container.cpu_limit = 1.5 of 89 requests, rounded up to whole cores'
holds out 'replicas of web: 3; 3 instances were seen, 3 at a time; k8s.pod.name tells of 3 pods'
check "the same answer" 'v["saturation"] == json.load(open("first.json"))["saturation"] and [p["result"]["tasks"] for p in
    v["points"]] == [p["result"]["tasks"] for p in json.load(open("first.json"))["points"]]'
check "sources" '{a["key"].rsplit(".", 1)[1] for a in v["assumptions"] if "k8s." in a["evidence"]} == {"cores", "replicas"}'
run 0 fit k8s.jsonl --summary part.gz
"$LOADCAST" fit --merge part.gz -o merged.yaml --json merged.json >/dev/null 2>&1
run 0 fit k8s.jsonl -o model.yaml --json v.json
same v.json merged.json
check "cores" 'any(a["key"] == "deployment.services.web.cores" and a["value"] == "2" for a in v["assumptions"])'
printf 'services: {web: {cores: 8}}\n' >deployment.yaml
run 0 fit k8s.jsonl -d deployment.yaml -o model.yaml
holds err 'deployment.services.web.cores is 8, and k8s.container.cpu_limit = 1.5 of 89 requests, rounded up to whole cores tells 2; the deployment counts'
# The cores of a host stand in sar's first line; here it is known what is work, so that the model has them.
run 0 fit t.csv --utilization sar24 -o model.yaml
holds out 'cores of each replica of web: 4 (sar24:1, cores of its host)'
grep -q 'web: {scheduling: ps, multiplicity: 4}' model.yaml || fail "$(cat model.yaml)"

# Figures beside traces fill in the first scenario, written or not; wrong ones are told wherever they are given.
run 0 init t.csv --utilization sar24 -o sub/first.yaml
grep -q '^      cores: 4  # .*sar24:1, cores of its host' sub/first.yaml || fail "$(cat sub/first.yaml)"
"$LOADCAST" run sub/first.yaml --quiet --json first.json >out 2>err || fail "figures of the first scenario: $(cat err)"
"$LOADCAST" run t.csv --utilization sar24 --quiet --json v.json >out 2>err || fail "figures beside traces: $(cat err)"
holds out 'cores of each replica of web: 4; sar24:1, cores of its host'
check "the same answer with figures" 'v["saturation"] == json.load(open("first.json"))["saturation"]'
check "work of a processor" \
    'abs(v["points"][0]["result"]["processors"][0]["utilization"]["mean"] / sum((4 * 0.010, 2.5 * 0.030)) - 1) < 0.1'
run 5 run sub/s.yaml --utilization prometheus --quiet --json v.json
check "in place of a scenario's" 'abs(v["points"][0]["result"]["processors"][0]["utilization"]["mean"] / 0.010 - 1) < 0.1'
for words in 'init t.csv' 'run t.csv' 'fit t.csv -o never.yaml' 'calibrate t.csv' 'run sub/s.yaml'; do
    # shellcheck disable=SC2086 # words
    refused 3 'other:1: not known as figures of processors' $words --utilization other
done
