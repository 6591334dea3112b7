#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# record.sh DIR: runs the acceptance test against both services with tracing on; what they export is written into DIR.
set -eu
export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none
export OTEL_NODE_RESOURCE_DETECTORS=env
tracing='--require @opentelemetry/auto-instrumentations-node/register'

loadcast listen --http 127.0.0.1:4318 -o "$1" &
listener=$!
OTEL_SERVICE_NAME=photo node $tracing services.js photo 3002 &
photo=$!
OTEL_SERVICE_NAME=shop node $tracing services.js shop 3001 &
shop=$!
trap 'kill $shop $photo $listener 2>/dev/null || true' EXIT
node test.js 400 20

kill $shop $photo # on their way out they export what they still hold
wait $shop $photo || true
kill $listener
wait $listener || true
