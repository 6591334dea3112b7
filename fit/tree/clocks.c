/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/clocks.h"
#include "fit/trace/symbols.h"

#include "base/table.h"
#include "tree/ticks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The most extreme samples of one bound, so that the wildest can be left out: a binary heap with the least extreme on
 * top. Larger values are more extreme. */
#define MOST_EXTREMES 1024

/* Samples of a bound that may contradict the others, as a divisor. Of more than HANDFUL * MOST_EXTREMES / 2 samples as
 * many as are known to half. */
#define HANDFUL 20

/* How far a pair may be off: wider than any real difference, small enough that sums of offsets cannot overflow. */
#define FAR ((int64_t)1 << 50)

struct extremes {
    int64_t *values;
    size_t count, capacity;
};

struct range { /* of what parts of the traces decided */
    int64_t least, most;
};

struct pair {
    lc_symbol caller, callee;                 /* clocks */
    lc_symbol caller_service, callee_service; /* first by name: whose resolution widens the bounds */
    uint64_t contained, others;               /* samples */
    uint64_t ended;                           /* of the contained: those that end before their answer */
    struct extremes low, high;                /* of contained calls: C.end - P.end, and -(C.start - P.start) */
    struct extremes start;                    /* of the others: -(C.start - P.start) */
    uint64_t within;                          /* of the others: those that lie inside their callers as written */
    struct extremes inside;                   /* of these: C.end - P.end */
    int64_t from, to, offset;                 /* results */
    bool consistent;
    bool guessed; /* only servers' spans tell the offset, and it is not 0 */
    bool used;    /* a part was decided, or more */
    struct range used_offset, used_uncertainty;
};

struct lci_clocks {
    const struct lc_symbols *symbols;
    struct pair *pairs;
    size_t count, capacity;
    struct lci_table table; /* by caller and callee */
    struct lci_ticks ticks;
    int64_t *offsets; /* per clock symbol */
    size_t offset_capacity;
};

struct lci_clocks *lci_clocks_new(const struct lc_symbols *symbols)
{
    struct lci_clocks *c = lc_calloc(1, sizeof *c);
    c->symbols = symbols;
    return c;
}

void lci_clocks_free(struct lci_clocks *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++) {
        free(c->pairs[i].low.values);
        free(c->pairs[i].high.values);
        free(c->pairs[i].start.values);
        free(c->pairs[i].inside.values);
    }
    free(c->pairs);
    lci_table_free(&c->table);
    lci_ticks_free(&c->ticks);
    free(c->offsets);
    free(c);
}

lc_symbol lci_clock_of(const struct lc_span *span)
{
    return span->host != 0 ? span->host : span->instance != 0 ? span->instance : span->service;
}

void lci_clocks_span(struct lci_clocks *c, const struct lc_span *span)
{
    lci_ticks_span(&c->ticks, span);
}

int64_t lci_clock_tick(const struct lci_clocks *c, lc_symbol service)
{
    static const int64_t ns[] = {1, 1000000, 1000, 1};
    return ns[lci_tick(&c->ticks, service)];
}

/* ---- bounds of a pair -------------------------------------------------------------------------------------------- */

static void sift_down(int64_t *v, size_t count, size_t i)
{
    const int64_t value = v[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && v[child + 1] < v[child])
            child++;
        if (v[child] >= value)
            break;
        v[i] = v[child];
    }
    v[i] = value;
}

static void note(struct extremes *e, int64_t value)
{
    value = value < -FAR ? -FAR : value > FAR ? FAR : value;
    if (e->count == MOST_EXTREMES) {
        if (value > e->values[0]) {
            e->values[0] = value;
            sift_down(e->values, e->count, 0);
        }
        return;
    }
    LC_GROW(e->values, e->count, e->capacity);
    size_t i = e->count++;
    for (; i > 0 && e->values[(i - 1) / 2] > value; i = (i - 1) / 2)
        e->values[i] = e->values[(i - 1) / 2];
    e->values[i] = value;
}

/* The service whose name comes first: the choice does not depend on the order of the input. */
static lc_symbol first_name(const struct lci_clocks *c, lc_symbol a, lc_symbol b)
{
    return a == b || strcmp(lci_symbol_text(c->symbols, a), lci_symbol_text(c->symbols, b)) <= 0 ? a : b;
}

static int descending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

static void sort(struct extremes *e)
{
    if (e->count > 1)
        qsort(e->values, e->count, sizeof *e->values, descending);
}

static size_t handful(const struct extremes *e, uint64_t samples)
{
    const size_t known = e->count / 2;
    return samples / HANDFUL < known ? (size_t)(samples / HANDFUL) : known;
}

/* How many of the sorted samples lie beyond the bound by more than the clock's tick once it is moved by `shift`. */
static size_t beyond(const struct extremes *e, int64_t shift, int64_t tick)
{
    size_t count = 0;
    for (; count < e->count && e->values[count] + shift > tick; count++)
        assert(count == 0 || e->values[count - 1] >= e->values[count]);
    return count;
}

/* The bound of the bulk. Up to a handful of samples are left out if a gap divides them from the rest that is wider than
 * as many of the rest, and at least eight; if none does, the most extreme thousandth, from 200 samples on at least one.
 */
static int64_t robust(const struct extremes *e, uint64_t samples, int64_t tick)
{
    const int64_t *v = e->values;
    const size_t most = handful(e, samples), window = most > 8 ? most : 8;
    for (size_t k = most; k > 0; k--) {
        const size_t last = k + window < e->count ? k + window : e->count - 1;
        if (v[k - 1] - v[k] > v[k] - v[last] + tick)
            return v[k];
    }
    size_t dropped = (size_t)(samples / 1000);
    if (samples >= 200 && dropped == 0)
        dropped = 1;
    return v[dropped < e->count ? dropped : e->count - 1];
}

static struct pair *find(const struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    uint32_t at;
    LCI_TABLE_FIND(&c->table, lci_hash_pair(caller, callee), at,
                   c->pairs[at].caller == caller && c->pairs[at].callee == callee);
    return at != LCI_ABSENT ? &c->pairs[at] : NULL;
}

static struct pair *pair_of(struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    struct pair *known = find(c, caller, callee);
    if (known != NULL)
        return known;
    LC_GROW(c->pairs, c->count, c->capacity);
    c->pairs[c->count] = (struct pair){.caller = caller, .callee = callee};
    lci_table_add(&c->table, lci_hash_pair(caller, callee), c->count);
    return &c->pairs[c->count++];
}

void lci_clocks_pair(struct lci_clocks *c, const struct lc_span *parent, const struct lc_span *child, bool contained)
{
    struct pair *p = pair_of(c, lci_clock_of(parent), lci_clock_of(child));
    const bool first = p->contained + p->others == 0;
    p->caller_service = first ? parent->service : first_name(c, p->caller_service, parent->service);
    p->callee_service = first ? child->service : first_name(c, p->callee_service, child->service);
    if (contained) {
        p->contained++;
        /* A server span that is longer than its client's goes on after the answer: its end tells nothing. */
        if (child->end - child->start <= parent->end - parent->start) {
            p->ended++;
            note(&p->low, child->end - parent->end);
        }
        note(&p->high, parent->start - child->start);
    } else {
        p->others++;
        note(&p->start, parent->start - child->start);
        if (child->start >= parent->start && child->end <= parent->end) {
            p->within++;
            note(&p->inside, child->end - parent->end);
        }
    }
}

/* ---- offsets ----------------------------------------------------------------------------------------------------- */

/* A written time may be up to a tick too early: that much the bounds are wider. A clock stays as it is unless more than
 * a handful of calls contradict it. */
static void bound_by_clients(struct pair *p, int64_t caller_tick, int64_t callee_tick)
{
    p->from = p->ended > 0 ? robust(&p->low, p->ended, caller_tick) - caller_tick : -FAR;
    p->to = -robust(&p->high, p->contained, callee_tick) + callee_tick;
    if (beyond(&p->low, 0, caller_tick) <= handful(&p->low, p->ended) &&
        beyond(&p->high, 0, callee_tick) <= handful(&p->high, p->contained)) {
        p->from = p->from < 0 ? p->from : 0;
        p->to = p->to > 0 ? p->to : 0;
    }
    p->consistent = p->from <= p->to;
    if (p->from <= 0 && 0 <= p->to)
        p->offset = 0;
    else if (p->from == -FAR)
        p->offset = p->to;
    else
        p->offset = p->from + (p->to - p->from) / 2;
}

/* Without client spans the end of a call is no evidence, because it may be fire-and-forget: the clock is moved only
 * where calls would begin before their caller, by no more than is needed, and not where that moves most calls, which
 * lay inside their callers, out of them. */
static void bound_by_servers(struct pair *p, int64_t caller_tick, int64_t callee_tick)
{
    p->from = -FAR;
    p->to = -robust(&p->start, p->others, callee_tick) + callee_tick;
    p->consistent = true;
    if (p->to < 0 && beyond(&p->start, 0, callee_tick) <= handful(&p->start, p->others))
        p->to = 0;
    if (p->to < 0 && 2 * p->within > p->others) {
        const int64_t latest = robust(&p->inside, p->within, caller_tick) - caller_tick;
        if (latest > p->to) {
            p->from = latest;
            p->consistent = false;
        }
    }
    p->offset = p->to < 0 && p->consistent ? p->to : 0;
    p->guessed = p->offset != 0;
}

static void bound(struct lci_clocks *c, struct pair *p)
{
    const int64_t caller_tick = lci_clock_tick(c, p->caller_service);
    const int64_t callee_tick = lci_clock_tick(c, p->callee_service);
    sort(&p->low);
    sort(&p->high);
    sort(&p->start);
    sort(&p->inside);
    p->guessed = false;
    if (p->contained > 0)
        bound_by_clients(p, caller_tick, callee_tick);
    else
        bound_by_servers(p, caller_tick, callee_tick);
}

/* Calls that contradict the offset: they begin before their callers, or end after their clients. As many as are known.
 */
static size_t contradictory(const struct lci_clocks *c, const struct pair *p, int64_t offset)
{
    const int64_t tick = lci_clock_tick(c, p->callee_service);
    if (p->contained == 0)
        return beyond(&p->start, offset, tick);
    return beyond(&p->high, offset, tick) + beyond(&p->low, -offset, lci_clock_tick(c, p->caller_service));
}

static int by_names(const struct lci_clocks *c, const struct pair *x, const struct pair *y)
{
    const int order = strcmp(lci_symbol_text(c->symbols, x->caller), lci_symbol_text(c->symbols, y->caller));
    return order != 0 ? order : strcmp(lci_symbol_text(c->symbols, x->callee), lci_symbol_text(c->symbols, y->callee));
}

static int named(const void *a, const void *b, void *clocks)
{
    const struct lci_clocks *c = clocks;
    return by_names(c, &c->pairs[*(const size_t *)a], &c->pairs[*(const size_t *)b]);
}

/* The pairs in the order of their names; owned by the caller. */
static size_t *in_order(const struct lci_clocks *c)
{
    size_t *order = lc_calloc(c->count + 1, sizeof *order);
    for (size_t i = 0; i < c->count; i++)
        order[i] = i;
    qsort_r(order, c->count, sizeof *order, named, (void *)c);
    return order;
}

static int by_width(const void *a, const void *b, void *clocks)
{
    const struct lci_clocks *c = clocks;
    const struct pair *x = &c->pairs[*(const size_t *)a], *y = &c->pairs[*(const size_t *)b];
    const int64_t p = x->consistent ? x->to - x->from : INT64_MAX, q = y->consistent ? y->to - y->from : INT64_MAX;
    return p != q ? (p < q ? -1 : 1) : by_names(c, x, y);
}

/* A forest over the clocks: each knows its offset from its parent's. */
struct forest {
    lc_symbol *parent;
    int64_t *above;
};

static lc_symbol root_of(const struct forest *f, lc_symbol clock, int64_t *offset)
{
    *offset = 0;
    while (f->parent[clock] != clock) {
        *offset += f->above[clock];
        clock = f->parent[clock];
    }
    return clock;
}

/* The pairs that are known best connect the clocks first; what they imply for other pairs stands. A consistent pair
 * comes before every inconsistent one. */
static void propagate(struct lci_clocks *c, lc_symbol clocks)
{
    size_t *ranked = in_order(c);
    struct forest f = {lc_calloc(clocks, sizeof *f.parent), lc_calloc(clocks, sizeof *f.above)};
    uint32_t *size = lc_calloc(clocks, sizeof *size);
    for (lc_symbol i = 0; i < clocks; i++) {
        f.parent[i] = i;
        size[i] = 1;
    }
    qsort_r(ranked, c->count, sizeof *ranked, by_width, c);
    for (size_t i = 0; i < c->count; i++) {
        const struct pair *p = &c->pairs[ranked[i]];
        int64_t a, b;
        const lc_symbol caller = root_of(&f, p->caller, &a), callee = root_of(&f, p->callee, &b);
        if (caller == callee)
            continue;
        const int64_t offset = a + p->offset - b; /* of the callee's root from the caller's */
        if (size[caller] >= size[callee]) {       /* the smaller tree goes below: paths stay short */
            f.parent[callee] = caller;
            f.above[callee] = offset;
            size[caller] += size[callee];
        } else {
            f.parent[caller] = callee;
            f.above[caller] = -offset;
            size[callee] += size[caller];
        }
    }
    for (lc_symbol i = 0; i < clocks; i++)
        root_of(&f, i, &c->offsets[i]);
    free(size);
    free(ranked);
    free(f.parent);
    free(f.above);
}

void lci_clocks_settle(struct lci_clocks *c)
{
    lc_symbol most = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct pair *p = &c->pairs[i];
        bound(c, p);
        most = p->caller > most ? p->caller : most;
        most = p->callee > most ? p->callee : most;
    }
    free(c->offsets);
    c->offset_capacity = (size_t)most + 1;
    c->offsets = lc_calloc(c->offset_capacity, sizeof *c->offsets);
    if (c->count > 0)
        propagate(c, most + 1);
}

/* Takes over what is known of the same clocks elsewhere. */
static void follow(struct lci_clocks *c, const struct lci_clocks *given)
{
    for (size_t i = 0; i < c->offset_capacity; i++)
        c->offsets[i] = lci_clock_offset(given, (lc_symbol)i);
    for (size_t i = 0; i < c->count; i++) {
        struct pair *p = &c->pairs[i];
        const struct pair *known = find(given, p->caller, p->callee);
        if (known == NULL)
            continue;
        p->from = known->from;
        p->to = known->to;
        p->offset = known->offset;
        p->consistent = known->consistent;
        p->guessed = known->guessed;
    }
}

static int64_t offset_of(const struct lci_clocks *c, const struct pair *p)
{
    return lci_clock_offset(c, p->callee) - lci_clock_offset(c, p->caller);
}

static int64_t uncertainty_of(const struct pair *p)
{
    return p->consistent && p->from > -FAR ? (p->to - p->from) / 2 : 0;
}

void lci_clocks_finish(struct lci_clocks *c, const struct lci_clocks *given, struct lc_diag *diag)
{
    lci_clocks_settle(c);
    if (given != NULL)
        follow(c, given);
    for (size_t i = 0; i < c->count; i++) {
        struct pair *p = &c->pairs[i];
        const int64_t offset = offset_of(c, p), uncertainty = uncertainty_of(p);
        p->used = true;
        p->used_offset = (struct range){offset, offset};
        p->used_uncertainty = (struct range){uncertainty, uncertainty};
        if (!p->consistent)
            lc_warn(diag, NULL,
                    "the clocks of '%s' and '%s' contradict each other by %.3f ms (drift?); their difference is taken "
                    "as %.3f ms, durations are not affected",
                    lci_symbol_text(c->symbols, p->caller), lci_symbol_text(c->symbols, p->callee),
                    (double)(p->from - p->to) * 1e-6, (double)p->offset * 1e-6);
    }
    lci_ticks_decide(&c->ticks, given != NULL ? &given->ticks : NULL);
}

int64_t lci_clock_offset(const struct lci_clocks *c, lc_symbol clock)
{
    return clock < c->offset_capacity ? c->offsets[clock] : 0;
}

int64_t lci_clock_uncertainty(const struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    if (caller == callee)
        return 0;
    const struct pair *p = find(c, caller, callee);
    return p == NULL ? 0 : uncertainty_of(p);
}

bool lci_clock_guessed(const struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    if (caller == callee)
        return false;
    const struct pair *p = find(c, caller, callee);
    return p != NULL && p->guessed;
}

struct lc_clock_offset *lci_clocks_list(const struct lci_clocks *c, size_t *count)
{
    struct lc_clock_offset *list = lc_calloc(c->count + 1, sizeof *list);
    size_t *order = in_order(c);
    *count = c->count;
    for (size_t i = 0; i < c->count; i++) {
        const struct pair *p = &c->pairs[order[i]];
        list[i] = (struct lc_clock_offset){.caller = p->caller,
                                           .callee = p->callee,
                                           .offset = offset_of(c, p),
                                           .low = p->from > -FAR ? p->from : INT64_MIN,
                                           .high = p->to,
                                           .samples = p->contained + p->others,
                                           .contradictory = contradictory(c, p, offset_of(c, p)),
                                           .consistent = p->consistent};
    }
    free(order);
    return list;
}

/* ---- parts of the traces ----------------------------------------------------------------------------------------- */

static json_t *extremes_json(struct extremes *e)
{
    json_t *list = json_array();
    sort(e);
    for (size_t i = 0; i < e->count; i++)
        json_array_append_new(list, json_integer(e->values[i]));
    return list;
}

void lci_clocks_write(struct lci_clocks *c, lci_put_line put, void *sink)
{
    size_t *order = in_order(c);
    lci_ticks_write(&c->ticks, c->symbols, put, sink);
    for (size_t i = 0; i < c->count; i++) {
        struct pair *p = &c->pairs[order[i]];
        const char *(*text)(const struct lc_symbols *, lc_symbol) = lci_symbol_text;
        put(sink,
            json_pack("{s:{s:[s, s, s, s], s:[I, I, I, I], s:o, s:o, s:o, s:o, s:[I, I, I, I]}}", "hosts", "names",
                      text(c->symbols, p->caller), text(c->symbols, p->callee), text(c->symbols, p->caller_service),
                      text(c->symbols, p->callee_service), "samples", (json_int_t)p->contained, (json_int_t)p->others,
                      (json_int_t)p->ended, (json_int_t)p->within, "low", extremes_json(&p->low), "high",
                      extremes_json(&p->high), "start", extremes_json(&p->start), "inside", extremes_json(&p->inside),
                      "used", (json_int_t)p->used_offset.least, (json_int_t)p->used_offset.most,
                      (json_int_t)p->used_uncertainty.least, (json_int_t)p->used_uncertainty.most));
    }
    free(order);
}

static bool read_extremes(struct extremes *e, const json_t *list, json_int_t samples)
{
    const size_t count = json_array_size(list), full = samples < MOST_EXTREMES ? (size_t)samples : MOST_EXTREMES;
    if (count != full)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!json_is_integer(json_array_get(list, i)))
            return false;
        note(e, json_integer_value(json_array_get(list, i)));
    }
    return true;
}

static void widen(struct range *range, bool used, int64_t least, int64_t most)
{
    range->least = !used || least < range->least ? least : range->least;
    range->most = !used || most > range->most ? most : range->most;
}

bool lci_clocks_read(struct lci_clocks *c, struct lc_symbols *symbols, const json_t *line)
{
    const char *names[4];
    lc_symbol found[4];
    json_int_t contained, others, ended, within, used[4];
    json_t *low, *high, *start, *inside;
    if (json_unpack((json_t *)line, "{s:[s, s, s, s!], s:[I, I, I, I!], s:o, s:o, s:o, s:o, s:[I, I, I, I!]}", "names",
                    &names[0], &names[1], &names[2], &names[3], "samples", &contained, &others, &ended, &within, "low",
                    &low, "high", &high, "start", &start, "inside", &inside, "used", &used[0], &used[1], &used[2],
                    &used[3]) != 0 ||
        contained < 0 || others < 0 || contained + others < 1 || ended < 0 || ended > contained || within < 0 ||
        within > others)
        return false;
    for (size_t i = 0; i < 4; i++) {
        found[i] = *names[i] != 0 ? lci_symbol_of(symbols, names[i], strlen(names[i])) : 0;
        if (used[i] < -64 * FAR || used[i] > 64 * FAR)
            return false;
    }
    struct pair *p = pair_of(c, found[0], found[1]);
    const bool first = p->contained + p->others == 0;
    p->caller_service = first ? found[2] : first_name(c, p->caller_service, found[2]);
    p->callee_service = first ? found[3] : first_name(c, p->callee_service, found[3]);
    p->contained += (uint64_t)contained;
    p->others += (uint64_t)others;
    p->ended += (uint64_t)ended;
    p->within += (uint64_t)within;
    widen(&p->used_offset, p->used, used[0], used[1]);
    widen(&p->used_uncertainty, p->used, used[2], used[3]);
    p->used = true;
    return read_extremes(&p->low, low, ended) && read_extremes(&p->high, high, contained) &&
           read_extremes(&p->start, start, others) && read_extremes(&p->inside, inside, within);
}

bool lci_clocks_read_tick(struct lci_clocks *c, struct lc_symbols *symbols, const json_t *line)
{
    return lci_ticks_read(&c->ticks, symbols, line);
}

bool lci_clocks_agree(const struct lci_clocks *c, struct lc_diag *diag)
{
    size_t differ = lci_ticks_differ(&c->ticks, c->symbols, diag);
    bool same = true;
    for (size_t i = 0; i < c->count; i++) {
        const struct pair *p = &c->pairs[i];
        const int64_t offset = offset_of(c, p), uncertainty = uncertainty_of(p);
        same &= p->used_uncertainty.least == uncertainty && p->used_uncertainty.most == uncertainty;
        if (p->used_offset.least == offset && p->used_offset.most == offset &&
            (uncertainty <= 2 * p->used_uncertainty.least ||
             (p->used_uncertainty.least == uncertainty && p->used_uncertainty.most == uncertainty)))
            continue;
        if (differ++ < LCI_MOST_TOLD)
            lc_error(diag, LC_INPUT, NULL,
                     "the clock of '%s' is %.6f ms ± %.6f ms ahead of that of '%s' by all traces together, and was "
                     "taken for %.6f to %.6f ms ahead in parts",
                     lci_symbol_text(c->symbols, p->callee), (double)offset * 1e-6, (double)uncertainty * 1e-6,
                     lci_symbol_text(c->symbols, p->caller), (double)p->used_offset.least * 1e-6,
                     (double)p->used_offset.most * 1e-6);
    }
    if (differ > LCI_MOST_TOLD)
        lc_error(diag, LC_INPUT, NULL, "and %zu more clocks", differ - LCI_MOST_TOLD);
    return same;
}
