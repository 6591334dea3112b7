/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what a recorded program reports to spans.
 *
 * Every thread of the engine has a slot here. Before a call may be made the slot of the thread that it would create is
 * filled with what a message carries along (trace and span of the sender): lci_thread_new() takes the head of the free
 * list or a new index, so that the index is known beforehand, and a slot whose thread was not created is filled anew
 * before it can be. Nothing has to be asked on the engine's own paths.
 */
#include "loadcast/base.h"
#include "record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH INT64_C(1767225600) /* s: what a simulation calls 0 is 2026-01-01T00:00:00Z */

struct slot {
    /* job: the request that is served, or the message on its way */
    struct lci_trace *trace; /* NULL: not recorded */
    uint64_t span, parent;
    uint32_t instance; /* in whose name calls are made */
    bool source;       /* its calls begin traces of their own */
    bool root;         /* comes from a source */
    bool silent;       /* a helper that has no span */
    /* thread of control: the call at hand */
    uint32_t made;         /* thread that an asynchronous call made, as far as can be told */
    uint64_t client;       /* span of a synchronous call; 0: none */
    uint32_t client_entry; /* called */
    double client_sent;
};

struct lci_recorder {
    const struct lci_program *program;
    struct lc_record_options options;
    struct lci_writer *writer;
    struct slot *slots;
    uint32_t slot_count;
    struct lci_trace *free_trace;
    struct lci_trace *made; /* all that were ever made, complete or not */
    struct lc_random ids, sampling;
    int64_t *offsets; /* ns, of each instance's clock */
    double unit;      /* ns of the model's unit of time */
    double from;      /* requests before belong to the warm-up */
    uint64_t begun, complete, spans;
};

/* ---- making and freeing ------------------------------------------------------------------------------------------ */

static double unit_in_ns(const struct lc_model *model)
{
    if (model->time_unit == NULL)
        return 1e9;
    char *one = lc_format("1 %s", model->time_unit);
    double seconds = 1;
    if (lc_quantity(one, LC_TIME, &seconds, NULL, NULL) != 0)
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
    lc_random_init(&r->ids, simulation->seed, 0, "traces", "ids");
    lc_random_init(&r->sampling, simulation->seed, 0, "traces", "sampling");
    r->offsets = lc_calloc(program->instance_count, sizeof *r->offsets);
    for (uint32_t i = 0; i < program->instance_count; i++) {
        const struct lci_task *task = &program->tasks[program->instance_task[i]];
        struct lc_random stream;
        char *role = lc_format("clock %u", i - task->first);
        lc_random_init(&stream, simulation->seed, 0, program->model->tasks[task->model].name, role);
        free(role);
        r->offsets[i] = llround(1e9 * options->skew * (2 * lc_random_uniform(&stream) - 1));
    }
    return r;
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
    free(r->offsets);
    free(r);
}

void lci_recorder_counts(const struct lci_recorder *r, uint64_t *begun, uint64_t *complete, uint64_t *spans)
{
    *begun = r->begun;
    *complete = r->complete;
    *spans = r->spans;
}

static struct slot *slot_of(struct lci_recorder *r, uint32_t thread)
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

static uint64_t new_id(struct lci_recorder *r)
{
    uint64_t id;
    do
        id = lc_random_bits(&r->ids);
    while (id == 0); /* means "none" */
    return id;
}

/* NULL when the request is not to be recorded. */
static struct lci_trace *begin_trace(struct lci_recorder *r, double now)
{
    if (now < r->from || r->begun >= r->options.traces ||
        (r->options.sampling < 1 && lc_random_uniform(&r->sampling) >= r->options.sampling))
        return NULL;
    struct lci_trace *trace = r->free_trace;
    if (trace != NULL) {
        r->free_trace = trace->next;
    } else {
        trace = lc_calloc(1, sizeof *trace);
        trace->made_before = r->made;
        r->made = trace;
    }
    trace->high = new_id(r);
    trace->low = new_id(r);
    trace->count = 0;
    trace->open = 1;
    r->begun++;
    return trace;
}

static void close_request(struct lci_recorder *r, struct lci_trace *trace)
{
    if (--trace->open > 0)
        return;
    lci_writer_trace(r->writer, trace);
    r->complete++;
    r->spans += trace->count;
    trace->next = r->free_trace;
    r->free_trace = trace;
}

static int64_t clock_of(const struct lci_recorder *r, uint32_t instance, double time)
{
    const int64_t ns = EPOCH * INT64_C(1000000000) + llround(time * r->unit) + r->offsets[instance];
    return ns - ns % r->options.tick;
}

static void add_span(struct lci_recorder *r, struct lci_trace *trace, enum lci_span_kind kind, uint64_t id,
                     uint64_t parent, uint32_t instance, uint32_t entry, double start, double end)
{
    LC_GROW(trace->spans, trace->count, trace->capacity);
    trace->spans[trace->count++] = (struct lci_span){.id = id,
                                                     .parent = parent,
                                                     .start = clock_of(r, instance, start),
                                                     .end = clock_of(r, instance, end),
                                                     .instance = instance,
                                                     .entry = entry,
                                                     .kind = kind};
}

/* ---- what the program reports ------------------------------------------------------------------------------------ */

static bool is_helper(const struct lci_program *p, uint32_t entry)
{
    return !p->model->tasks[p->tasks[p->entries[entry].task].model].service;
}

/* The thread that the next message becomes. */
static uint32_t next_thread(const struct lci_engine *e)
{
    return e->free_thread == LCI_NIL ? e->thread_count : e->free_thread;
}

static void calling(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread,
                    const struct lci_instruction *in)
{
    const uint32_t job = in->b == LCI_NIL ? e->threads[thread].job : lci_job_of(e, thread, in->b);
    const uint32_t made = next_thread(e);
    slot_of(r, made > thread ? made : thread);
    const struct slot *own = slot_of(r, job);
    const bool root = in->flag || own->source;
    r->slots[made] = (struct slot){.trace = root ? NULL : own->trace,
                                   .parent = own->span,
                                   .instance = own->instance,
                                   .root = root,
                                   .made = LCI_NIL};
    r->slots[thread].made = made;
    r->slots[thread].client = 0;
}

/* The caller of a synchronous call waits: its span is that of the call. */
static void begin_client(struct lci_recorder *r, const struct lci_thread *t, struct slot *own)
{
    struct slot *caller = slot_of(r, t->caller);
    caller->made = LCI_NIL;
    if (own->root || own->trace == NULL || own->silent || r->options.servers_only)
        return;
    caller->client = new_id(r);
    caller->client_entry = t->entry;
    caller->client_sent = t->sent;
    own->parent = caller->client;
}

static void begin(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread)
{
    const struct lci_thread *t = &e->threads[thread];
    const uint8_t kind = r->program->calls[t->call].kind;
    slot_of(r, thread);
    if (t->caller != LCI_NIL)
        slot_of(r, t->caller);
    struct slot *own = &r->slots[thread];
    if (kind == LCI_OPEN)
        *own = (struct slot){.root = true};
    own->made = LCI_NIL;
    own->client = 0;
    own->silent = is_helper(r->program, t->entry);
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
    own->span = own->silent ? own->parent : new_id(r);
    own->instance = own->silent ? own->instance : t->instance;
}

/* A message is on its way that nobody waits for; so a trace does not end before it is served. */
static void sent(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread, bool producer)
{
    struct slot *message = slot_of(r, r->slots[thread].made);
    const struct lci_thread *t = &e->threads[r->slots[thread].made];
    const bool lost = e->free_thread == r->slots[thread].made; /* the queue was full */
    r->slots[thread].made = LCI_NIL;
    if (message->trace == NULL)
        return;
    message->trace->open += !lost;
    if (!producer || r->options.servers_only || is_helper(r->program, t->entry))
        return;
    const uint64_t id = new_id(r);
    add_span(r, message->trace, LCI_SPAN_PRODUCER, id, message->parent, message->instance, t->entry, t->sent, t->sent);
    message->parent = id;
}

static void called(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread)
{
    struct slot *own = slot_of(r, thread);
    if (own->made != LCI_NIL) {
        sent(r, e, thread, true);
        return;
    }
    const struct slot *job = slot_of(r, e->threads[thread].job);
    own = &r->slots[thread];
    if (own->client != 0)
        add_span(r, job->trace, LCI_SPAN_CLIENT, own->client, job->span, job->instance, own->client_entry,
                 own->client_sent, e->now);
    own->client = 0;
}

static void forwarded(struct lci_recorder *r, const struct lci_engine *e, uint32_t thread)
{
    if (next_thread(e) != slot_of(r, thread)->made)
        sent(r, e, thread, false);
}

static void end(struct lci_recorder *r, const struct lci_engine *e, uint32_t job)
{
    for (; job != LCI_NIL; job = e->threads[job].partner) {
        const struct slot *own = slot_of(r, job);
        const struct lci_thread *t = &e->threads[job];
        if (own->trace == NULL)
            continue;
        const bool consumer = lci_is_asynchronous(r->program->calls[t->call].kind);
        const double start = consumer || r->options.without_queues ? t->started : t->sent;
        if (!own->silent)
            add_span(r, own->trace, consumer ? LCI_SPAN_CONSUMER : LCI_SPAN_SERVER, own->span, own->parent,
                     own->instance, t->entry, start, e->now);
        close_request(r, own->trace);
    }
}

void lci_record(struct lci_engine *e, uint32_t thread, const struct lci_instruction *in)
{
    struct lci_recorder *r = e->recorder;
    switch ((enum lci_record)in->a) {
    case LCI_RECORD_BEGIN: begin(r, e, thread); break;
    case LCI_RECORD_CALLING: calling(r, e, thread, in); break;
    case LCI_RECORD_CALLED: called(r, e, thread); break;
    case LCI_RECORD_FORWARDED: forwarded(r, e, thread); break;
    case LCI_RECORD_END: end(r, e, thread); break;
    }
}
