/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * OTLP over HTTP, without the HTTP: what requests hold and how they are answered.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
#ifndef CLI_LISTEN_OTLP_H
#define CLI_LISTEN_OTLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct otlp_bytes {
    char *bytes; /* owned */
    size_t length;
};

/* ExportTraceServiceResponse, with a partial success where spans are rejected. Owned by the caller. */
struct otlp_bytes otlp_success(bool protobuf, uint64_t rejected, const char *why);
/* google.rpc.Status for a status of HTTP. Owned by the caller. */
struct otlp_bytes otlp_failure(bool protobuf, unsigned http_status, const char *why);

/* Unpacks gzip. `grow` is asked before more memory is taken, and may say no. 0; OTLP_DAMAGED; OTLP_TOO_LARGE: more than
 * `most`; OTLP_NO_ROOM. The result is owned by the caller whatever is returned. */
enum otlp_unpacked { OTLP_WHOLE, OTLP_DAMAGED, OTLP_TOO_LARGE, OTLP_NO_ROOM };
enum otlp_unpacked otlp_unpack(const char *packed, size_t length, size_t most,
                               bool (*grow)(void *context, size_t bytes), void *context, struct otlp_bytes *unpacked,
                               size_t *capacity);

#endif
