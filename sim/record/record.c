/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One replication of a recorded program, from the end of the warm-up until enough traces are complete.
 */
#include "record.h"

#include "loadcast/base.h"

#include <math.h>

enum {
    PIECE = 4096,        /* events between two looks at what is recorded */
    PATIENCE = 20000000, /* events without a new trace, or with none coming to its end */
};

struct lc_record_options lc_record_defaults(void)
{
    return (struct lc_record_options){.format = LC_RECORD_OTLP, .traces = 1000, .sampling = 1, .tick = 1};
}

/* Runs until all traces are complete. Traces that no progress is made with for long are given up. */
static void run(struct lci_engine *e, const struct lci_recorder *recorder, uint64_t wanted)
{
    uint64_t begun = 0, complete = 0, spans, since = e->events;
    while (complete < wanted && !e->stuck && e->events - since < PATIENCE) {
        const uint64_t before = begun + complete;
        lci_engine_run(e, INFINITY, e->events + PIECE);
        lci_recorder_counts(recorder, &begun, &complete, &spans);
        if (begun + complete > before)
            since = e->events;
    }
}

static void summarise(const struct lci_engine *e, const struct lci_recorder *recorder, struct lc_recorded *recorded,
                      struct lc_diag *diag)
{
    uint64_t begun;
    lci_recorder_counts(recorder, &begun, &recorded->traces, &recorded->spans);
    recorded->unfinished = begun - recorded->traces;
    recorded->simulated_time = e->now;
    if (recorded->traces == 0)
        lc_error(diag, LC_INPUT, NULL,
                 "model '%s' made no trace in %llu events; a source of load must call an entry, and requests must end",
                 e->program->model->name != NULL ? e->program->model->name : "", (unsigned long long)e->events);
    else if (recorded->unfinished > 0)
        lc_warn(diag, NULL, "%llu requests did not come to an end and are not among the %llu traces",
                (unsigned long long)recorded->unfinished, (unsigned long long)recorded->traces);
}

int lc_record(const struct lc_model *model, const struct lc_sim_options *simulation,
              const struct lc_record_options *options, const char *file, struct lc_recorded *recorded,
              struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    struct lci_program *program = lci_compile_recorded(model, diag);
    if (program == NULL)
        return -1;
    struct lci_writer *writer = lci_writer_new(program, options, file, diag);
    if (writer == NULL) {
        lci_program_free(program);
        return -1;
    }
    struct lci_recorder *recorder = lci_recorder_new(program, simulation, options, writer);
    struct lci_engine *engine = lci_engine_new(program);
    engine->recorder = recorder;
    lci_engine_reset(engine, simulation->seed, 0);
    if (simulation->warmup > 0)
        lci_engine_run(engine, simulation->warmup, UINT64_MAX);
    run(engine, recorder, options->traces);
    summarise(engine, recorder, recorded, diag);
    if (diag->errors == errors)
        lci_writer_close(writer, diag);
    else
        lci_writer_abandon(writer);
    lci_engine_free(engine);
    lci_recorder_free(recorder);
    lci_program_free(program);
    return diag->errors == errors ? 0 : -1;
}
