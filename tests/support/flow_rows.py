#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traces in OTLP, one a line → rows of DeepFlow's l7_flow_log, as agents would write them: flow_rows.py FILE >ROWS

Nothing of the traces' ids is kept. A server's span is seen in its process (s-p) and at its network interface (s), a
client's in its process (c-p) and at its interface (c). A service called wire is the network between a client and a
server: of its time a tenth is spent in the client's host (c-p to c), three tenths in the server's (s to s-p), both before
the request is there. Sequence numbers are those of the connection's messages. Each
service has one agent; its threads have a syscall id for each message that comes in, which the next message out takes."""
import json
import sys

COLUMNS = ['_id', 'signal_source', 'tap_side', 'vtap_id', 'type', 'protocol', 'l7_protocol', 'flow_id', 'start_time_us',
           'end_time_us', 'req_tcp_seq', 'resp_tcp_seq', 'syscall_trace_id_request', 'syscall_trace_id_response',
           'endpoint', 'process_id_0', 'process_id_1', 'auto_instance_0', 'auto_instance_1', 'auto_service_0',
           'auto_service_1', 'response_status']
numbers = {'row': 7301444403200000000, 'seq': 1000, 'syscall': 10**15}
agents, rows = {}, []


def next_of(what):
    numbers[what] += 1
    return numbers[what]


def put(side, span, start, end, messages, syscalls, peer):
    at_client, process = side[0] == 'c', side.endswith('-p')
    own, agent = span['service'], agents.setdefault(span['service'], len(agents) + 1)
    names = (own, peer) if at_client else (peer, own)
    pid = 100 * agent if process else 0
    rows.append([str(next_of('row')), 3 if process else 0, side, agent, 2, 6, 20, messages[0], start, end,
                 messages[1] % 2**32, messages[2] % 2**32, syscalls[0], syscalls[1], span['name'],
                 pid if at_client else 0, 0 if at_client else pid, names[0] and names[0] + '-1', names[1] and names[1] + '-1',
                 names[0], names[1], 0])


def serve(span, children, caller, messages, queued):
    """A request in its server, and all calls that it made, one after the other."""
    calls = [c for c in sorted(children.get(span['id'], []), key=lambda c: c['start']) if c['kind'] == 3]
    taken = first = next_of('syscall')
    for call in calls:
        answered = next_of('syscall')
        below = [s for s in children.get(call['id'], []) if s['kind'] == 2]
        while below and below[0]['service'] == 'wire':  # through the network
            below = [s for c in children[below[0]['id']] for s in children[c['id']] if s['kind'] == 2]
        way = max(0, below[0]['start'] - call['start']) if below else 0
        pair = (next_of('seq'), next_of('seq'), next_of('seq'))
        peer = below[0]['service'] if below else call['name'].split('/')[0]
        if below:  # what is asked for is what the server sees
            call['name'] = below[0]['name']
        put('c-p', call, call['start'], call['end'], pair, (taken, answered), peer)
        put('c', call, call['start'] + way // 10, call['end'], pair, (0, 0), peer)
        for server in below:
            serve(server, children, call['service'], pair, 3 * way // 10)
        taken = answered
    put('s-p', span, span['start'], span['end'], messages, (first, taken), caller)
    put('s', span, span['start'] - queued, span['end'], messages, (0, 0), caller)


for line in open(sys.argv[1], encoding='utf-8'):
    spans, children = [], {}
    for resource in json.loads(line)['resourceSpans']:
        service = next(a['value']['stringValue'] for a in resource['resource']['attributes'] if a['key'] == 'service.name')
        for scope in resource['scopeSpans']:
            for s in scope['spans']:
                spans.append({'id': s['spanId'], 'parent': s.get('parentSpanId'), 'name': s['name'], 'kind': s['kind'],
                              'service': service, 'start': int(s['startTimeUnixNano']) // 1000,
                              'end': int(s['endTimeUnixNano']) // 1000})
    for s in spans:
        children.setdefault(s['parent'], []).append(s)
    known = {s['id'] for s in spans}
    for s in spans:
        if s['kind'] == 2 and s['parent'] not in known:
            serve(s, children, '', (next_of('seq'), next_of('seq'), next_of('seq')), 0)
rows.sort(key=lambda r: r[0][::-1])  # in an order that tells nothing
json.dump({'OPT_STATUS': 'SUCCESS', 'DESCRIPTION': '', 'result': {'columns': COLUMNS, 'values': rows}}, sys.stdout)
