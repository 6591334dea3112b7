/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A simulated run as distributed traces, as instrumented services would have written them: docs/simulated-traces.md.
 */
#ifndef LOADCAST_RECORD_H
#define LOADCAST_RECORD_H

#include "sim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_record_format { LC_RECORD_OTLP, LC_RECORD_JAEGER }; /* JSON lines; one document */

struct lc_record_options {
    enum lc_record_format format;
    uint64_t traces;     /* stop when so many are recorded; > 0 */
    double sampling;     /* share of the requests that is recorded, decided at the root; (0, 1] */
    double limit;        /* requests per second that are recorded at the most, by a bucket of so many; 0: no limit */
    double slow;         /* s: sampling is decided when a request has ended: slower and failed ones are kept; 0: not */
    double skew;         /* s: every replica's clock is off by a constant within ± this */
    int64_t tick;        /* ns: times are cut to multiples of it, as coarse clocks do; 1, 1000, 1000000 */
    bool servers_only;   /* neither client nor producer spans */
    bool without_queues; /* server spans begin when a thread takes the request instead of when it arrives */
    bool without_jobs;   /* nothing of the messages that services send and nobody waits for */
};
struct lc_record_options lc_record_defaults(void); /* OTLP, 1000 traces, all requests, ns, perfect clocks */

struct lc_recorded {
    uint64_t traces, spans;
    uint64_t unfinished; /* traces that never came to an end and are not in the file */
    double simulated_time;
};

/* Simulates one replication and writes the traces of requests that begin after `simulation->warmup` (not negative; that
 * of a result, as a rule) to `file`, whole or not at all; gzip if the name ends in ".gz". Of `simulation` only seed and
 * warmup count: the same model, seed and options give the same bytes. Returns −1 with an error appended. */
int lc_record(const struct lc_model *model, const struct lc_sim_options *simulation,
              const struct lc_record_options *options, const char *file, struct lc_recorded *recorded,
              struct lc_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
