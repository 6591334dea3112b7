/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How loaded the system was when its traces were taken, where no limit is stated, or a low load is. Who finds others at
 * a service and then takes longer than who finds fewer has waited for them.
 */
#include "fit/trace/symbols.h"
#include "network/patterns/waiting.h"

#include "base/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST   20   /* visits on each side of a comparison */
#define LONGER  0.2  /* part of the time by which those that find more take longer, to be worth a word */
#define CERTAIN 4    /* standard errors of that */
#define MATTERS 0.05 /* the same, as a part of the whole time */

/* ---- visits that find others ------------------------------------------------------------------------------------- */

struct found {          /* a visit: how many others were at its instance when it came, and its own time */
    int64_t begin, end; /* ns */
    lc_symbol task, instance;
    size_t kind; /* operation and class */
    double self;
    uint32_t others;
};

static int by_begin(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* The visit's time without that of the calls that it waits for. */
static double self_time(const struct lci_variant *variant, const struct lci_visit *visit)
{
    double self = 0, time = 0;
    for (uint32_t i = 0; i < visit->call_count; i++) {
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        if (call->forget)
            continue;
        self += fmax(0, fmin(call->sent, visit->duration) - time);
        time = fmax(time, fmin(call->answered, visit->duration));
    }
    return self + fmax(0, visit->duration - time);
}

static struct found *find_spans(const struct lci_visits *visits, const struct lci_task *task, size_t *count)
{
    struct found *spans = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t o = task->first_operation; o < task->end_operation; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        for (size_t c = 0; operation->inside == 0 && c < visits->class_count; c++)
            for (size_t v = 0; v < operation->variants[c].visit_count; v++) {
                const struct lci_visit *visit = &operation->variants[c].visits[v];
                LC_GROW(spans, *count, capacity);
                spans[(*count)++] = (struct found){.begin = visit->start,
                                                   .end = visit->start + llround(visit->duration * 1e9),
                                                   .instance = visit->instance,
                                                   .kind = o * visits->class_count + c,
                                                   .self = self_time(&operation->variants[c], visit)};
            }
    }
    if (*count > 1)
        qsort(spans, *count, sizeof *spans, by_begin);
    return spans;
}

/* Calls of services as if they were visits, whose own time is what they took beside the services' spans; by service. */
static struct found *find_calls(const struct lci_visits *visits, size_t *count)
{
    struct found *calls = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t i = 0; i < variant->visit_count; i++)
                for (uint32_t k = 0; k < variant->visits[i].call_count; k++) {
                    const struct lci_visit *visit = &variant->visits[i];
                    const struct lci_call *call = &variant->calls[visit->first_call + k];
                    if (!call->paired || call->forget)
                        continue;
                    LC_GROW(calls, *count, capacity);
                    calls[(*count)++] = (struct found){.begin = visit->start + llround(call->sent * 1e9),
                                                       .end = visit->start + llround(call->answered * 1e9),
                                                       .task = visits->operations[call->operation].task,
                                                       .kind = call->operation * visits->class_count + c,
                                                       .self = call->outside};
                }
        }
    if (*count > 1)
        qsort(calls, *count, sizeof *calls, by_begin);
    return calls;
}

/* Those that came before and have not ended, by the order of all ends. */
static void count_others(struct found *spans, size_t count)
{
    int64_t *ends = lc_alloc((count + 1) * sizeof *ends);
    for (size_t first = 0, next; first < count; first = next) {
        size_t gone = 0;
        for (next = first; next < count && spans[next].instance == spans[first].instance; next++)
            ends[next - first] = spans[next].end;
        lci_sort_int64(ends, next - first);
        for (size_t i = first; i < next; i++) {
            while (gone < i - first && ends[gone] <= spans[i].begin)
                gone++;
            spans[i].others = (uint32_t)(i - first - gone);
        }
    }
    free(ends);
}

/* ---- the comparison ---------------------------------------------------------------------------------------------- */

struct moments {
    double count, mean, squares;
};

static void add(struct moments *m, double value)
{
    const double step = value - m->mean;
    m->mean += step / ++m->count;
    m->squares += step * (value - m->mean);
}

static double variance_of_mean(const struct moments *m)
{
    return m->count > 1 ? m->squares / (m->count - 1) / m->count : INFINITY;
}

/* Who comes to a service and finds at most `few` others, and who finds more, of the operation that says the most. */
struct contention {
    uint32_t few;
    struct moments fewer, more;
    double errors; /* standard errors by which those that find more take longer; 0: it cannot be told */
};

static int by_kind(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return by_begin(a, b);
}

/* Of visits of one kind: below and above the median number of others. */
static struct contention contention_of(const struct found *spans, size_t count)
{
    struct contention c = {0};
    if (count < 2 * LEAST)
        return c;
    uint32_t *others = lc_alloc(count * sizeof *others);
    for (size_t i = 0; i < count; i++)
        others[i] = spans[i].others;
    lci_sort_uint32(others, count);
    c.few = others[(count - 1) / 2];
    for (size_t i = 0; i < count; i++)
        add(spans[i].others <= c.few ? &c.fewer : &c.more, spans[i].self);
    const double error = sqrt(variance_of_mean(&c.fewer) + variance_of_mean(&c.more));
    if (c.more.count >= LEAST && error > 0)
        c.errors = (c.more.mean - c.fewer.mean) / error;
    free(others);
    return c;
}

/* Of the visits of one service; they are put into another order. */
static struct contention contention_at(struct found *spans, size_t count, size_t *kind)
{
    struct contention most = {0};
    double duration = 0;
    count_others(spans, count);
    for (size_t i = 0; i < count; i++)
        duration += (double)(spans[i].end - spans[i].begin) * 1e-9 / (double)count;
    if (count > 1)
        qsort(spans, count, sizeof *spans, by_kind);
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count && spans[next].kind == spans[first].kind; next++)
            ;
        const struct contention c = contention_of(spans + first, next - first);
        if (c.errors > CERTAIN && c.more.mean > (1 + LONGER) * c.fewer.mean &&
            c.more.mean - c.fewer.mean > MATTERS * duration && c.errors > most.errors) {
            most = c;
            *kind = spans[first].kind;
        }
    }
    return most;
}

/* What is stated of the service's limits; NULL: nothing. */
static const struct lc_capacity *capacity_of(const struct lci_visits *visits, lc_symbol task)
{
    for (size_t i = 0; i < visits->options.capacity_count; i++)
        if (strcmp(visits->options.capacities[i].task, lci_text(visits, task)) == 0)
            return &visits->options.capacities[i];
    return NULL;
}

static bool has_capacity(const struct lci_visits *visits, lc_symbol task)
{
    const struct lc_capacity *capacity = capacity_of(visits, task);
    return capacity != NULL && (capacity->threads > 0 || capacity->cores > 0 || capacity->locks);
}

/* Who states that there are threads without limit is not asked for them. */
static bool is_unlimited(const struct lci_visits *visits, lc_symbol task)
{
    const struct lc_capacity *capacity = capacity_of(visits, task);
    return capacity != NULL && capacity->unlimited;
}

static const char *entry_of(const struct lci_visits *visits, size_t kind)
{
    return lci_text(visits, visits->operations[kind / visits->class_count].entry);
}

/* What the visits found that found more than `few` others, and the rest. */
static char *more_text(uint32_t few)
{
    return few == 0 ? lc_strdup("others") : lc_format("more than %u other%s", few, few > 1 ? "s" : "");
}

static char *fewer_text(uint32_t few)
{
    return few == 0 ? lc_strdup("nobody else") : lc_format("at most %u", few);
}

static bool warn_within(const struct lci_visits *visits, const struct lci_task *known, struct lc_diag *diag)
{
    size_t count, kind = 0;
    const lc_symbol task = known->name;
    struct found *spans = find_spans(visits, known, &count);
    const struct contention c = contention_at(spans, count, &kind);
    free(spans);
    char *more = more_text(c.few), *fewer = fewer_text(c.few);
    if (c.errors > 0)
        lc_warn(diag, NULL,
                "requests waited at '%s' while the traces were taken: %s took %.3g ms of its own for the %.0f requests "
                "that found %s there, and %.3g ms for the %.0f that found %s; that counts as service until "
                "deployment.services.%s.%s is stated",
                lci_text(visits, task), entry_of(visits, kind), c.more.mean * 1e3, c.more.count, more,
                c.fewer.mean * 1e3, c.fewer.count, fewer, lci_text(visits, task),
                is_unlimited(visits, task) ? "cores" : "concurrency (or cores)");
    free(more);
    free(fewer);
    return c.errors > 0;
}

/* `calls`: all of the service. */
static bool warn_before(const struct lci_visits *visits, lc_symbol task, struct found *calls, size_t count,
                        struct lc_diag *diag)
{
    size_t kind = 0;
    const struct contention c = contention_at(calls, count, &kind);
    char *more = more_text(c.few);
    if (c.errors > 0)
        lc_warn(diag, NULL,
                "requests waited before the spans of '%s' while the traces were taken: calls of %s took %.3g ms more "
                "than its spans while %s were under way (%.0f of them), and %.3g ms otherwise (%.0f); that counts as "
                "network latency%s%s%s",
                lci_text(visits, task), entry_of(visits, kind), c.more.mean * 1e3, more, c.more.count,
                c.fewer.mean * 1e3, c.fewer.count,
                is_unlimited(visits, task) ? ", although concurrency: infinite is stated"
                                           : " until deployment.services.",
                is_unlimited(visits, task) ? "" : lci_text(visits, task),
                is_unlimited(visits, task) ? "" : ".concurrency is stated");
    free(more);
    return c.errors > 0;
}

static int by_task(const void *task, const void *call)
{
    const lc_symbol x = *(const lc_symbol *)task, y = ((const struct found *)call)->task;
    return (x > y) - (x < y);
}

/* The calls of the service among all, which are in the order of services; *count: how many. */
static struct found *calls_of(struct found *calls, size_t all, lc_symbol task, size_t *count)
{
    struct found *first = all > 0 ? bsearch(&task, calls, all, sizeof *calls, by_task) : NULL, *end = first;
    while (first != NULL && first > calls && first[-1].task == task)
        first--;
    while (end != NULL && end < calls + all && end->task == task)
        end++;
    *count = (size_t)(end - first);
    return first;
}

size_t lci_warn_of_contention(const struct lci_visits *visits, lc_symbol *where, struct lc_diag *diag)
{
    size_t warned = 0, call_count;
    struct found *calls = find_calls(visits, &call_count);
    for (size_t t = 0; t < visits->task_count; t++) {
        const lc_symbol task = visits->tasks[t].name;
        if (visits->tasks[t].external || has_capacity(visits, task))
            continue;
        size_t count;
        struct found *own = calls_of(calls, call_count, task, &count);
        const bool within = warn_within(visits, &visits->tasks[t], diag),
                   before = warn_before(visits, task, own, count, diag);
        if (!within && !before)
            continue;
        if (warned++ == 0)
            *where = task;
    }
    free(calls);
    return warned;
}

/* ---- what is stated, and what is not ----------------------------------------------------------------------------- */

void lci_check_low(const struct lci_visits *visits, struct lc_diag *diag)
{
    for (size_t i = 0; i < visits->options.capacity_count; i++) {
        const struct lc_capacity *capacity = &visits->options.capacities[i];
        const lc_symbol task = lci_symbol_find(visits->symbols, capacity->task);
        const struct lci_task *known = task != 0 ? lci_task_find(visits, task) : NULL;
        if (known == NULL || known->external || capacity->threads == 0)
            continue;
        const struct lci_peak peak = lci_peak_of(visits, known);
        const double most = (double)capacity->threads * (known->instance_count > 0 ? 1 : fmax(capacity->replicas, 1));
        if ((double)peak.most > most)
            lc_warn(diag, NULL,
                    "traces.assume_load is low, but up to %ld requests at a time were seen at an instance of '%s', "
                    "whose concurrency is stated as %u: those beyond it have waited, and their waiting counts twice; "
                    "state assume_load: auto, or the concurrency that it has",
                    peak.most, capacity->task, capacity->threads);
    }
}
