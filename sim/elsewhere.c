/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/elsewhere.h"

#include "base/text.h"
#include "compile.h"
#include "model/pack.h"

#include <math.h>
#include <stdlib.h>

static _Thread_local unsigned bound;

void lci_elsewhere_bind(unsigned rank)
{
    bound = rank;
}

unsigned lci_elsewhere_bound(void)
{
    return bound;
}

/* What is this process's own does not go along. */
static void pack_options(struct lci_pack *p, struct lc_sim_options *options)
{
    if (!lci_pack_reads(p)) {
        options->stop = NULL;
        options->spare = NULL;
        options->progress = NULL;
        options->enough = NULL;
        options->context = NULL;
    }
    LCI_PACK(p, *options);
}

static void pack_question(struct lci_pack *p, struct lc_model **model, struct lc_sim_options *options)
{
    lci_pack_model(p, model);
    pack_options(p, options);
}

/* ---- whole simulations ------------------------------------------------------------------------------------------- */

/* Sends the question, and reads what the rank's diag holds. True: what was asked for follows in the answer. */
static bool exchange(unsigned rank, enum lci_errand errand, struct lci_buffer *question, struct lci_buffer *answer,
                     struct lci_pack *in, struct lc_diag *diag)
{
    bool there = false;
    lci_ranks_send(rank, errand, question);
    lci_ranks_receive(rank, answer);
    *in = lci_pack_reader(answer->text, answer->length);
    lci_pack_diag(in, diag);
    LCI_PACK(in, there);
    return there;
}

struct lc_result *lci_elsewhere_ask(unsigned rank, const struct lc_model *model, const struct lc_sim_options *options,
                                    struct lc_diag *diag)
{
    struct lci_buffer question = {0}, answer = {0};
    struct lci_pack p = lci_pack_writer(&question), in;
    struct lc_sim_options own = *options;
    struct lc_model *sent = (struct lc_model *)model; /* only read */
    struct lc_result *result = NULL;
    pack_question(&p, &sent, &own);
    if (exchange(rank, LCI_ERRAND_SIMULATE, &question, &answer, &in, diag))
        lci_pack_result(&in, &result, model);
    if (options->progress != NULL)
        options->progress(options->context, 1, result != NULL ? result->precision : NAN);
    lci_pack_end(&in);
    free(question.text);
    free(answer.text);
    return result;
}

void lci_elsewhere_simulate(struct lci_pack *in, struct lci_buffer *out)
{
    struct lc_model *model;
    struct lc_sim_options options;
    struct lc_diag diag = {0};
    pack_question(in, &model, &options);
    options.stop = lci_ranks_stop();
    struct lc_result *result = lc_simulate(model, &options, &diag);
    struct lci_pack p = lci_pack_writer(out);
    bool there = result != NULL;
    lci_pack_diag(&p, &diag);
    LCI_PACK(&p, there);
    if (there)
        lci_pack_result(&p, &result, model);
    lc_result_free(result);
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* ---- curves over time -------------------------------------------------------------------------------------------- */

static void pack_transient_options(struct lci_pack *p, struct lc_transient_options *o, const struct lc_model *model)
{
    if (!lci_pack_reads(p)) {
        o->stop = NULL;
        o->progress = NULL;
        o->context = NULL;
    }
    LCI_PACK(p, *o);
    LCI_PACK_ARRAY(p, o->slower, o->slower_count);
    struct lc_slower *slower = (struct lc_slower *)o->slower;
    for (size_t i = 0; i < o->slower_count; i++)
        lci_pack_name(p, &slower[i].workload);
    LCI_PACK_ARRAY(p, o->counted, model->task_count);
}

static void pack_transient(struct lci_pack *p, struct lc_transient **transient, const struct lc_model *model)
{
    const bool reads = lci_pack_reads(p);
    struct lc_transient *t = reads ? lc_alloc(sizeof *t) : *transient;
    *transient = t;
    LCI_PACK(p, *t);
    if (reads)
        t->model = model;
    LCI_PACK_ARRAY(p, t->curves, t->count);
    for (size_t i = 0; i < t->count; i++) {
        LCI_PACK_ARRAY(p, t->curves[i].mean, t->bins);
        LCI_PACK_ARRAY(p, t->curves[i].ci95, t->bins);
        LCI_PACK_ARRAY(p, t->curves[i].low, t->bins);
        LCI_PACK_ARRAY(p, t->curves[i].high, t->bins);
    }
}

struct lc_transient *lci_elsewhere_ask_curves(unsigned rank, const struct lc_model *model,
                                              const struct lc_transient_options *options, struct lc_diag *diag)
{
    struct lci_buffer question = {0}, answer = {0};
    struct lci_pack p = lci_pack_writer(&question), in;
    struct lc_transient_options own = *options;
    struct lc_model *sent = (struct lc_model *)model; /* only read */
    struct lc_transient *curves = NULL;
    lci_pack_model(&p, &sent);
    pack_transient_options(&p, &own, model);
    if (exchange(rank, LCI_ERRAND_CURVES, &question, &answer, &in, diag))
        pack_transient(&in, &curves, model);
    if (options->progress != NULL)
        options->progress(options->context, 1, NAN);
    lci_pack_end(&in);
    free(question.text);
    free(answer.text);
    return curves;
}

void lci_elsewhere_curves(struct lci_pack *in, struct lci_buffer *out)
{
    struct lc_model *model;
    struct lc_transient_options options = {0};
    struct lc_diag diag = {0};
    lci_pack_model(in, &model);
    pack_transient_options(in, &options, model);
    options.stop = lci_ranks_stop();
    struct lc_transient *curves = lc_simulate_transient(model, &options, &diag);
    struct lci_pack p = lci_pack_writer(out);
    bool there = curves != NULL;
    lci_pack_diag(&p, &diag);
    LCI_PACK(&p, there);
    if (there)
        pack_transient(&p, &curves, model);
    lc_transient_free(curves);
    free((void *)options.slower);
    free((void *)options.counted);
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* ---- replications ------------------------------------------------------------------------------------------------ */

struct part { /* of a wave */
    uint64_t experiment;
    double warmup, run_time, seconds; /* seconds: that are left of the time allowed */
    uint64_t next;                    /* number of the first replication */
    unsigned count;
    bool new; /* the rank does not know the experiment */
};

/* Most counts fit into a byte. */
static void pack_count(struct lci_pack *p, uint64_t *count)
{
    uint64_t rest = lci_pack_reads(p) ? 0 : *count;
    unsigned char byte;
    for (unsigned shift = 0;; shift += 7) {
        byte = (unsigned char)((rest >> shift & 0x7F) | (rest >> shift > 0x7F ? 0x80 : 0));
        LCI_PACK(p, byte);
        if (lci_pack_reads(p))
            rest |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    *count = rest;
}

/* Reading adds. */
static void pack_sketch(struct lci_pack *p, struct lci_sketch *sketch)
{
    uint64_t blocks = sketch->count / LCI_SKETCH_BLOCK;
    pack_count(p, &blocks);
    size_t block = 0;
    for (uint64_t i = 0; i < blocks; i++, block++) {
        while (!lci_pack_reads(p) && lci_sketch_block(sketch, block) == NULL)
            block++;
        LCI_PACK(p, block);
        for (size_t k = 0; k < LCI_SKETCH_BLOCK; k++) {
            uint64_t count = lci_pack_reads(p) ? 0 : lci_sketch_block(sketch, block)[k];
            pack_count(p, &count);
            if (lci_pack_reads(p))
                lci_sketch_count(sketch, block * LCI_SKETCH_BLOCK + k, count);
        }
    }
}

static void pack_answer(struct lci_pack *p, const struct lci_experiment *x, struct lci_wave *w, unsigned first,
                        unsigned count)
{
    const size_t tasks = x->program->task_count, measures = x->measures->count;
    lci_pack_bytes(p, w->values + first * measures, count * measures * sizeof *w->values);
    lci_pack_bytes(p, w->half + first * tasks, count * tasks * sizeof *w->half);
    lci_pack_bytes(p, w->present + first * tasks, count * tasks * sizeof *w->present);
    lci_pack_bytes(p, w->time + first, count * sizeof *w->time);
    lci_pack_bytes(p, w->complete + first, count * sizeof *w->complete);
    lci_pack_bytes(p, w->stuck + first, count * sizeof *w->stuck);
    lci_pack_bytes(p, w->full + first, count * sizeof *w->full);
    for (unsigned i = 0; i < count; i++)
        lci_pack_text(p, &w->violated[first + i]);
}

static void pack_totals(struct lci_pack *p, struct lci_experiment *x)
{
    uint64_t events = x->events, completions = x->completions;
    LCI_PACK(p, events);
    LCI_PACK(p, completions);
    if (lci_pack_reads(p)) {
        x->events += events;
        x->completions += completions;
    }
    for (size_t i = 0; i < x->program->sketch_count; i++)
        pack_sketch(p, &x->measures->merged[i]);
}

/* The experiment that each rank knows; only who has taken the rank looks. */
static uint64_t *known_by(unsigned rank)
{
    static uint64_t known[1 << 16];
    return &known[rank % (1 << 16)];
}

void lci_elsewhere_wave(struct lci_experiment *x, unsigned rank, unsigned first, unsigned count, struct lci_wave *wave)
{
    struct lci_buffer question = {0}, answer = {0};
    struct lci_pack p = lci_pack_writer(&question);
    struct part part = {.experiment = x->number,
                        .warmup = x->warmup,
                        .run_time = x->run_time,
                        .seconds = x->limits.deadline - lci_seconds(),
                        .next = x->next + first,
                        .count = count,
                        .new = *known_by(rank) != x->number};
    LCI_PACK(&p, part);
    if (part.new) {
        struct lc_sim_options options = *x->options;
        struct lc_model *model = (struct lc_model *)x->program->model; /* only read */
        pack_question(&p, &model, &options);
        *known_by(rank) = x->number;
    }
    lci_ranks_send(rank, LCI_ERRAND_REPLICATIONS, &question);
    lci_ranks_receive(rank, &answer);
    struct lci_pack in = lci_pack_reader(answer.text, answer.length);
    pack_answer(&in, x, wave, first, count);
    pthread_mutex_lock(&x->lock);
    pack_totals(&in, x);
    pthread_mutex_unlock(&x->lock);
    lci_pack_end(&in);
    free(question.text);
    free(answer.text);
}

/* What a rank keeps of the last experiment, so that the next part of it costs no more than its replications. */
struct kept {
    struct lci_pack names; /* that the model borrows */
    struct lc_model *model;
    struct lc_sim_options options;
    struct lc_diag diag;
    struct lci_experiment x;
};

static void forget(struct kept *k)
{
    if (k->model == NULL)
        return;
    lci_experiment_end(&k->x);
    lc_result_free(k->x.result);
    lc_diag_free(&k->diag);
    lc_model_free(k->model);
    lci_pack_end(&k->names);
    *k = (struct kept){0};
}

static void learn(struct kept *k, struct lci_pack *in)
{
    forget(k);
    pack_question(in, &k->model, &k->options);
    k->options.stop = lci_ranks_stop();
    k->names = *in; /* the pack that was read from has nothing to free any more */
    in->names = NULL;
    in->name_count = in->name_capacity = 0;
    lci_experiment_begin(&k->x, k->model, &k->options, &k->diag);
}

void lci_elsewhere_replicate(struct lci_pack *in, struct lci_buffer *out)
{
    static struct kept kept;
    struct part part;
    LCI_PACK(in, part);
    if (part.new)
        learn(&kept, in);
    struct lci_experiment *x = &kept.x;
    x->limits.deadline = isfinite(part.seconds) ? lci_seconds() + part.seconds : INFINITY;
    x->warmup = part.warmup;
    x->run_time = part.run_time;
    x->next = part.next;
    x->events = x->completions = 0;
    struct lci_wave wave = lci_wave_new(x, part.count);
    lci_run_parallel(x, part.count, lci_replicate, &wave);
    struct lci_pack p = lci_pack_writer(out);
    pack_answer(&p, x, &wave, 0, part.count);
    pack_totals(&p, x);
    for (size_t i = 0; i < x->program->sketch_count; i++)
        lci_sketch_clear(&x->measures->merged[i]);
    lci_wave_free(&wave, part.count);
}
