#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the same requests in every format that is read, for bench_read: trace_files.py DIRECTORY MEGABYTES [FORMAT…]

A block of requests is written once for each format and then again and again with other ids and times, which stand in it
as marks of the same length, until the file has its size. A request goes from front to stock and from there to price
twice and to a database; rows of DeepFlow observe it in the processes and at the network, records of rosebery are its
steps. Prints the names of the files."""
import base64
import json
import os
import struct
import subprocess
import sys

REQUESTS = 200  # of a block
SECOND = 1700043217  # mark of times: a second of its own for each block
ID = b'\xba\xdc\xaf'  # mark of ids: at a place where base64 has it as four characters
NUMBER = 31415926  # mark of numbers


def varint(n):
    out = b''
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    """Of protobuf: bytes and texts with their length, pairs (fixed64,), and varints."""
    if isinstance(value, tuple):
        return varint(number << 3 | 1) + struct.pack('<Q', value[0])
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def request(i):
    """Spans: id, parent, service, operation, kind (of OTLP), start and end in µs within the second, attributes."""
    at = i * 4000 + i % 7 * 11
    http = {'http.method': 'GET', 'http.route': '/buy/:id', 'http.status_code': '200', 'net.host.name': 'front.example',
            'http.flavor': '1.1', 'thread.id': '17'}
    sql = {'db.system': 'postgresql', 'db.statement': f'SELECT name, price FROM items WHERE id = {i}', 'db.name': 'shop',
           'net.peer.name': 'db.example'}
    call = {'http.method': 'GET', 'http.url': f'http://stock.example/stock/{i}?full=1', 'http.status_code': '200'}
    return [(1, 0, 'front', 'GET /buy/:id', 2, at, at + 3000, http),
            (2, 1, 'front', 'GET', 3, at + 100, at + 2800, call),
            (3, 2, 'stock', 'GET /stock/:id', 2, at + 200, at + 2700, http),
            (4, 3, 'stock', 'SELECT shop.items', 3, at + 300, at + 900 + i % 50, sql),
            (5, 3, 'stock', 'GET', 3, at + 1000, at + 1700, call),
            (6, 5, 'price', 'GET /price/:id', 2, at + 1100, at + 1600, http),
            (7, 3, 'stock', 'GET', 3, at + 1800, at + 2500, call),
            (8, 7, 'price', 'GET /price/:id', 2, at + 1900, at + 2400, http)]


def trace_id(i):
    return bytes(8) + b'\1' + ID + struct.pack('>I', i)


def span_id(n):
    return struct.pack('>Q', 0x5A5A000000000000 + n)


def us(time):
    return SECOND * 1000000 + time


def ns(time):
    return us(time) * 1000


BLOCK = [(i, request(i)) for i in range(REQUESTS)]
SERVICES = ['front', 'stock', 'price']
KINDS = {2: 'SERVER', 3: 'CLIENT'}


def dump(value):
    return json.dumps(value, separators=(',', ':'))


# ---- OTLP and what looks like it -------------------------------------------------------------------------------------

def otlp_span(i, span, text=bytes.hex, kind=int):
    n, parent, _, name, k, start, end, attributes = span
    out = {'traceId': text(trace_id(i)), 'spanId': text(span_id(n)), 'parentSpanId': text(span_id(parent)),
           'name': name, 'kind': kind(k), 'startTimeUnixNano': str(ns(start)), 'endTimeUnixNano': str(ns(end)),
           'attributes': [{'key': key, 'value': {'stringValue': value}} for key, value in attributes.items()],
           'status': {}}
    if parent == 0:
        del out['parentSpanId']
    return out


def otlp_resources(requests, scopes='scopeSpans', **how):
    return [{'resource': {'attributes': [{'key': 'service.name', 'value': {'stringValue': service}},
                                         {'key': 'host.name', 'value': {'stringValue': service + '-host'}},
                                         {'key': 'telemetry.sdk.language', 'value': {'stringValue': 'java'}}]},
             scopes: [{'scope': {'name': 'io.opentelemetry.http', 'version': '1.2'},
                       'spans': [otlp_span(i, s, **how) for i, spans in requests for s in spans if s[2] == service]}]}
            for service in SERVICES]


def base64_text(data):
    return base64.b64encode(data).decode()


def otlp_jsonl():
    return ''.join(dump({'resourceSpans': otlp_resources(BLOCK[k:k + 20])}) + '\n' for k in range(0, REQUESTS, 20))


def jaeger_v3():
    return ''.join(dump({'result': {'resourceSpans': otlp_resources([one])}}) + '\n' for one in BLOCK)


def tempo_v1():
    how = {'text': base64_text, 'kind': lambda k: 'SPAN_KIND_' + KINDS[k], 'scopes': 'instrumentationLibrarySpans'}
    return ''.join(dump({'batches': otlp_resources([one], **how)}) + '\n' for one in BLOCK)


def tempo_v2():
    how = {'text': base64_text, 'kind': lambda k: 'SPAN_KIND_' + KINDS[k]}
    return ''.join(dump({'trace': {'resourceSpans': otlp_resources([one], **how)}}) + '\n' for one in BLOCK)


def pair(key, value):
    return field(1, key) + field(2, field(1, value))


def otlp_message(requests):
    out = b''
    for service in SERVICES:
        resource = b''.join(field(1, pair(key, value)) for key, value in
                            (('service.name', service), ('host.name', service + '-host'), ('telemetry.sdk.language', 'java')))
        spans = b''
        for i, request_spans in requests:
            for n, parent, owner, name, kind, start, end, attributes in request_spans:
                if owner == service:
                    spans += field(2, field(1, trace_id(i)) + field(2, span_id(n)) +
                                   (field(4, span_id(parent)) if parent else b'') + field(5, name) + field(6, kind) +
                                   field(7, (ns(start),)) + field(8, (ns(end),)) +
                                   b''.join(field(9, pair(*item)) for item in attributes.items()))
        out += field(1, field(1, resource) + field(2, field(1, field(1, 'io.opentelemetry.http') + field(2, '1.2')) + spans))
    return out


def otlp_pb():
    return otlp_message(BLOCK)


def otlp_frames():
    messages = [otlp_message(BLOCK[k:k + 20]) for k in range(0, REQUESTS, 20)]
    return b''.join(struct.pack('>I', len(m)) + m for m in messages)


def tempo_pb():
    return b''.join(field(1, otlp_message([one])) for one in BLOCK)


# ---- Jaeger and Zipkin -----------------------------------------------------------------------------------------------

def jaeger_span(i, span):
    n, parent, _, name, kind, start, end, attributes = span
    trace = trace_id(i).hex()
    return {'traceID': trace, 'spanID': span_id(n).hex(), 'operationName': name,
            'references': [{'refType': 'CHILD_OF', 'traceID': trace, 'spanID': span_id(parent).hex()}] if parent else [],
            'startTime': us(start), 'duration': end - start,
            'tags': [{'key': 'span.kind', 'type': 'string', 'value': KINDS[kind].lower()}] +
                    [{'key': key, 'type': 'string', 'value': value} for key, value in attributes.items()], 'logs': []}


def jaeger():
    traces = [{'traceID': trace_id(i).hex(), 'spans': [dict(jaeger_span(i, s), processID=f'p{SERVICES.index(s[2])}',
                                                            warnings=None) for s in spans],
               'processes': {f'p{k}': {'serviceName': service, 'tags': [{'key': 'hostname', 'type': 'string',
                                                                         'value': service + '-host'}]}
                             for k, service in enumerate(SERVICES)}, 'warnings': None} for i, spans in BLOCK]
    return ','.join(map(dump, traces))


def elasticsearch():
    return ''.join(dump(dict(jaeger_span(i, s), startTimeMillis=us(s[5]) // 1000,
                             process={'serviceName': s[2], 'tags': [{'key': 'hostname', 'type': 'string',
                                                                     'value': s[2] + '-host'}]})) + '\n'
                   for i, spans in BLOCK for s in spans)


def zipkin():
    return ','.join(dump({'traceId': trace_id(i).hex(), 'id': span_id(n).hex(),
                          **({'parentId': span_id(parent).hex()} if parent else {}), 'kind': KINDS[kind],
                          'name': name.lower(), 'timestamp': us(start), 'duration': end - start,
                          'localEndpoint': {'serviceName': service, 'ipv4': '10.0.0.1'}, 'tags': attributes})
                    for i, spans in BLOCK for n, parent, service, name, kind, start, end, attributes in spans)


def zipkin_v1():
    out = []
    for i, spans in BLOCK:
        for n, parent, service, name, kind, start, end, attributes in spans:
            here = {'serviceName': service, 'ipv4': '10.0.0.1'}
            words = ('sr', 'ss') if kind == 2 else ('cs', 'cr')
            out.append(dump({'traceId': trace_id(i).hex(), 'id': span_id(n).hex(),
                             **({'parentId': span_id(parent).hex()} if parent else {}), 'name': name.lower(),
                             'timestamp': us(start), 'duration': end - start,
                             'annotations': [{'timestamp': us(t), 'value': word, 'endpoint': here}
                                             for t, word in zip((start, end), words)],
                             'binaryAnnotations': [{'key': key, 'value': value, 'endpoint': here}
                                                   for key, value in attributes.items()]}))
    return ','.join(out)


def zipkin_pb():
    out = b''
    for i, spans in BLOCK:
        for n, parent, service, name, kind, start, end, attributes in spans:
            out += field(1, field(1, trace_id(i)) + (field(2, span_id(parent)) if parent else b'') +
                         field(3, span_id(n)) + field(4, {2: 2, 3: 1}[kind]) + field(5, name.lower()) +
                         field(6, (us(start),)) + field(7, end - start) +
                         field(8, field(1, service) + field(2, b'\n\0\0\1')) +
                         b''.join(field(11, field(1, key) + field(2, value)) for key, value in attributes.items()))
    return out


# ---- SkyWalking ------------------------------------------------------------------------------------------------------

def skywalking():
    """A server's span and the calls below it are a segment."""
    out = []
    for i, spans in BLOCK:
        trace = trace_id(i).hex()
        place = {}  # span → segment, number in it
        for n, parent, service, name, kind, start, end, attributes in spans:
            if kind == 2:
                place[n] = (f'{trace}.{n}', 0)
                segment = {'traceId': trace, 'traceSegmentId': place[n][0], 'service': service,
                           'serviceInstance': service + '-host', 'spans': []}
                out.append(segment)
            else:
                segment = next(s for s in out if s['traceSegmentId'] == place[parent][0])
                place[n] = (segment['traceSegmentId'], len(segment['spans']))
            span = {'spanId': place[n][1], 'parentSpanId': -1 if kind == 2 else place[parent][1], 'operationName': name,
                    'startTime': us(start) // 1000, 'endTime': us(end) // 1000, 'isError': False,
                    'spanType': 'Entry' if kind == 2 else 'Exit', 'spanLayer': 'Database' if 'db.system' in attributes else 'Http',
                    'tags': [{'key': key, 'value': value} for key, value in attributes.items()]}
            if kind == 2 and parent:
                span['refs'] = [{'refType': 'CrossProcess', 'traceId': trace, 'parentTraceSegmentId': place[parent][0],
                                 'parentSpanId': place[parent][1]}]
            segment['spans'].append(span)
    return ','.join(map(dump, out))


# ---- CSV -------------------------------------------------------------------------------------------------------------

def plain_csv():
    return ''.join(f'{trace_id(i).hex()},{span_id(n).hex()},{span_id(parent).hex() if parent else ""},{service},{name},'
                   f'{KINDS[kind].lower()},{us(start)},{end - start}\n'
                   for i, spans in BLOCK for n, parent, service, name, kind, start, end, _ in spans)


def nezha_csv():
    return ''.join(f'{trace_id(i).hex()},{span_id(n).hex()},{span_id(parent).hex() if parent else "root"},'
                   f'{service}-6f6cfc45b-h5m2n,{name},{ns(start)},{ns(end)},{end - start}\n'
                   for i, spans in BLOCK for n, parent, service, name, _, start, end, _ in spans)


def calls():
    """Both sides of each call: time, trace, rpcid, caller, type, callee, interface, time taken."""
    for i, spans in BLOCK:
        rpc = {}
        for n, parent, service, name, kind, start, end, attributes in spans:
            above = next((s for s in spans if s[0] == parent), None)
            if parent == 0:
                rpc[n] = '0'
                yield SECOND * 1000 + start // 1000, trace_id(i), '0', 'USER', 'http', service, name, end - start
            elif kind == 3:
                rpc[n] = f'{rpc[parent]}.{n}'
                callee = next((s[2] for s in spans if s[1] == n), 'db')
                yield (SECOND * 1000 + start // 1000, trace_id(i), rpc[n], service, 'rpc' if callee != 'db' else 'db', callee,
                       name, end - start)
            else:
                rpc[n] = rpc[parent]
                yield SECOND * 1000 + start // 1000, trace_id(i), rpc[n], above[2], 'rpc', service, name, start - end


def callgraph_2021():
    return ''.join(f'{k},{trace.hex()},{at},{rpc},{um},{kind},{dm},{what},{rt / 1000}\n'
                   for k, (at, trace, rpc, um, kind, dm, what, rt) in enumerate(calls()))


def callgraph_2022():
    return ''.join(f'{at},{trace.hex()},S_1,{rpc},{um},{um}_1,{kind},{what},{dm},{dm}_1,{rt // 1000}\n'
                   for at, trace, rpc, um, kind, dm, what, rt in calls())


# ---- DeepFlow --------------------------------------------------------------------------------------------------------

COLUMNS = ['_id', 'signal_source', 'observation_point', 'agent_id', 'type', 'protocol', 'l7_protocol', 'l7_protocol_str',
           'flow_id', 'start_time_us', 'end_time_us', 'response_duration', 'req_tcp_seq', 'resp_tcp_seq',
           'syscall_trace_id_request', 'syscall_trace_id_response', 'syscall_cap_seq_0', 'syscall_cap_seq_1',
           'x_request_id_0', 'x_request_id_1', 'trace_id', 'span_id', 'parent_span_id', 'request_id', 'endpoint',
           'request_type', 'request_domain', 'request_resource', 'response_code', 'process_id_0', 'process_id_1',
           'auto_instance_0', 'auto_instance_type_0', 'auto_instance_1', 'auto_instance_type_1', 'auto_service_0',
           'auto_service_1', 'is_async', 'server_port', 'response_status']


def rows():
    """A call at its client's process and interface and at its server's; each service is a process of one agent."""
    number = 0
    for i, spans in BLOCK:
        for n, parent, service, name, kind, start, end, attributes in spans:
            if kind == 2 and parent:
                continue
            below = next((s for s in spans if s[1] == n and kind == 3), None)
            server = spans[0] if parent == 0 else below
            sides = [('s', 0, 0), ('s-p', 3, 50)] if parent == 0 else [('c-p', 3, 0), ('c', 0, 10)]
            if parent and below:
                sides += [('s', 0, below[5] - start - 30), ('s-p', 3, below[5] - start)]
            # calls of one thread: each answer's id is that of the next request
            brothers = [s[0] for s in spans if s[1] == parent and s[4] == 3] if parent else []
            for side, source, late in sides:
                number += 1
                at_client = side[0] == 'c'
                of = service if at_client or not parent else below[2]
                agent = SERVICES.index(of) + 1
                callee = below[2] if below else 'db' if parent else service
                caller = service if parent else ''
                base = 100 * i
                if side == 'c-p':
                    k = brothers.index(n)
                    ids = (base + 10 * parent + k, base + 10 * parent + k + 1)
                elif side == 's-p':
                    inner = server[0]
                    ids = (base + 10 * inner, base + 10 * inner + sum(1 for s in spans if s[1] == inner and s[4] == 3))
                else:
                    ids = (0, 0)
                words = attributes.get('db.statement', f'/{callee}/1')
                yield [f'{NUMBER}0{number:06d}', source, side, agent, 2, 6, 61 if callee == 'db' else 20,
                       'PostgreSQL' if callee == 'db' else 'HTTP', f'{NUMBER}{i % 100:02d}{n}', us(start + late),
                       us(end - late), end - start - 2 * late, f'{i:04d}{n}11', f'{i:04d}{n}22',
                       *(f'{NUMBER}{x:06d}' if x else '0' for x in ids), 0, 0, '', '', '', '', '', None, words if callee == 'db' else '/buy',
                       'SELECT' if callee == 'db' else 'GET', '' if callee == 'db' else callee + '.example', words,
                       None if callee == 'db' else 200, 100 * agent if at_client and source else 0,
                       0 if at_client or not source else 100 * agent, caller and caller + '-1', 10, callee + '-1', 10, caller,
                       callee, 0, 8080, 0]


def deepflow_columns():
    return ','.join(map(dump, rows()))


def deepflow_rows():
    return ','.join(dump(dict(zip(COLUMNS, row))) for row in rows())


def deepflow_lines():
    return ''.join(dump(dict(zip(COLUMNS, row))) + '\n' for row in rows())


def deepflow_csv():
    def cell(value):
        text = '' if value is None else str(value)
        return f'"{text}"' if ',' in text else text
    return ''.join(','.join(map(cell, row)) + '\n' for row in rows())


def deepflow_tracing():
    """One answer: a trace of the block's first request."""
    spans = []
    for k, row in enumerate(rows()):
        r = dict(zip(COLUMNS, row))
        if k == 16:
            break
        side = 1 if r['observation_point'][0] == 's' else 0
        spans.append({'id': k, '_ids': [r['_id']], 'related_ids': [f"{max(0, k - 1)}-network-{r['_id']}"],
                      'signal_source': r['signal_source'], 'type': 2, 'start_time_us': r['start_time_us'],
                      'end_time_us': r['end_time_us'], 'duration': r['response_duration'], 'selftime': 1,
                      'tap_side': r['observation_point'], 'Enum(tap_side)': '', 'l7_protocol': r['l7_protocol'],
                      'l7_protocol_str': r['l7_protocol_str'], 'endpoint': r['endpoint'],
                      'request_type': r['request_type'], 'request_resource': r['request_resource'], 'response_status': 0,
                      'flow_id': r['flow_id'], 'trace_id': '', 'span_id': '', 'parent_id': k - 1, 'childs': [k + 1],
                      'vtap_id': r['agent_id'], 'app_service': '', 'app_instance': '', 'set_parent_info': 'network mounted',
                      'auto_instance': r[f'auto_instance_{side}'], 'auto_service': r[f'auto_service_{side}']})
    return dump({'OPT_STATUS': 'SUCCESS', 'DESCRIPTION': '', 'DATA': {'tracing': spans}}) + '\n'


# ---- rosebery --------------------------------------------------------------------------------------------------------

STEPS = [('creation', 0, 1), ('path', 1, 12), ('distance', 13, 5), ('distance', 13, 7), ('sum', 21, 2)]


def records():
    for i in range(REQUESTS):
        sequence = f'{i:08x}-0000-4000-8000-{ID.hex()}{i:06x}'
        for k, (step, at, ms) in enumerate(STEPS):
            begin = SECOND * 1000 + 4 * i + at
            yield f'{step}{k % 2 + 1}', step, sequence, begin, begin + ms, ms * 1000000 + 17 * i, k


def rosebery():
    return ''.join(f'{node};{step};{sequence};{begin};{end};{ns_};OK\n'
                   for node, step, sequence, begin, end, ns_, _ in records())


def rosebery_profile():
    out = ''
    for node, step, sequence, begin, end, ns_, _ in records():
        out += f'{node};{step};{sequence};{begin};{end};{ns_};OK\n'
        for at in (begin, end):
            out += f'{at};0.5;0.25;{9000000000 + at % 1000};{4000000000 + at % 100};268435456;1.2E8\n'
    return out


def rosebery_dump():
    return ''.join(f'{NUMBER}{i % 200:03d}{k};{k + 1};{sequence};{begin};{end};{ns_};OK\n'
                   for i, (_, _, sequence, begin, end, ns_, k) in enumerate(records()))


# ---- files -----------------------------------------------------------------------------------------------------------

FORMATS = {  # file: the block, what stands before, between and behind blocks
    'otlp.jsonl': (otlp_jsonl,), 'otlp.pb': (otlp_pb,), 'otlp-frames.pb': (otlp_frames,), 'otlp.pb.zst': (otlp_pb,),
    'jaeger.json': (jaeger, '{"data":[', ',', ']}'), 'jaeger-v3.json': (jaeger_v3,), 'elasticsearch.json': (elasticsearch,),
    'zipkin.json': (zipkin, '[', ',', ']'), 'zipkin-v1.json': (zipkin_v1, '[', ',', ']'), 'zipkin.pb': (zipkin_pb,),
    'tempo-v1.json': (tempo_v1,), 'tempo-v2.json': (tempo_v2,), 'tempo.pb': (tempo_pb,), 'skywalking.json': (skywalking, '[', ',', ']'),
    'plain.csv': (plain_csv, 'trace,span,parent,service,operation,kind,start,duration\n'),
    'nezha.csv': (nezha_csv, 'TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\n'),
    'callgraph-2021.csv': (callgraph_2021, ',traceid,timestamp,rpcid,um,rpctype,dm,interface,rt\n'),
    'callgraph-2022.csv': (callgraph_2022,
                           'timestamp,traceid,service,rpc_id,um,uminstanceid,rpctype,interface,dm,dminstanceid,rt\n'),
    'deepflow-tracing.json': (deepflow_tracing,),
    'deepflow-columns.json': (deepflow_columns, '{"OPT_STATUS":"SUCCESS","DESCRIPTION":"","result":{"columns":' +
                              dump(COLUMNS) + ',"values":[', ',', ']}}'),
    'deepflow-rows.json': (deepflow_rows, '[', ',', ']'), 'deepflow-rows.jsonl': (deepflow_lines,),
    'deepflow.csv': (deepflow_csv, ','.join(COLUMNS) + '\n'),
    'rosebery.csv': (rosebery,), 'rosebery-profile.csv': (rosebery_profile,), 'rosebery-dump.csv': (rosebery_dump,),
}


def write(name, size, make, begin='', between='', end=''):
    block = make()
    block = block if isinstance(block, bytes) else block.encode()
    marks = [str(SECOND).encode(), ID if name.endswith(('.pb', '.zst')) else ID.hex().encode(),
             base64.b64encode(ID), str(NUMBER).encode()]
    with open(name, 'wb') as out:
        out.write(begin.encode())
        number = 0
        while out.tell() < size:
            own = struct.pack('>I', number)[1:]
            values = [str(1700000000 + number).encode(), own if name.endswith(('.pb', '.zst')) else own.hex().encode(),
                      base64.b64encode(own), str(20000000 + number).encode()]
            piece = block
            for mark, value in zip(marks, values):
                piece = piece.replace(mark, value)
            out.write((between.encode() if number else b'') + piece)
            number += 1
        out.write(end.encode())
    if name.endswith('.zst'):
        os.replace(name, name[:-4] + '.tmp')
        subprocess.run(['zstd', '-q', '--rm', '-f', name[:-4] + '.tmp', '-o', name], check=True)


for name in sys.argv[3:] or FORMATS:
    path = os.path.join(sys.argv[1], name)
    write(path, float(sys.argv[2]) * 1e6, *FORMATS[name])
    print(path)
