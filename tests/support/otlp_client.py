#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of 'loadcast listen' for its test: otlp_client.py LOADCAST

Starts it in the current folder, sends what SDKs send and what they should not, kills it while it writes, and holds what
`extract` reads against what was answered with 200. Prints what fails; 1 if anything does."""
import gzip, http.client, json, os, re, signal, socket, struct, subprocess, sys, threading, time

loadcast = sys.argv[1]
failures = 0
ids = iter(range(1, 1 << 40))
BASE = 1700000000000000000


def check(what, holds, *shown):
    global failures
    if not holds:
        failures += 1
        print('FAILED:', what, *shown)


class Listener:
    def __init__(self, folder, *options, prefix=()):
        self.process = subprocess.Popen([*prefix, loadcast, 'listen', '--http', '127.0.0.1:0', '-o', folder, '--json', '-', *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        found = re.search(r'http://127\.0\.0\.1:(\d+)', line)
        check('it says where it listens', found, line)
        self.port = int(found[1])

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate()
        check('it ends by the signal', self.process.returncode == (-9 if number == signal.SIGKILL else 128 + number),
              self.process.returncode, err)
        return (json.loads(out) if out else None), err

    def post(self, body, kind='application/json', path='/v1/traces', method='POST', **headers):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        headers = {name.replace('_', '-'): value for name, value in headers.items()}
        connection.request(method, path, body, {**({'Content-Type': kind} if kind else {}), **headers})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body


def spans_of(count):
    return [(struct.pack('>QQ', 7, next(ids)), struct.pack('>Q', next(ids)), BASE + i * 1000, BASE + i * 1000 + 500)
            for i in range(count)]


def as_json(spans, indent=None):
    return json.dumps({'resourceSpans': [{
        'resource': {'attributes': [{'key': 'service.name', 'value': {'stringValue': 'front'}}]},
        'scopeSpans': [{'spans': [{'traceId': t.hex(), 'spanId': s.hex(), 'name': 'GET /', 'kind': 2,
                                   'startTimeUnixNano': str(a), 'endTimeUnixNano': str(b)} for t, s, a, b in spans]}]}]},
        indent=indent).encode()


def varint(n):
    out = b''
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def as_protobuf(spans):
    attribute = field(1, b'service.name') + field(2, field(1, b'front'))
    body = b''.join(field(2, field(1, t) + field(2, s) + field(5, b'GET /') + b'\x30\x02' +
                          b'\x39' + struct.pack('<Q', a) + b'\x41' + struct.pack('<Q', b)) for t, s, a, b in spans)
    return field(1, field(1, field(1, attribute)) + field(2, body))


def extracted(*folders):
    done = subprocess.run([loadcast, 'extract', *folders, '--summary', '--json', '-'], capture_output=True, text=True)
    check('extract reads what was received', done.returncode == 0, done.stderr)
    return json.loads(done.stdout) if done.returncode == 0 else {'spans': -1}, done.stderr


def kinds():
    """All that is right, and all that is wrong."""
    at = Listener('one', '--rotate', '0.002', '--max-request', '1')
    sent = 0
    for body, kind, headers in [
            (as_json(spans_of(3)), 'application/json', {}),
            (as_json(spans_of(3), indent=1), 'application/json; charset=utf-8', {}),
            (as_protobuf(spans_of(3)), 'application/x-protobuf', {}),
            (gzip.compress(as_json(spans_of(3))), 'application/json', {'Content_Encoding': 'gzip'}),
            (gzip.compress(as_protobuf(spans_of(3))), 'application/x-protobuf', {'Content_Encoding': 'gzip'}),
            (gzip.compress(as_json(spans_of(3))[:100]) + gzip.compress(b'x')[:0], None, None)][:5]:
        for _ in range(4):
            answer, text = at.post(body, kind, **headers)
            check(kind, answer.status == 200 and text == (b'' if 'proto' in kind else b'{}'), answer.status, text)
            check('the same type', answer.headers['Content-Type'] == kind.split(';')[0], answer.headers)
        sent += 3
        check('at any time', extracted('one')[0]['spans'] == sent)
    for body, kind, text in [(b'{}', 'application/json', b'{}'), (b'', 'application/x-protobuf', b''),
                             (b'{"resourceSpans": []}', 'application/json', b'{}')]:
        answer, got = at.post(body, kind)
        check('a request without spans', answer.status == 200 and got == text, answer.status, got)
    # Spans without ids are told, the others kept.
    bad = spans_of(4)
    bad[1] = (bytes(16), *bad[1][1:])
    bad[2] = (bad[2][0], b'\0' * 8, *bad[2][2:])
    answer, text = at.post(as_json(bad))
    partial = json.loads(text).get('partialSuccess', {})
    check('partial success', answer.status == 200 and partial.get('rejectedSpans') == '2' and partial.get('errorMessage'), text)
    answer, text = at.post(as_protobuf(bad), 'application/x-protobuf')
    check('partial success in protobuf', answer.status == 200 and text[:1] == b'\x0a' and text[2:4] == b'\x08\x02', text)
    sent += 2
    wrong = [(400, as_json(spans_of(1))[:-9], {}), (400, b'', {}), (400, b'[]', {}), (400, b'null', {}),
             (400, b'{"data": [{"traceID": "1", "spans": [], "processes": {}}]}', {}), (400, b'{"other": 1}', {}),
             (400, as_protobuf(spans_of(1))[:-3], {'kind': 'application/x-protobuf'}),
             (400, b'{"resourceSpans": []}', {'kind': 'application/x-protobuf'}),
             (400, gzip.compress(as_json(spans_of(1)))[:-9], {'Content_Encoding': 'gzip'}),
             (400, as_json(spans_of(1)), {'Content_Encoding': 'gzip'}),
             (413, gzip.compress(b' ' * 50000000), {'Content_Encoding': 'gzip'}), (413, b' ' * 2000000, {}),
             (415, b'x', {'kind': 'text/plain'}), (415, b'x', {'kind': None}), (415, b'x', {'Content_Encoding': 'br'}),
             (404, b'{}', {'path': '/v1/nothing'}), (404, b'{}', {'path': '/'}), (405, None, {'method': 'GET'})]
    for status, body, options in wrong:
        answer, text = at.post(body, **options)
        check(f'{status} for {body and body[:40]} {options}', answer.status == status, answer.status, text)
        if options.get('kind') == 'application/x-protobuf':
            check('a status in protobuf', text[:3] == b'\x08\x03\x12', text)
        else:
            check('a status in JSON', json.loads(text)['message'] and json.loads(text)['code'], text)
    check('who may send what', at.post(None, method='GET')[0].headers['Allow'] == 'POST')
    # Metrics and logs come unasked.
    for path in ('/v1/metrics', '/v1/logs', '/v1/logs'):
        answer, text = at.post(b'{"resourceMetrics": []}', path=path)
        check(path, answer.status == 200 and text == b'{}', answer.status, text)
    again = subprocess.run([loadcast, 'listen', '--http', f'127.0.0.1:{at.port}', '-o', 'one'], capture_output=True, text=True)
    check('a port in use', again.returncode == 4 and again.stderr.count('\n') == 1 and 'in use' in again.stderr, again)
    # A second one into the same folder.
    second = Listener('one')
    check('a second listener', second.post(as_json(spans_of(5)))[0].status == 200)
    sent += 5
    second.end(signal.SIGINT)
    counts, err = at.end()
    check('what came is told', counts['spans'] == 4 * 15 + 4 and counts['rejected_spans'] == 4 and counts['metrics_requests'] == 1 and
          counts['logs_requests'] == 2 and counts['refused_requests'] == len(wrong) + 1 and counts['files'] > 4, counts)
    check('nothing went wrong', err == '', err)
    check('all is there', extracted('one')[0]['spans'] == sent, extracted('one')[0]['spans'], sent)
    names = os.listdir('one')
    check('names of files', all(re.fullmatch(r'traces-\d{8}T\d{6}\.\d{6}Z-\d+\.(jsonl|pb)', n) for n in names), names)


def pressure():
    """Requests that do not end hold the memory; others are put off, and none is lost."""
    at = Listener('two', '--memory', '0.1', '--max-request', '1')
    slow = []
    for _ in range(8):
        s = socket.create_connection(('127.0.0.1', at.port))
        s.sendall(b'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n' + b' ' * 16000)
        slow.append(s)
    for _ in range(200): # with what any of them leaves too little room for
        answer, text = at.post(as_json(spans_of(1)) + b' ' * 90000)
        if answer.status == 429:
            break
        time.sleep(0.02)
    check('429 under pressure', answer.status == 429 and answer.headers['Retry-After'] == '1', answer.status, text)
    for s in slow:
        s.close()
    for _ in range(200):
        if at.post(as_json(spans_of(1)))[0].status == 200:
            break
        time.sleep(0.02)
    else:
        check('it recovers', False)
    at.end()


def crowd():
    """Three hundred clients that send slowly, or nothing, are more than there are places: who comes then is served."""
    at = Listener('five')
    slow = []
    for i in range(300):
        s = socket.create_connection(('127.0.0.1', at.port))
        s.sendall((b'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n{')[:1 + 40 * (i % 4)])
        slow.append(s)
    begin = time.monotonic()
    check('a client beside slow ones', at.post(as_json(spans_of(1)))[0].status == 200)
    check('and at once', time.monotonic() - begin < 30, time.monotonic() - begin)
    for s in slow:
        s.close()
    counts, _ = at.end()
    check('how many made room', counts['closed_connections'] >= 300 - 256, counts)


def full_disk():
    """No file may be longer than 8 kB, as on a disk that is full: refused, told once, and what was answered is there."""
    at = Listener('three', prefix=['sh', '-c', 'ulimit -f 16; exec "$@"', 'sh'])
    accepted = 0
    for _ in range(12):
        answer, _ = at.post(as_json(spans_of(10)))
        check('200 or 503', answer.status in (200, 503), answer.status)
        accepted += 10 * (answer.status == 200)
        last = answer
    check('a full disk refuses', last.status == 503 and last.headers['Retry-After'] and accepted > 0, last.status, accepted)
    check('what was accepted is there', extracted('three')[0]['spans'] == accepted)
    _, err = at.end()
    check('it is told once', err.count('cannot be written') == 1, err)


def killed():
    """Four clients; the listener is killed while they send, twice: what was answered with 200 is there."""
    accepted, stop = set(), threading.Event()
    lock = threading.Lock()
    current = [Listener('four', '--rotate', '0.02')]

    def client(protobuf):
        while not stop.is_set():
            spans = spans_of(20)
            try:
                answer, _ = current[0].post((as_protobuf if protobuf else as_json)(spans),
                                            'application/x-protobuf' if protobuf else 'application/json')
                if answer.status == 200:
                    with lock:
                        accepted.update(s.hex() for _, s, _, _ in spans)
            except OSError:
                time.sleep(0.01)
            except http.client.HTTPException:
                pass

    threads = [threading.Thread(target=client, args=(i % 2,)) for i in range(4)]
    for t in threads:
        t.start()
    for wanted in (400, 800):
        while len(accepted) < wanted:
            time.sleep(0.01)
        current[0].end(signal.SIGKILL)
        with lock:
            sure = set(accepted)
        # At once, without another start: the end of a file may be cut off, of what was never answered.
        read = {s for f in os.listdir('four') if not f.startswith('.') for s in spans_in('four/' + f)}
        check('all that was answered is in the files', sure <= read, len(sure), len(read))
        check('and read', extracted('four')[0]['spans'] == len(read), len(read))
        current[0] = Listener('four', '--rotate', '0.02')
    stop.set()
    for t in threads:
        t.join()
    current[0].end()
    check('all is there', extracted('four')[0]['spans'] >= len(accepted))
    check('nothing is left', not [n for n in os.listdir('four') if n.startswith('.')], os.listdir('four'))


def spans_in(file):
    """The ids of spans in whole records, by other means than the program's."""
    data = open(file, 'rb').read()
    if file.endswith('.jsonl'):
        return [s for line in data.split(b'\n')[:-1] for s in re.findall(rb'"spanId": "(\w+)"', line)
                for s in [s.decode()]]
    out, at = [], 0
    while at + 4 <= len(data) and at + 4 + int.from_bytes(data[at:at + 4], 'big') <= len(data):
        length = int.from_bytes(data[at:at + 4], 'big')
        out += [s.hex() for s in re.findall(rb'\x12\x08(.{8})\x2a\x05GET /', data[at + 4:at + 4 + length], re.S)]
        at += 4 + length
    return out


kinds()
pressure()
crowd()
full_disk()
killed()
sys.exit(failures > 0)
