#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of traces for the tests of --from: trace_server.py FOLDER [CERTIFICATE KEY]

Writes its ports to FOLDER/ports (http, another http, https) and a line for each request to FOLDER/requests. The first
part of a path says how it behaves (BEHAVIOURS), the rest is that of Jaeger, Zipkin, Tempo, Elasticsearch or DeepFlow.
They hold the same traces: one a second from BASE on, of two spans. Ends with its standard input."""
import datetime, gzip, http.server, json, os, socket, ssl, struct, sys, threading, time
from urllib.parse import parse_qs, urlsplit

BASE, COUNT = 1700000000, 700
TOKEN = 'sesame-opens'
folder = sys.argv[1]
tries = {}
lock = threading.Lock()


def trace(i):
    start = (BASE + i) * 1000000
    return {'id': '%032x' % (i + 1), 'start': start,
            'spans': [('%016x' % (2 * i + 1), '', 'front', 'GET /buy', 'server', start, 100000),
                      ('%016x' % (2 * i + 2), '%016x' % (2 * i + 1), 'stock', 'GET /stock', 'server', start + 10000, 80000)]}


def within(first, last, limit):
    """Newest first, as most servers do."""
    found = [i for i in range(COUNT) if first <= (BASE + i) * 1000000 <= last]
    return [trace(i) for i in found[::-1][:limit]]


def jaeger(t):
    return {'traceID': t['id'], 'processes': {s[2]: {'serviceName': s[2], 'tags': []} for s in t['spans']}, 'warnings': None,
            'spans': [{'traceID': t['id'], 'spanID': s[0], 'operationName': s[3], 'startTime': s[5], 'duration': s[6],
                       'processID': s[2], 'tags': [{'key': 'span.kind', 'type': 'string', 'value': s[4]}],
                       'references': [{'refType': 'CHILD_OF', 'traceID': t['id'], 'spanID': s[1]}] if s[1] else []}
                      for s in t['spans']]}


def zipkin(t):
    return [{'traceId': t['id'], 'id': s[0], 'name': s[3].lower(), 'kind': s[4].upper(), 'timestamp': s[5],
             'duration': s[6], 'localEndpoint': {'serviceName': s[2]}, **({'parentId': s[1]} if s[1] else {})}
            for s in t['spans']]


def otlp(t):
    return [{'resource': {'attributes': [{'key': 'service.name', 'value': {'stringValue': s[2]}}]},
             'scopeSpans': [{'spans': [{'traceId': t['id'], 'spanId': s[0], 'parentSpanId': s[1], 'name': s[3],
                                        'kind': 'SPAN_KIND_' + s[4].upper(), 'startTimeUnixNano': str(s[5] * 1000),
                                        'endTimeUnixNano': str((s[5] + s[6]) * 1000)}]}]} for s in t['spans']]


def varint(n):
    return (bytes([n & 127 | 128]) + varint(n >> 7)) if n > 127 else bytes([n])


def field(number, content):
    if isinstance(content, int):  # fixed64 above 2^32, else a varint
        return varint(number << 3 | 1) + struct.pack('<Q', content) if content >> 32 else varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def otlp_protobuf(t):
    def span(s):
        return (field(1, bytes.fromhex(t['id'])) + field(2, bytes.fromhex(s[0])) + field(4, bytes.fromhex(s[1])) + field(5, s[3]) +
                field(6, 2) + field(7, s[5] * 1000) + field(8, (s[5] + s[6]) * 1000))
    return b''.join(field(1, field(1, field(1, field(1, 'service.name') + field(2, field(1, s[2])))) + field(2, field(2, span(s))))
                    for s in t['spans'])


def document(t, s):
    return {'traceID': t['id'], 'spanID': s[0], 'operationName': s[3], 'startTime': s[5], 'startTimeMillis': s[5] // 1000,
            'duration': s[6], 'tags': [{'key': 'span.kind', 'type': 'string', 'value': s[4]}],
            'process': {'serviceName': s[2], 'tags': []},
            'references': [{'refType': 'CHILD_OF', 'traceID': t['id'], 'spanID': s[1]}] if s[1] else []}


def elasticsearch(query):
    spans = [(t, s) for t in map(trace, range(COUNT)) for s in t['spans']]
    for f in query['query']['bool']['filter']:
        if 'range' in f:
            r = f['range']['startTimeMillis']
            spans = [(t, s) for t, s in spans if r['gte'] <= s[5] // 1000 <= r['lte']]
        elif 'traceID' in f['terms']:
            spans = [(t, s) for t, s in spans if t['id'] in f['terms']['traceID']]
        else:
            spans = [(t, s) for t, s in spans if s[2] in f['terms']['process.serviceName']]
    answer = {'timed_out': False, '_shards': {'total': 1, 'failed': 0}, 'hits': {'hits': []}}
    if 'aggs' in query:
        c = query['aggs']['traces']['composite']
        ids = sorted({t['id'] for t, s in spans if t['id'] > c.get('after', {'id': ''})['id']})[:c['size']]
        answer['aggregations'] = {'traces': {'buckets': [{'key': {'id': i}, 'doc_count': 2} for i in ids]}}
        if ids:
            answer['aggregations']['traces']['after_key'] = {'id': ids[-1]}
        return answer
    found = sorted(([s[5], t['id'], s[0]], document(t, s)) for t, s in spans)
    found = [f for f in found if f[0] > query.get('search_after', [0])][:min(query['size'], 300)]
    answer['hits']['hits'] = [{'_index': 'jaeger-span-x', '_id': str(k[2]), '_source': d, 'sort': k} for k, d in found]
    return answer


def oracle_rows(names):
    """Of a case that tells what belongs together; all within the first second."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../data/deepflow/A_two_sequential_calls.rows.json')) as f:
        result = json.load(f)['result']
    return [[dict(zip(result['columns'], row)).get(name, '') for name in names] for row in result['values']]


def deepflow(form, oracle):
    sql = form['sql'][0]
    assert form['db'] == ['flow_log'] and ' FROM l7_flow_log WHERE ' in sql
    names = [c.split(' AS ')[-1].strip() for c in sql[len('SELECT '):sql.index(' FROM ')].split(',')]
    first, last, limit = (int(sql.split(word)[1].split()[0]) for word in ('time>=', 'time<=', 'LIMIT '))
    rows = oracle_rows(names) if oracle and first <= BASE <= last else []
    for i in range(0 if oracle else COUNT):
        if first <= BASE + i <= last:
            for n, s in enumerate(trace(i)['spans']):
                row = dict.fromkeys(names)
                row.update(_id=str((BASE + i) << 32 | n), tap_side='s-p', type=2, signal_source=3, start_time_us=s[5],
                           end_time_us=s[5] + s[6], response_duration=s[6], auto_service_1=s[2], endpoint=s[3],
                           vtap_id=1, trace_id=trace(i)['id'], span_id=s[0], parent_span_id=s[1], flow_id=str(2 * i + n + 1))
                rows.append([row[n] for n in names])
    return {'OPT_STATUS': 'SUCCESS', 'DESCRIPTION': '', 'result': {'columns': names, 'values': rows[:limit]}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    wbufsize = 65536
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=(), length=None, kind='application/json'):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def end(self):
        self.wfile.flush()
        self.close_connection = True

    def content(self, path, q, body):
        def number(name, unit=1):
            return int(q[name][0]) * unit
        if self.behaviour.startswith('v3'):  # of Jaeger, without what was there before
            return self.version_3(path, q)
        if path == '/api/services':
            return {'data': ['front', 'stock', 'jaeger-query']}
        if path == '/api/traces':
            return {'data': [jaeger(t) for t in within(number('start'), number('end'), number('limit'))
                             if q['service'][0] in ('front', 'stock')], 'errors': None}
        if path == '/api/v2/services':
            return ['front', 'stock']
        if path == '/api/v2/traces':
            return [zipkin(t) for t in within(number('endTs', 1000) - number('lookback', 1000), number('endTs', 1000), number('limit'))]
        if path == '/api/search':
            if 'limit' not in q or not q['q'][0].startswith('{'):
                return None
            return {'traces': [{'traceID': t['id'].lstrip('0')} for t in
                               within(number('start', 1000000), number('end', 1000000) - 1, number('limit'))]}
        if path.startswith('/api/traces/'):
            return {'batches': otlp(trace(int(path.split('/')[-1], 16) - 1))}
        if path.startswith('/api/v2/traces/') and self.behaviour != 'v1':
            return {'trace': {'resourceSpans': otlp(trace(int(path.split('/')[-1], 16) - 1))}, 'metrics': {}}
        if path.endswith('/_search'):
            return elasticsearch(json.loads(body))
        if path == '/v1/query/':
            return deepflow(parse_qs(body.decode()), self.behaviour == 'oracle')
        return None

    def version_3(self, path, q):
        if path == '/api/v3/services':
            return {'services': ['front', 'stock', 'jaeger']}
        if path != '/api/v3/traces' or q['query.raw_traces'] != ['true'] or q['query.service_name'][0] not in ('front', 'stock'):
            return None
        first, last = (int(datetime.datetime.fromisoformat(q['query.start_time_' + end][0].replace('Z', '+00:00')).timestamp() * 1e6)
                       for end in ('min', 'max'))
        found = within(first, last, int(q['query.num_traces'][0]))
        if not found:
            return None  # "No traces found", with status 404
        return {'result': {'resourceSpans': [r for t in found for r in otlp(t)]}}

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        url = urlsplit(self.path)
        self.behaviour, _, path = url.path[1:].partition('/')
        path, q = '/' + path, parse_qs(url.query)
        authorization = self.headers.get('Authorization', '')
        with lock:
            tries[url.path] = tries.get(url.path, 0) + 1
            n = tries[url.path]
            with open(folder + '/requests', 'a') as out:
                out.write('%s %s %s %s\n' % (self.server.server_port, self.command, self.path, authorization or '-'))
        content = self.content(path, q, body)
        good = json.dumps(content, indent=1 if self.behaviour == 'lines' else None).encode()
        misbehave = getattr(self, 'be_' + self.behaviour, None)
        if content is None:
            self.answer(404, b'404 page not found', kind='text/plain')
        elif misbehave is None or (path.endswith('/services') and self.behaviour != 'down'):
            self.answer(200, good)
        else:
            misbehave(good, n, authorization)

    do_POST = do_GET

    def be_slow(self, good, n, authorization):
        self.answer(200, good[:len(good) // 2], length=len(good))
        self.wfile.flush()
        time.sleep(30)
        self.end()

    def be_cut(self, good, n, authorization):
        self.answer(200, good[:len(good) // 2], length=len(good))
        self.end()

    def be_cutonce(self, good, n, authorization):
        self.be_cut(good, n, authorization) if n == 1 else self.answer(200, good)

    def be_reset(self, good, n, authorization):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.close_connection = True

    def be_flaky(self, good, n, authorization):
        self.answer(500, b'{"errors": [{"msg": "not yet"}]}') if n < 3 else self.answer(200, good)

    def be_broken(self, good, n, authorization):
        self.answer(500, b'{"errors": [{"msg": "the store\nis \x1b[31mdown"}]}')

    def be_short(self, good, n, authorization):
        self.answer(200, good, length=len(good) // 2)
        self.end()

    def be_loop(self, good, n, authorization):
        self.answer(302, b'', [('Location', self.path)])

    def be_away(self, good, n, authorization):
        self.answer(302, b'', [('Location', 'http://localhost:%d%s' % (other.server_port, self.path.replace('/away/', '/plain/')))])

    def be_file(self, good, n, authorization):
        self.answer(302, b'', [('Location', 'file:///etc/passwd')])

    def be_endless(self, good, n, authorization):
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.end_headers()
        try:
            self.wfile.write(b'{"data": [')
            for _ in range(20000):
                self.wfile.write(b' ' * 65536)
        except OSError:
            pass
        self.end()

    def be_long(self, good, n, authorization):  # in its header
        self.answer(200, good, [('X-Long', 'x' * 3000000)])

    def be_down(self, good, n, authorization):
        self.answer(200, b'{"data": null, "errors": [{"code": 500, "msg": "storage is down"}]}')

    def be_html(self, good, n, authorization):
        self.answer(200, b'<!DOCTYPE html>\n<html><title>Sign in</title></html>', kind='text/html')

    def be_gzip(self, good, n, authorization):
        self.answer(200, gzip.compress(good), [('Content-Encoding', 'gzip')])

    def be_bomb(self, good, n, authorization):
        self.answer(200, gzip.compress(b'{"data": [' + b' ' * 5000000), [('Content-Encoding', 'gzip')])

    def be_auth(self, good, n, authorization):
        if authorization in ('Bearer ' + TOKEN, 'Basic bWU6c2VzYW1lLW9wZW5z'):
            self.answer(200, good)
        else:
            self.answer(401, b'you said ' + authorization.encode())

    def be_empty(self, good, n, authorization):
        self.answer(200, b'')

    def be_none(self, good, n, authorization):
        self.answer(200, b'{"data": [], "errors": null}')

    def be_partly(self, good, n, authorization):
        self.answer(200, good[:-5] + b'[{"code": 500, "msg": "a shard is away"}]}')

    def be_busy(self, good, n, authorization):
        self.answer(429, b'', [('Retry-After', '0')]) if n == 1 else self.answer(200, good)

    def be_later(self, good, n, authorization):
        self.answer(429, b'', [('Retry-After', '3600')])

    def be_other(self, good, n, authorization):
        self.answer(200, b'{"status": "ok"}')

    def be_capped(self, good, n, authorization):
        content = json.loads(good)
        content['data'] = content['data'][:30]
        self.answer(200, json.dumps(content).encode())

    def be_v3chunks(self, good, n, authorization):  # a stream of gRPC's gateway
        chunks = [{'result': {'resourceSpans': [r]}} for r in json.loads(good)['result']['resourceSpans']]
        self.answer(200, b'\n'.join(json.dumps(c).encode() for c in chunks))

    def be_v3error(self, good, n, authorization):
        self.answer(200, good + b'{"error": {"httpCode": 500, "message": "a shard is away"}}')

    def be_protobuf(self, good, n, authorization):  # of traces, whatever was asked for
        path = urlsplit(self.path).path.split('/')
        if path[-2] != 'traces':
            self.answer(200, good)
            return
        data = otlp_protobuf(trace(int(path[-1], 16) - 1))
        self.answer(200, field(1, data) + field(2, b'') if path[-3] == 'v2' else data, kind='application/protobuf')

    def be_lines(self, good, n, authorization):
        self.answer(200, good)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server, other, safe = (Server(('127.0.0.1', 0), Handler) for _ in range(3))
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    safe.socket = context.wrap_socket(safe.socket, server_side=True)
for s in (server, other, safe):
    threading.Thread(target=s.serve_forever, daemon=True).start()
with open(folder + '/ports.new', 'w') as out:
    out.write('%d %d %d\n' % tuple(s.server_port for s in (server, other, safe)))
os.rename(folder + '/ports.new', folder + '/ports')
sys.stdin.read()
