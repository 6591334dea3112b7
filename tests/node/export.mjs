// SPDX-License-Identifier: GPL-3.0-or-later
// A program that traces itself with OpenTelemetry's SDK: export.mjs PORT PROTOCOL TRACES
// Writes {"created", "exported"} (spans; those that were answered with success) to standard output.
import { NodeSDK } from '@opentelemetry/sdk-node';
import { metrics, trace, SpanKind } from '@opentelemetry/api';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { OTLPTraceExporter as Json } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as Protobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { setTimeout } from 'node:timers/promises';

const [port, protocol, traces] = process.argv.slice(2);
const [kind, packed] = protocol.split('+');
const exporter = new (kind === 'json' ? Json : Protobuf)({
    url: `http://127.0.0.1:${port}/v1/traces`, compression: packed === 'gzip' ? 'gzip' : 'none',
});
let created = 0, exported = 0;
const send = exporter.export.bind(exporter);
exporter.export = (spans, done) => send(spans, (result) => {
    exported += result.code === 0 ? spans.length : 0;
    done(result);
});
const sdk = new NodeSDK({
    serviceName: `front-${kind}`,
    spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 50, scheduledDelayMillis: 20, maxQueueSize: 100000 })],
    instrumentations: [],
});
sdk.start();
const tracer = trace.getTracer('loadcast');
for (let i = 0; i < Number(traces); i++) {
    await tracer.startActiveSpan('GET /buy', { kind: SpanKind.SERVER, attributes: { 'http.route': '/buy', number: i } }, async (root) => {
        for (const name of ['SELECT items', 'GET /stock', 'pay'])
            await tracer.startActiveSpan(name, { kind: SpanKind.CLIENT }, async (span) => {
                span.end();
                created++;
            });
        root.end();
        created++;
    });
    if (i % 10 === 0)
        await setTimeout(5);
}
metrics.getMeter('loadcast').createCounter('spans').add(created);
await sdk.shutdown();
console.log(JSON.stringify({ created, exported }));
