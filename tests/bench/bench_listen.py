#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many spans 'listen' takes a second, beside reading the same bytes from its files: bench_listen.py LOADCAST [SPANS]

Four connections send requests of 500 spans, as exporters do. Processor time is the listener's own, of all its threads
together: what one core could take if it did nothing else. The rest of the elapsed time is the disk's, which every
answer waits for, and the clients'."""
import json, os, re, resource, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time

loadcast, total = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 400000
BATCH, CLIENTS = 500, 4


def varint(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def text(key, value):
    return field(1, key) + field(2, field(1, value))


def spans(first):
    for i in range(first, first + BATCH):
        start = 1700000000000000000 + i * 100000
        yield i // 5 + 1, i + 1, (0 if i % 5 == 0 else i - i % 5 + 1), start, start + 90000


def protobuf(first):
    out = b''.join(field(2, field(1, struct.pack('>QQ', 1, t)) + field(2, struct.pack('>Q', s)) +
                         (field(4, struct.pack('>Q', p)) if p else b'') + field(5, b'GET /items') + b'\x30\x02\x39' +
                         struct.pack('<Q', a) + b'\x41' + struct.pack('<Q', b) + field(9, text(b'http.route', b'/items')) +
                         field(9, text(b'http.request.method', b'GET'))) for t, s, p, a, b in spans(first))
    return field(1, field(1, field(1, text(b'service.name', b'shop'))) + field(2, out))


def as_json(first):
    value = lambda k, v: {'key': k, 'value': {'stringValue': v}}
    return json.dumps({'resourceSpans': [{'resource': {'attributes': [value('service.name', 'shop')]}, 'scopeSpans': [{'spans': [
        {'traceId': '%032x' % (1 << 64 | t), 'spanId': '%016x' % s, 'parentSpanId': '%016x' % p if p else '', 'name': 'GET /items',
         'kind': 2, 'startTimeUnixNano': str(a), 'endTimeUnixNano': str(b),
         'attributes': [value('http.route', '/items'), value('http.request.method', 'GET')]} for t, s, p, a, b in spans(first)]}]}]},
        separators=(',', ':')).encode()


def processor_time(pid):
    numbers = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf('SC_CLK_TCK')


def client(port, requests):
    s = socket.create_connection(('127.0.0.1', port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for request in requests:
        s.sendall(request)
        answer = b''
        while b'\r\n\r\n' not in answer or len(answer.split(b'\r\n\r\n', 1)[1]) < int(re.search(rb'Content-Length: (\d+)', answer)[1]):
            answer += s.recv(65536)
        assert b' 200 ' in answer[:20], answer
    s.close()


def measure(kind, make):
    folder = tempfile.mkdtemp()
    listener = subprocess.Popen([loadcast, 'listen', '--http', '127.0.0.1:0', '-o', folder], stderr=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, text=True)
    port = int(re.search(r':(\d+),', listener.stderr.readline())[1])
    head = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/%s\r\nContent-Length: %d\r\n\r\n'
    bodies = [make(first) for first in range(0, total, BATCH)]
    requests = [(head % (kind, len(b))).encode() + b for b in bodies]
    size = sum(map(len, bodies))
    threads = [threading.Thread(target=client, args=(port, requests[i::CLIENTS])) for i in range(CLIENTS)]
    before, began = processor_time(listener.pid), time.time()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    elapsed, used = time.time() - began, processor_time(listener.pid) - before
    listener.send_signal(signal.SIGTERM)
    listener.wait()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    read = json.loads(subprocess.run([loadcast, 'extract', folder, '--summary', '--json', '-', '--quiet'], capture_output=True,
                                     check=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    reading = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    assert read['spans'] == total, (read['spans'], total)
    shutil.rmtree(folder)
    print(f'listen, {kind}: {total / used / 1e3:.0f} thousand spans/s and {size / used / 1e6:.0f} MB/s of one core '
          f'({total / elapsed / 1e3:.0f} thousand/s elapsed); extract from its files: {total / reading / 1e3:.0f} thousand '
          f'spans/s, {size / reading / 1e6:.0f} MB/s; ratio {reading / used:.2f}')


measure('x-protobuf', protobuf)
measure('json', as_json)
