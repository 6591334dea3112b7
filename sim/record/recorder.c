/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what a recorded program reports to spans.
 *
 * Every thread of the engine has a slot here. Before a call may be made the slot of the thread that it would create is
 * filled with what a message carries along (trace and span of the sender): lci_thread_new() takes the head of the free
 * list or a new index, so that the index is known beforehand, and a slot whose thread was not created is filled anew
 * before it can be. Nothing has to be asked on the engine's own paths.
 */
#include "recorder.h"
#include "../endings.h"
#include "base/text.h"
#include "loadcast/base.h"
#include "model/random/generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH INT64_C(1767225600) /* s: what a simulation calls 0 is 2026-01-01T00:00:00Z */

/* ---- making and freeing ------------------------------------------------------------------------------------------ */

static double unit_in_ns(const struct lc_model *model)
{
    if (model->time_unit == NULL)
        return 1e9;
    char *one = lc_format("1 %s", model->time_unit);
    double seconds = 1;
    if (lci_quantity(one, LC_TIME, &seconds, NULL, NULL) != 0)
        seconds = 1;
    free(one);
    return 1e9 * seconds;
}

struct lci_recorder *lci_recorder_new(const struct lci_program *program, const struct lc_sim_options *simulation,
                                      const struct lc_record_options *options, struct lci_writer *writer)
{
    struct lci_recorder *r = lc_calloc(1, sizeof *r);
    r->program = program;
    r->options = *options;
    r->writer = writer;
    r->unit = unit_in_ns(program->model);
    r->from = simulation->warmup;
    r->tokens = fmax(options->limit, 1);
    r->seed = simulation->seed;
    lc_random_init(&r->ids, r->seed, 0, "traces", "ids");
    lc_random_init(&r->sampling, r->seed, 0, "traces", "sampling");
    r->hosts = lc_calloc(program->instance_count, sizeof *r->hosts);
    r->started = lc_calloc(program->task_count, sizeof *r->started);
    for (uint32_t i = 0; i < program->instance_count; i++)
        lci_add_host(r, i);
    for (size_t i = 0; i < program->elastic_count; i++) /* those that are there at the beginning */
        r->started[program->elastics[i].task] = program->elastics[i].initial;
    return r;
}

void lci_add_host(struct lci_recorder *r, uint32_t instance)
{
    const uint32_t task = r->program->instance_task[instance], number = r->started[task]++;
    const char *name = r->program->model->tasks[r->program->tasks[task].model].name;
    struct lc_random stream;
    char *role = lc_format("clock %u", number);
    lc_random_init(&stream, r->seed, 0, name, role);
    free(role);
    LC_GROW(r->offsets, r->host_count, r->host_capacity);
    r->offsets[r->host_count++] = llround(1e9 * r->options.skew * (2 * lci_random_uniform(&stream) - 1));
    r->hosts[instance] = lci_writer_host(r->writer, name, number + 1);
}

void lci_recorder_free(struct lci_recorder *r)
{
    while (r->made != NULL) {
        struct lci_trace *trace = r->made;
        r->made = trace->made_before;
        free(trace->spans);
        free(trace);
    }
    free(r->slots);
    free(r->hosts);
    free(r->started);
    free(r->offsets);
    free(r);
}

void lci_recorder_counts(const struct lci_recorder *r, uint64_t *begun, uint64_t *complete, uint64_t *spans)
{
    *begun = r->begun;
    *complete = r->complete;
    *spans = r->spans;
}

struct slot *lci_slot_of(struct lci_recorder *r, uint32_t thread)
{
    if (thread >= r->slot_count) {
        const uint32_t count = thread < 32 ? 64 : 2 * thread;
        r->slots = lc_realloc(r->slots, count, sizeof *r->slots);
        memset(r->slots + r->slot_count, 0, (count - r->slot_count) * sizeof *r->slots);
        r->slot_count = count;
    }
    return &r->slots[thread];
}

/* ---- traces and spans -------------------------------------------------------------------------------------------- */

uint64_t lci_record_id(struct lci_recorder *r)
{
    uint64_t id;
    do
        id = lci_random_bits(&r->ids);
    while (id == 0); /* means "none" */
    return id;
}

static bool by_chance(struct lci_recorder *r)
{
    return r->options.sampling >= 1 || lci_random_uniform(&r->sampling) < r->options.sampling;
}

/* A bucket that is refilled all the time and holds what a second brings, one token at the least (Jaeger's clients). */
static bool within_limit(struct lci_recorder *r, double now)
{
    const double limit = r->options.limit;
    r->tokens = fmin(fmax(limit, 1), r->tokens + limit * (now - r->refilled) * r->unit * 1e-9);
    r->refilled = now;
    if (r->tokens < 1)
        return false;
    r->tokens--;
    return true;
}

/* NULL when the request is not to be recorded. */
static struct lci_trace *begin_trace(struct lci_recorder *r, double now)
{
    if (now < r->from || r->begun >= r->options.traces || (r->options.slow <= 0 && !by_chance(r)) ||
        (r->options.limit > 0 && !within_limit(r, now)))
        return NULL;
    struct lci_trace *trace = r->free_trace;
    if (trace != NULL) {
        r->free_trace = trace->next;
    } else {
        trace = lc_calloc(1, sizeof *trace);
        trace->made_before = r->made;
        r->made = trace;
    }
    trace->high = lci_record_id(r);
    trace->low = lci_record_id(r);
    trace->count = 0;
    trace->open = 1;
    r->begun++;
    return trace;
}

/* Why a trace that has ended is kept; NULL: it is not. */
static const char *policy_of(struct lci_recorder *r, const struct lci_trace *trace)
{
    bool failed = false;
    int64_t longest = 0;
    for (size_t i = 0; i < trace->count; i++) {
        failed |= trace->spans[i].failed;
        if (trace->spans[i].parent == 0 && trace->spans[i].end - trace->spans[i].start > longest)
            longest = trace->spans[i].end - trace->spans[i].start;
    }
    return by_chance(r) ? "chance" : failed ? "errors" : (double)longest >= 1e9 * r->options.slow ? "slow" : NULL;
}

void lci_close_request(struct lci_recorder *r, struct lci_trace *trace)
{
    if (--trace->open > 0)
        return;
    trace->policy = r->options.slow > 0 ? policy_of(r, trace) : NULL;
    if (r->options.slow > 0 && trace->policy == NULL) {
        r->begun--;
    } else {
        lci_writer_trace(r->writer, trace);
        r->complete++;
        r->spans += trace->count;
    }
    trace->next = r->free_trace;
    r->free_trace = trace;
}

static int64_t clock_of(const struct lci_recorder *r, uint32_t host, double time)
{
    const int64_t ns = EPOCH * INT64_C(1000000000) + llround(time * r->unit) + r->offsets[host];
    return ns - ns % r->options.tick;
}

void lci_add_span(struct lci_recorder *r, struct lci_trace *trace, struct lci_span span, double start, double end)
{
    span.start = clock_of(r, span.host, start);
    span.end = clock_of(r, span.host, end);
    LC_GROW(trace->spans, trace->count, trace->capacity);
    trace->spans[trace->count++] = span;
}

/* ---- what the program reports ------------------------------------------------------------------------------------ */

static void calling(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread,
                    const struct lci_instruction *in)
{
    const uint32_t job = in->b == LCI_NIL ? e->threads[thread].job : lci_job_of(e, thread, in->b);
    const uint32_t made = lci_next_thread(e);
    lci_slot_of(r, made > thread ? made : thread);
    const struct slot *own = lci_slot_of(r, job);
    const bool root = in->flag || own->source;
    r->slots[made] = (struct slot){
        .trace = root ? NULL : own->trace, .parent = own->span, .host = own->host, .root = root, .made = LCI_NIL};
    r->slots[thread].made = made;
    r->slots[thread].client = 0;
    r->slots[thread].client_failed = false;
}

/* The caller of a synchronous call waits: its span is that of the call. */
static void begin_client(struct lci_recorder *r, const struct lci_thread *t, struct slot *own)
{
    struct slot *caller = lci_slot_of(r, t->caller);
    caller->made = LCI_NIL;
    if (own->root || own->trace == NULL || own->silent || r->options.servers_only)
        return;
    caller->client = lci_record_id(r);
    caller->client_entry = t->entry;
    caller->client_sent = t->sent;
    own->parent = caller->client;
}

static void begin(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread)
{
    const struct lci_thread *t = &e->threads[thread];
    const uint8_t kind = r->program->calls[t->call].kind;
    lci_slot_of(r, thread);
    if (t->caller != LCI_NIL)
        lci_slot_of(r, t->caller);
    struct slot *own = &r->slots[thread];
    if (kind == LCI_OPEN)
        *own = (struct slot){.root = true};
    own->made = LCI_NIL;
    own->client = 0;
    own->failed = false;
    own->given_up = INFINITY;
    own->silent = lci_is_helper(r->program, t->entry);
    if (own->root) {
        own->source = own->silent;
        own->parent = 0;
        own->trace = own->silent ? NULL : begin_trace(r, e->now);
    }
    if (kind == LCI_SYNC)
        begin_client(r, t, own);
    if (own->trace == NULL)
        return;
    if (!own->root && kind == LCI_SYNC)
        own->trace->open++;
    own->span = own->silent ? own->parent : lci_record_id(r);
    own->host = own->silent ? own->host : r->hosts[t->instance];
}

/* A message is on its way that nobody waits for; so a trace does not end before it is served. */
static void sent(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread, bool producer)
{
    struct slot *message = lci_slot_of(r, r->slots[thread].made);
    const struct lci_thread *t = &e->threads[r->slots[thread].made];
    const bool lost = e->free_thread == r->slots[thread].made; /* the queue was full */
    r->slots[thread].made = LCI_NIL;
    if (message->attempts)
        return;
    if (producer && r->options.without_jobs)
        message->trace = NULL;
    if (message->trace == NULL)
        return;
    message->trace->open += !lost;
    if (!producer || r->options.servers_only || lci_is_helper(r->program, t->entry))
        return;
    const struct lci_span span = {.id = lci_record_id(r),
                                  .parent = message->parent,
                                  .host = message->host,
                                  .entry = t->entry,
                                  .kind = LCI_SPAN_PRODUCER};
    lci_add_span(r, message->trace, span, t->sent, t->sent);
    message->parent = span.id;
}

static void called(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread)
{
    struct slot *own = lci_slot_of(r, thread);
    if (own->made != LCI_NIL) {
        sent(r, e, thread, true);
        return;
    }
    const struct slot *job = lci_slot_of(r, e->threads[thread].job);
    own = &r->slots[thread];
    if (own->client == 0)
        return;
    const bool given_up = job->given_up > own->client_sent && job->given_up < e->now;
    const struct lci_span span = {.id = own->client,
                                  .parent = job->span,
                                  .host = job->host,
                                  .entry = own->client_entry,
                                  .kind = LCI_SPAN_CLIENT,
                                  .failed = own->client_failed || given_up};
    lci_add_span(r, job->trace, span, own->client_sent, given_up ? job->given_up : e->now);
    own->client = 0;
    own->client_failed = false;
}

static void forwarded(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread)
{
    if (lci_next_thread(e) != lci_slot_of(r, thread)->made)
        sent(r, e, thread, false);
}

static void end(struct lci_recorder *r, const struct lci_engine *e, uint32_t job)
{
    for (; job != LCI_NIL; job = e->threads[job].work.partner) {
        const struct slot *own = lci_slot_of(r, job);
        const struct lci_thread *t = &e->threads[job];
        if (own->trace == NULL)
            continue;
        const bool consumer = lci_is_asynchronous(r->program->calls[t->call].kind);
        const double start = consumer || r->options.without_queues ? t->work.started : t->sent;
        const struct lci_span span = {.id = own->span,
                                      .parent = own->parent,
                                      .host = own->host,
                                      .entry = t->entry,
                                      .kind = consumer ? LCI_SPAN_CONSUMER : LCI_SPAN_SERVER,
                                      .failed = own->failed};
        if (!own->silent)
            lci_add_span(r, own->trace, span, start, e->now);
        lci_close_request(r, own->trace);
    }
}

/* What has failed is answered with an error. */
static void outcome(struct lci_recorder *r, const struct lci_engine *e, uint32_t job)
{
    const struct lci_thread *t = &e->threads[job];
    if (!t->failed)
        return;
    lci_slot_of(r, job)->failed = true;
    if (t->caller != LCI_NIL)
        lci_slot_of(r, t->caller)->client_failed = true;
}

void lci_record(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    struct lci_recorder *r = e->recorder;
    switch ((enum lci_record)in->a) {
    case LCI_RECORD_WAKE:
    case LCI_RECORD_ANSWER: break;
    case LCI_RECORD_BEGIN: begin(r, e, thread); break;
    case LCI_RECORD_CALLING: calling(r, e, thread, in); break;
    case LCI_RECORD_CALLED: called(r, e, thread); break;
    case LCI_RECORD_FORWARDED: forwarded(r, e, thread); break;
    case LCI_RECORD_OUTCOME: outcome(r, e, lci_job_of(e, thread, in->b)); break;
    case LCI_RECORD_END: end(r, e, thread); break;
    }
}
