/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rates that change: an arrival follows the one before when the cumulative rate has grown by an exponential variate of
 * mean 1 (inversion; Çinlar 1975). Between points the rate r + s x grows it by r x + s x² / 2, solved for x without
 * cancellation. One variate an arrival, exact, and the same variates for the same pattern at another load.
 */
#include "arrival_pattern.h"
#include "model/pattern.h"
#include "model/random/generator.h"

#include "compile.h"
#include "engine.h"
#include "model/random/variates.h"

#include <math.h>
#include <stdlib.h>

/* ---- compiling --------------------------------------------------------------------------------------------------- */

static double area(const struct lc_pattern *p, size_t i) /* of the segment that begins at point i */
{
    if (i + 1 < p->count)
        return (p->times[i + 1] - p->times[i]) * (p->values[i + 1] + p->values[i]) / 2;
    return p->period > 0 ? (p->period - p->times[i]) * p->values[i] : 0;
}

static void prepare(struct lci_pattern_source *s)
{
    const struct lc_pattern *p = s->pattern;
    for (size_t i = 0; p->kind == LC_PATTERN_RATES && i < p->count; i++)
        s->turn += area(p, i);
    if (p->kind == LC_PATTERN_MMPP) {
        s->stationary = lc_calloc(p->count, sizeof *s->stationary);
        lci_pattern_stationary(p, s->stationary);
    }
    if (p->kind == LC_PATTERN_SCRIPT) {
        struct lc_diag diag = {0}; /* the model has been checked */
        s->script = lci_script_parse(p->script, &diag, NULL);
        lc_diag_free(&diag);
    }
}

static double largest(const struct lc_pattern *p)
{
    double most = 0;
    for (size_t i = 0; i < p->count; i++)
        most = fmax(most, p->values[i]);
    return most;
}

/* How much the load differs from what the pattern says by itself; exactly 1 where it is only rounding. */
static double factor_of(const struct lc_task *from)
{
    const struct lc_pattern *p = &from->pattern;
    if (p->kind == LC_PATTERN_NONE)
        return 1;
    const double factor = p->kind == LC_PATTERN_USERS ? from->multiplicity / ceil(largest(p))
                                                      : 1 / lc_dist_mean(&from->arrivals) / lci_pattern_rate(p);
    return fabs(factor - 1) < 1e-12 ? 1 : factor;
}

void lci_add_pattern_source(struct lci_program *p, const struct lc_task *from, uint32_t task, uint32_t replica)
{
    char *role = lc_format("arrivals %u", replica), *batch = lc_format("batches %u", replica);
    struct lci_pattern_source source = {
        .pattern = &from->pattern, .task = task, .replica = replica, .factor = factor_of(from), .sampler = LCI_NIL};
    if (from->pattern.kind == LC_PATTERN_NONE)
        source.sampler = lci_add_sampler(p, &from->arrivals, 1, from->name, role);
    else
        source.stream = lci_add_stream(p, from->name, role);
    source.batch_stream = lci_add_stream(p, from->name, batch);
    prepare(&source);
    LC_GROW(p->patterns, p->pattern_count, p->pattern_capacity);
    p->patterns[p->pattern_count++] = source;
    free(role);
    free(batch);
}

void lci_pattern_sources_free(struct lci_program *p)
{
    for (size_t i = 0; i < p->pattern_count; i++) {
        lci_script_free(p->patterns[i].script);
        free(p->patterns[i].stationary);
    }
    free(p->patterns);
}

/* ---- the time of the next arrival; infinite when there is none --------------------------------------------------- */

/* The part of the pattern that `state` is in. Before the pattern begins its first rate holds. */
struct segment {
    double begin, end, rate, slope; /* rate: at `begin` */
    bool last, ends;                /* ends: an endless last one does not */
};

static struct segment segment_of(const struct lc_pattern *p, const struct lci_pattern_state *state)
{
    const size_t i = state->at;
    struct segment s = {.begin = p->times[i], .rate = p->values[i], .last = i + 1 == p->count, .ends = true};
    if (state->offset < 0)
        return (struct segment){.begin = state->offset, .end = 0, .rate = p->values[0], .ends = true};
    if (!s.last) {
        s.end = p->times[i + 1];
        s.slope = s.end > s.begin ? (p->values[i + 1] - s.rate) / (s.end - s.begin) : 0;
    } else {
        s.ends = p->period > 0;
        s.end = s.ends ? p->period : INFINITY;
    }
    return s;
}

static double next_by_rates(const struct lci_pattern_source *source, struct lci_pattern_state *state,
                            struct lc_random *random)
{
    const struct lc_pattern *p = source->pattern;
    double left = lci_ziggurat_exponential(random) / source->factor;
    while (true) {
        const struct segment s = segment_of(p, state);
        const double rate = fmax(s.rate + s.slope * (state->offset - s.begin), 0), length = s.end - state->offset;
        const double grown = s.ends ? length * (rate + s.slope * length / 2) : rate > 0 ? INFINITY : 0;
        if (left < grown) {
            state->offset =
                fmin(state->offset + 2 * left / (rate + sqrt(fmax(rate * rate + 2 * s.slope * left, 0))), s.end);
            return state->start + state->offset;
        }
        if (!s.ends)
            return INFINITY;
        left -= fmax(grown, 0);
        if (state->offset >= 0)
            state->at++;
        state->offset = s.end;
        if (s.last) {
            const double turns = floor(left / source->turn); /* whole periods without an arrival */
            left = fmax(left - turns * source->turn, 0);
            state->start += (turns + 1) * p->period;
            state->offset = 0;
            state->at = 0;
        }
    }
}

static double next_by_chain(const struct lci_pattern_source *s, struct lci_pattern_state *state,
                            struct lc_random *random)
{
    const struct lc_pattern *p = s->pattern;
    while (true) {
        const double *row = p->generator + state->at * p->count, rate = p->values[state->at] * s->factor;
        const double all = rate - row[state->at];
        state->offset += lci_ziggurat_exponential(random) / all;
        double drawn = lci_random_uniform(random) * all - rate;
        if (drawn < 0)
            return state->offset;
        size_t to = state->at;
        for (size_t j = 0; j < p->count && drawn >= 0; j++)
            if (j != state->at && row[j] > 0) {
                to = j;
                drawn -= row[j];
            }
        state->at = to;
    }
}

static double next_by_times(const struct lci_pattern_source *s, struct lci_pattern_state *state)
{
    const struct lc_pattern *p = s->pattern;
    if (state->at == p->count) {
        if (!(p->period > 0))
            return INFINITY;
        state->at = 0;
        state->start += p->period;
    }
    return (state->start + p->times[state->at++]) / s->factor;
}

static double next_arrival(struct lci_engine *e, const struct lci_pattern_source *s, struct lci_pattern_state *state)
{
    double ms;
    switch (s->pattern->kind) {
    case LC_PATTERN_RATES: return e->lead + next_by_rates(s, state, &e->streams[s->stream]);
    case LC_PATTERN_MMPP: return next_by_chain(s, state, &e->streams[s->stream]);
    case LC_PATTERN_TIMES: return e->lead + next_by_times(s, state);
    case LC_PATTERN_SCRIPT:
        return lci_script_next(s->script, &state->run, &e->streams[s->stream], &ms)
                   ? e->lead + ms * s->pattern->script_unit / s->factor
                   : INFINITY;
    default: return e->now + lci_sample(&e->samplers[s->sampler]);
    }
}

/* ---- arrivals ---------------------------------------------------------------------------------------------------- */

static uint64_t batch(const struct lc_pattern *p, struct lc_random *random)
{
    if (p->batch_mean > 1)
        return 1 + (uint64_t)(log(lci_random_positive(random)) / log1p(-1 / p->batch_mean));
    if (p->batch_count == 0)
        return 1;
    double drawn = p->batch_count > 1 ? lci_random_uniform(random) : 0;
    size_t i = 0;
    while (i + 1 < p->batch_count && drawn >= p->batch_probabilities[i])
        drawn -= p->batch_probabilities[i++];
    return (uint64_t)p->batch_sizes[i];
}

static void schedule_next(struct lci_engine *e, uint32_t index)
{
    struct lci_pattern_state *state = &e->patterns[index];
    const double time = next_arrival(e, &e->program->patterns[index], state);
    if (time < INFINITY)
        lci_schedule(&e->calendar, fmax(time, e->now), lci_what(LCI_ALARM, state->alarm));
}

static uint32_t arrive(struct lci_engine *e, uint32_t index)
{
    const struct lci_pattern_source *s = &e->program->patterns[index];
    schedule_next(e, index);
    const uint32_t instance = e->program->tasks[s->task].first + s->replica;
    for (uint64_t n = batch(s->pattern, &e->streams[s->batch_stream]); n > 0; n--)
        lci_customer_start(e, lci_customer_new(e, instance));
    return LCI_NIL;
}

/* ---- users ------------------------------------------------------------------------------------------------------- */

/* When the rounded number of users changes next, or the next point. */
static double next_change(const struct lci_pattern_source *s, struct lci_pattern_state *state, double now)
{
    const struct lc_pattern *p = s->pattern;
    while (state->at + 1 < p->count && p->times[state->at + 1] <= now)
        state->at++;
    const size_t i = state->at;
    if (i + 1 == p->count)
        return INFINITY;
    const double slope = s->factor * (p->values[i + 1] - p->values[i]) / (p->times[i + 1] - p->times[i]);
    const double next = state->wanted + (slope > 0 ? 0.5 : -0.5);
    const double crossing = slope == 0 ? INFINITY : p->times[i] + (next - s->factor * p->values[i]) / slope;
    return fmin(fmax(crossing, nextafter(now, INFINITY)), p->times[i + 1]);
}

static uint32_t change_users(struct lci_engine *e, uint32_t index)
{
    const struct lci_pattern_source *s = &e->program->patterns[index];
    struct lci_pattern_state *state = &e->patterns[index];
    /* On the way over a half the rounded value may still be the old one by rounding of the time: hence the hair. */
    const double users = s->factor * lci_pattern_value(s->pattern, e->now - e->lead);
    const double ahead = s->factor * lci_pattern_value(s->pattern, e->now * (1 + 1e-12) - e->lead);
    state->wanted = (uint32_t)floor((ahead < users ? fmin(users, ahead) : fmax(users, ahead)) + 0.5);
    while (state->present < state->wanted) {
        state->present++;
        lci_customer_start(e, lci_customer_new(e, e->program->tasks[s->task].first + s->replica));
    }
    const double next = e->now < e->lead ? 0 : next_change(s, state, e->now - e->lead);
    if (next < INFINITY)
        lci_schedule(&e->calendar, fmax(e->lead + next, nextafter(e->now, INFINITY)),
                     lci_what(LCI_ALARM, state->alarm));
    return LCI_NIL;
}

bool lci_customer_stays(struct lci_engine *e, uint32_t task, uint32_t instance)
{
    struct lci_pattern_state *state =
        &e->patterns[e->program->tasks[task].users + instance - e->program->tasks[task].first];
    if (state->present <= state->wanted)
        return true;
    state->present--;
    return false;
}

/* ---- of an engine ------------------------------------------------------------------------------------------------ */

void lci_patterns_new(struct lci_engine *e)
{
    e->patterns = lc_calloc(e->program->pattern_count, sizeof *e->patterns);
    for (uint32_t i = 0; i < e->program->pattern_count; i++)
        e->patterns[i].alarm =
            lci_alarm_add(e, e->program->patterns[i].pattern->kind == LC_PATTERN_USERS ? change_users : arrive, i);
}

static size_t first_state(const struct lci_pattern_source *s, struct lc_random *random)
{
    double drawn = lci_random_uniform(random);
    size_t i = 0;
    while (i + 1 < s->pattern->count && drawn >= s->stationary[i])
        drawn -= s->stationary[i++];
    return i;
}

void lci_patterns_start(struct lci_engine *e)
{
    for (uint32_t i = 0; i < e->program->pattern_count; i++) {
        const struct lci_pattern_source *s = &e->program->patterns[i];
        struct lci_pattern_state *state = &e->patterns[i];
        *state = (struct lci_pattern_state){.alarm = state->alarm, .offset = -e->lead};
        if (s->pattern->kind == LC_PATTERN_MMPP) {
            state->offset = 0;
            state->at = first_state(s, &e->streams[s->stream]);
        }
        if (s->pattern->kind == LC_PATTERN_USERS)
            lci_schedule(&e->calendar, 0, lci_what(LCI_ALARM, state->alarm));
        else
            schedule_next(e, i);
    }
}
