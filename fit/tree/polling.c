/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/polling.h"
#include "fit/trace/symbols.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NONE UINT32_MAX
#define TICK 1000000 /* ns; starts are written in whole milliseconds at worst */

/* What is known of a span from those of its service that lie directly below it. */
struct below {
    int64_t first, last; /* earliest start, latest end */
    uint32_t count;
    uint32_t jobs, first_job; /* of kind consumer */
    uint32_t receiver;        /* the one that receives, before all others, and nothing else; NONE: none */
    uint32_t polls;           /* that go, with their jobs below */
    uint32_t loop;            /* of one of those: the span around it, where that goes as well; NONE: none */
};

struct lci_polling {
    const struct lc_symbols *symbols;
    struct lci_polls polls;
    uint64_t gone; /* spans that are in no trace any more */
    /* Scratch, per span. */
    struct below *below;
    uint32_t *parents, *roots, *order, *place;
    uint8_t *fate;
    size_t capacity;
    struct lc_trace part;
    size_t spans, attributes, events, links; /* capacities */
    struct lc_span *changed;                 /* the trace's spans as they are to be */
};

enum fate { STAYS, GONE, FRESH /* a root that was none */ };

struct lci_polling *lci_polling_new(const struct lc_symbols *symbols)
{
    struct lci_polling *p = lc_calloc(1, sizeof *p);
    p->symbols = symbols;
    return p;
}

void lci_polling_free(struct lci_polling *p)
{
    if (p == NULL)
        return;
    free(p->polls.items);
    free(p->below);
    free(p->parents);
    free(p->roots);
    free(p->order);
    free(p->place);
    free(p->fate);
    free(p->changed);
    free(p->part.spans);
    free(p->part.attributes);
    free(p->part.events);
    free(p->part.links);
    free(p);
}

/* ---- what a span does ----------------------------------------------------------------------------------------------
 */

static bool is_receiving(const char *word, size_t length)
{
    static const char *const words[] = {"receive", "poll", "fetch"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncasecmp(words[i], word, length) == 0)
            return true;
    return false;
}

/* "receive orders" and "orders receive": names by the present and by the former convention. */
static bool is_named_receive(const char *name)
{
    const char *last = strrchr(name, ' ');
    return is_receiving(name, strcspn(name, " ")) || (last != NULL && is_receiving(last + 1, strlen(last + 1)));
}

enum lci_messaging lci_messaging_of(const struct lc_symbols *symbols, const struct lc_trace *trace,
                                    const struct lc_span *span)
{
    const lc_symbol operation = lc_span_attribute(trace, span, LC_ATTR_MESSAGING_OPERATION);
    const char *text = lci_symbol_text(symbols, operation);
    if (operation != 0)
        return is_receiving(text, strlen(text)) ? LCI_MESSAGING_RECEIVE : LCI_MESSAGING_OTHER;
    return span->kind == LC_KIND_CONSUMER && is_named_receive(lci_symbol_text(symbols, span->operation))
               ? LCI_MESSAGING_RECEIVE
               : LCI_MESSAGING_UNKNOWN;
}

/* A span that receives and has its work after its end. One whose work lies within it is the work: some libraries call
 * the whole handling of a message so. */
static bool is_polling(const struct lci_polling *p, const struct lc_trace *t, uint32_t i)
{
    const struct lc_span *s = &t->spans[i];
    const struct below *b = &p->below[i];
    const int64_t length = s->end - s->start, slack = length / 2 < TICK ? length / 2 : TICK;
    if (b->count == 0 || b->first < s->end - slack || s->kind == LC_KIND_SERVER || s->kind == LC_KIND_PRODUCER)
        return false;
    const enum lci_messaging does = lci_messaging_of(p->symbols, t, s);
    return does == LCI_MESSAGING_RECEIVE ||
           (does == LCI_MESSAGING_UNKNOWN && s->kind == LC_KIND_CONSUMER && b->jobs > 0);
}

/* Nothing came of it that has a span, and nobody is known to have sent anything. */
static bool is_alone(const struct lci_polling *p, const struct lc_trace *t)
{
    const struct lc_span *s = &t->spans[0];
    return t->span_count == 1 && s->link_count == 0 && (s->flags & LC_SPAN_ORPHAN) == 0 &&
           (s->kind == LC_KIND_CONSUMER || s->kind == LC_KIND_CLIENT) &&
           lci_messaging_of(p->symbols, t, s) == LCI_MESSAGING_RECEIVE;
}

/* May it lie around the handling of many messages? */
static bool is_loop(const struct lc_span *s)
{
    return s->kind != LC_KIND_CONSUMER && s->kind != LC_KIND_PRODUCER && s->kind != LC_KIND_SERVER;
}

static bool has_foreign_link(const struct lc_trace *t, const struct lc_span *s)
{
    for (uint32_t i = 0; i < s->link_count; i++) {
        const struct lc_link *link = &t->links[s->first_link + i];
        if (link->span != 0 && (link->trace_low != t->low || link->trace_high != t->high))
            return true;
    }
    return false;
}

/* A span by which a loop, or the whole handling of a message, begins, and which does nothing but receive. */
static bool is_receiver(const struct lci_polling *p, const struct lc_trace *t, const uint32_t *parents, uint32_t i)
{
    const struct lc_span *s = &t->spans[i];
    const uint32_t up = parents[i];
    if (up == NONE || parents[up] != NONE || p->below[i].count > 0 || s->start != p->below[up].first ||
        t->spans[up].service != s->service || lci_messaging_of(p->symbols, t, s) != LCI_MESSAGING_RECEIVE)
        return false;
    if (s->kind != LC_KIND_CLIENT && (s->kind != LC_KIND_CONSUMER || p->below[up].count == 1))
        return false;
    return is_loop(&t->spans[up]) || (t->spans[up].kind == LC_KIND_CONSUMER &&
                                      lci_messaging_of(p->symbols, t, &t->spans[up]) != LCI_MESSAGING_OTHER);
}

static void look_below(struct lci_polling *p, const struct lc_trace *t, const uint32_t *parents)
{
    for (uint32_t i = 0; i < t->span_count; i++)
        p->below[i] = (struct below){.receiver = NONE, .loop = NONE};
    for (uint32_t i = 0; i < t->span_count; i++) {
        const struct lc_span *s = &t->spans[i];
        if (parents[i] == NONE || t->spans[parents[i]].service != s->service)
            continue;
        struct below *b = &p->below[parents[i]];
        b->first = b->count == 0 || s->start < b->first ? s->start : b->first;
        b->last = b->count == 0 || s->end > b->last ? s->end : b->last;
        b->count++;
    }
    for (uint32_t i = 0; i < t->span_count; i++)
        if (is_receiver(p, t, parents, i))
            p->below[parents[i]].receiver = i;
    for (uint32_t i = 0; i < t->span_count; i++) {
        const struct lc_span *s = &t->spans[i];
        if (parents[i] == NONE || t->spans[parents[i]].service != s->service || s->kind != LC_KIND_CONSUMER)
            continue;
        struct below *b = &p->below[parents[i]];
        if (b->receiver != i && (b->jobs++ == 0 || s->start < t->spans[b->first_job].start))
            b->first_job = i;
    }
}

/* ---- taking them out -----------------------------------------------------------------------------------------------
 */

/* A message's link is that of its own span, or of the receiving one: the n-th of as many jobs as stand below one span,
 * or all of one. */
static void inherit_links(struct lci_polling *p, uint32_t span, uint32_t from, const struct below *jobs, uint32_t nth)
{
    struct lc_span *s = &p->changed[span];
    const struct lc_span *r = &p->changed[from];
    if (s->link_count > 0 || r->link_count == 0)
        return;
    if (jobs->jobs == r->link_count) {
        s->first_link = r->first_link + nth;
        s->link_count = 1;
    } else if (span == jobs->first_job) {
        s->first_link = r->first_link;
        s->link_count = r->link_count;
    }
}

/* A loop's span around what is done with all messages may have the links: the n-th for the n-th message. */
static void inherit_from_loop(struct lci_polling *p, const struct lc_trace *t, uint32_t span, uint32_t loop,
                              uint32_t nth)
{
    struct lc_span *s = &p->changed[span];
    const struct lc_span *l = &t->spans[loop];
    if (s->link_count > 0 || nth >= l->link_count || l->service != s->service || !is_loop(l))
        return;
    s->first_link = l->first_link + nth;
    s->link_count = 1;
    p->changed[loop].link_count = 0;
}

/* The span above that stays; NONE: none. Paths are shortened on the way. */
static uint32_t staying(struct lci_polling *p, uint32_t span)
{
    uint32_t top = span;
    while (top != NONE && p->fate[top] == GONE)
        top = p->parents[top];
    while (span != top) {
        const uint32_t next = p->parents[span];
        p->parents[span] = top;
        span = next;
    }
    return top;
}

/* What begins with a receiver begins at its end; the message is that of the jobs within, or where there are none, its
 * own. A loop's span around nothing but these goes. */
static bool begin_behind_receiver(struct lci_polling *p, const struct lc_trace *t, uint32_t i)
{
    const struct below *b = &p->below[i];
    if (b->receiver == NONE)
        return false;
    const struct lc_span *r = &t->spans[b->receiver];
    struct lc_span *s = &p->changed[i];
    lci_polls_add(&p->polls, r->service, r->operation, 1);
    p->fate[b->receiver] = GONE;
    p->gone++;
    s->start = r->end < s->end ? r->end : s->end;
    if (b->jobs > 0 && b->jobs + 1 == b->count && is_loop(s)) {
        p->fate[i] = GONE;
        p->gone++;
    }
    if (b->jobs == 0 && s->link_count == 0) {
        s->first_link = r->first_link;
        s->link_count = r->link_count;
    }
    return true;
}

/* By the present convention one receives as a client: what begins a trace so, with a message of somebody, is its job.
 */
static bool receive_as_consumer(struct lci_polling *p, const struct lc_trace *t, uint32_t i)
{
    const struct lc_span *s = &t->spans[i];
    if (p->parents[i] != NONE || p->fate[i] == GONE || s->kind != LC_KIND_CLIENT || !has_foreign_link(t, s) ||
        lci_messaging_of(p->symbols, t, s) != LCI_MESSAGING_RECEIVE)
        return false;
    p->changed[i].kind = LC_KIND_CONSUMER;
    return true;
}

/* A loop's span around nothing but polls, whose jobs stand below these, goes; its links are those of the jobs. */
static void mark_loops(struct lci_polling *p, const struct lc_trace *t)
{
    for (uint32_t i = 0; i < t->span_count; i++) {
        const uint32_t up = p->parents[i];
        if (p->fate[i] != GONE || up == NONE || p->parents[up] != NONE || p->fate[up] == GONE ||
            p->below[up].polls < p->below[up].count || !is_loop(&t->spans[up]) ||
            t->spans[up].service != t->spans[i].service)
            continue;
        p->below[i].loop = up;
    }
    for (uint32_t i = 0; i < t->span_count; i++) {
        const uint32_t loop = p->below[i].loop;
        if (loop == NONE || p->fate[loop] == GONE)
            continue;
        p->fate[loop] = GONE;
        p->gone++;
    }
}

/* Those that go, and those whose children are no jobs: they become the job, from the arrival of the message on. */
static bool mark(struct lci_polling *p, const struct lc_trace *t)
{
    bool any = false;
    const bool alone = is_alone(p, t);
    for (uint32_t i = 0; i < t->span_count; i++) {
        p->fate[i] = STAYS;
        if (!alone && !is_polling(p, t, i))
            continue;
        any = true;
        lci_polls_add(&p->polls, t->spans[i].service, t->spans[i].operation, 1);
        if (alone || p->below[i].jobs > 0) {
            p->fate[i] = GONE;
            p->gone++;
            if (p->parents[i] != NONE)
                p->below[p->parents[i]].polls++;
        } else {
            p->changed[i].start = t->spans[i].end;
            p->changed[i].end = p->below[i].last > t->spans[i].end ? p->below[i].last : t->spans[i].end;
        }
    }
    mark_loops(p, t);
    for (uint32_t i = 0; i < t->span_count; i++) {
        any |= begin_behind_receiver(p, t, i);
        any |= receive_as_consumer(p, t, i);
    }
    return any;
}

/* Children of what goes belong to what was above it; where that is nothing, messages are roots, and the rest (a commit,
 * say) is a part of the first message. */
static void lift(struct lci_polling *p, const struct lc_trace *t, uint32_t i, uint32_t *seen)
{
    const uint32_t above = p->parents[i];
    if (above == NONE || p->fate[i] == GONE)
        return;
    struct lc_span *s = &p->changed[i];
    const struct lc_span *r = &t->spans[above];
    const struct below *b = &p->below[above];
    const bool job = s->kind == LC_KIND_CONSUMER && s->service == r->service;
    const uint32_t nth = job ? seen[above]++ : 0;
    if (job && b->receiver != NONE) {
        inherit_links(p, i, b->receiver, b, nth);
        inherit_from_loop(p, t, i, above, nth);
    }
    if (p->fate[above] != GONE)
        return;
    if (job)
        inherit_links(p, i, above, b, nth);
    const uint32_t up = staying(p, above);
    const uint32_t loop = b->loop != NONE ? b->loop : up;
    if (job && loop != NONE)
        inherit_from_loop(p, t, i, loop, seen[loop]++);
    if (job || up != NONE) {
        p->parents[i] = up;
        s->parent = up != NONE ? t->spans[up].id : 0;
        s->flags |= r->flags & (LC_SPAN_FOLLOWS | LC_SPAN_ORPHAN);
        if (up == NONE)
            p->fate[i] = FRESH;
    } else {
        p->parents[i] = p->below[above].first_job;
        s->parent = t->spans[p->parents[i]].id;
    }
}

/* A message is handled once: a loop's span that names it as well does not. */
static void take_from_loop(struct lci_polling *p, const struct lc_trace *t, const struct lc_span *job, uint32_t loop)
{
    struct lc_span *l = &p->changed[loop];
    const struct lc_link *own = &t->links[job->first_link];
    for (uint32_t i = 0; i < l->link_count && is_loop(l); i++) {
        const struct lc_link *link = &t->links[l->first_link + i];
        if (link->span == own->span && link->trace_low == own->trace_low)
            l->link_count = 0;
    }
}

/* A message with a sender elsewhere is its job, even if a loop's span lies around what is done with all of them. */
static bool cut_off(struct lci_polling *p, const struct lc_trace *t, uint32_t i)
{
    struct lc_span *s = &p->changed[i];
    const uint32_t up = p->parents[i];
    if (p->fate[i] != STAYS || up == NONE || s->kind != LC_KIND_CONSUMER || t->spans[up].service != s->service ||
        t->spans[up].kind == LC_KIND_CONSUMER || t->spans[up].kind == LC_KIND_PRODUCER || !has_foreign_link(t, s))
        return false;
    take_from_loop(p, t, s, up);
    p->parents[i] = NONE;
    s->parent = 0;
    p->fate[i] = FRESH;
    return true;
}

/* ---- handing on ----------------------------------------------------------------------------------------------------
 */

static void *room(void *array, size_t needed, size_t *capacity, size_t size)
{
    if (needed <= *capacity)
        return array;
    *capacity = 2 * needed;
    return lc_realloc(array, *capacity, size);
}

static void take_span(struct lci_polling *p, const struct lc_trace *t, const struct lc_span *s)
{
    struct lc_trace *to = &p->part;
    to->spans = room(to->spans, to->span_count + 1, &p->spans, sizeof *to->spans);
    to->attributes =
        room(to->attributes, to->attribute_count + s->attribute_count, &p->attributes, sizeof *to->attributes);
    to->events = room(to->events, to->event_count + s->event_count, &p->events, sizeof *to->events);
    to->links = room(to->links, to->link_count + s->link_count, &p->links, sizeof *to->links);
    struct lc_span *copy = &to->spans[to->span_count++];
    *copy = *s;
    copy->first_attribute = (uint32_t)to->attribute_count;
    copy->first_event = (uint32_t)to->event_count;
    copy->first_link = (uint32_t)to->link_count;
    for (uint32_t i = 0; i < s->attribute_count; i++)
        to->attributes[to->attribute_count++] = t->attributes[s->first_attribute + i];
    for (uint32_t i = 0; i < s->event_count; i++)
        to->events[to->event_count++] = t->events[s->first_event + i];
    for (uint32_t i = 0; i < s->link_count; i++)
        to->links[to->link_count++] = t->links[s->first_link + i];
}

/* The fresh root that a span lies below; NONE: another root. */
static void find_roots(struct lci_polling *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        p->roots[i] = p->fate[i] == FRESH ? (uint32_t)i : p->parents[i] == NONE ? NONE : (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t top = i;
        while (top != NONE && p->roots[top] == count)
            top = p->parents[top];
        const uint32_t root = top == NONE ? NONE : p->roots[top];
        for (uint32_t at = i; at != top; at = p->parents[at])
            p->roots[at] = root;
    }
}

/* Spans in the order of their roots, those below no fresh one first; within, in their own. */
static int hand_on(struct lci_polling *p, const struct lc_trace *t, lc_trace_sink sink, void *context)
{
    const size_t n = t->span_count;
    find_roots(p, n);
    memset(p->place, 0, (n + 2) * sizeof *p->place);
    for (size_t i = 0; i < n; i++)
        p->place[p->roots[i] == NONE ? 1 : p->roots[i] + 2]++;
    for (size_t i = 0; i <= n; i++)
        p->place[i + 1] += p->place[i];
    for (uint32_t i = 0; i < n; i++)
        p->order[p->place[p->roots[i] == NONE ? 0 : p->roots[i] + 1]++] = i;
    int status = 0;
    for (size_t i = 0; i < n && status == 0;) {
        const uint32_t root = p->roots[p->order[i]];
        p->part.high = t->high;
        p->part.low = t->low;
        p->part.span_count = p->part.attribute_count = p->part.event_count = p->part.link_count = 0;
        for (; i < n && p->roots[p->order[i]] == root; i++)
            if (p->fate[p->order[i]] != GONE)
                take_span(p, t, &p->changed[p->order[i]]);
        if (p->part.span_count > 0)
            status = sink(context, &p->part);
    }
    return status;
}

static void reserve(struct lci_polling *p, size_t spans)
{
    if (spans <= p->capacity)
        return;
    p->capacity = 2 * spans;
    p->below = lc_realloc(p->below, p->capacity, sizeof *p->below);
    p->parents = lc_realloc(p->parents, p->capacity, sizeof *p->parents);
    p->roots = lc_realloc(p->roots, p->capacity, sizeof *p->roots);
    p->order = lc_realloc(p->order, p->capacity, sizeof *p->order);
    p->place = lc_realloc(p->place, p->capacity + 2, sizeof *p->place);
    p->fate = lc_realloc(p->fate, p->capacity, sizeof *p->fate);
    p->changed = lc_realloc(p->changed, p->capacity, sizeof *p->changed);
}

int lci_polling_split(struct lci_polling *p, const struct lc_trace *t, const uint32_t *parents, lc_trace_sink sink,
                      void *context)
{
    bool any = false;
    for (size_t i = 0; i < t->span_count && !any; i++)
        any = t->spans[i].kind == LC_KIND_CONSUMER ||
              (t->spans[i].kind == LC_KIND_CLIENT &&
               lci_messaging_of(p->symbols, t, &t->spans[i]) == LCI_MESSAGING_RECEIVE);
    if (!any)
        return sink(context, t);
    reserve(p, t->span_count);
    memcpy(p->parents, parents, t->span_count * sizeof *parents);
    memcpy(p->changed, t->spans, t->span_count * sizeof *t->spans);
    look_below(p, t, parents);
    any = mark(p, t);
    uint32_t *seen = p->roots; /* messages met below a span that goes */
    memset(seen, 0, t->span_count * sizeof *seen);
    for (uint32_t i = 0; i < t->span_count; i++)
        lift(p, t, i, seen);
    for (uint32_t i = 0; i < t->span_count; i++)
        any |= cut_off(p, t, i);
    return any ? hand_on(p, t, sink, context) : sink(context, t);
}

/* ---- how often -----------------------------------------------------------------------------------------------------
 */

void lci_polls_add(struct lci_polls *polls, lc_symbol service, lc_symbol operation, uint64_t count)
{
    for (size_t i = 0; i < polls->count; i++)
        if (polls->items[i].service == service && polls->items[i].operation == operation) {
            polls->items[i].count += count;
            return;
        }
    LC_GROW(polls->items, polls->count, polls->capacity);
    polls->items[polls->count++] = (struct lc_poll_fact){service, operation, count};
}

uint64_t lci_polling_gone(const struct lci_polling *p)
{
    return p->gone;
}

const struct lci_polls *lci_polling_polls(const struct lci_polling *p)
{
    return &p->polls;
}

static int by_names(const void *a, const void *b, void *symbols)
{
    const struct lc_poll_fact *x = a, *y = b;
    const int order = strcmp(lci_symbol_text(symbols, x->service), lci_symbol_text(symbols, y->service));
    return order != 0 ? order : strcmp(lci_symbol_text(symbols, x->operation), lci_symbol_text(symbols, y->operation));
}

struct lc_poll_fact *lci_polls_list(const struct lci_polls *polls, const struct lc_symbols *symbols)
{
    struct lc_poll_fact *sorted = lc_calloc(polls->count + 1, sizeof *sorted);
    for (size_t i = 0; i < polls->count; i++)
        sorted[i] = polls->items[i];
    qsort_r(sorted, polls->count, sizeof *sorted, by_names, (void *)symbols);
    return sorted;
}

void lci_polls_write(const struct lci_polls *polls, const struct lc_symbols *symbols, lci_put_line put, void *sink)
{
    struct lc_poll_fact *sorted = lci_polls_list(polls, symbols);
    for (size_t i = 0; i < polls->count; i++)
        put(sink, json_pack("{s:[s, s, I]}", "poll", lci_symbol_text(symbols, sorted[i].service),
                            lci_symbol_text(symbols, sorted[i].operation), (json_int_t)sorted[i].count));
    free(sorted);
}

bool lci_polls_read(struct lci_polls *polls, struct lc_symbols *symbols, const json_t *line)
{
    const char *service, *operation;
    json_int_t count;
    if (json_unpack((json_t *)line, "[s, s, I!]", &service, &operation, &count) != 0 || count < 1)
        return false;
    lci_polls_add(polls, lci_symbol_of(symbols, service, strlen(service)),
                  lci_symbol_of(symbols, operation, strlen(operation)), (uint64_t)count);
    return true;
}
