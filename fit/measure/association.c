/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "association.h"

#include "base/buffer.h"
#include "fit/trace/symbols.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NEAR 1000000000 /* ns: so far outside of a window it may be the clocks */

/* What is kept of spans: for each key itself, "baggage.KEY" as some SDKs copy it, and the header that carries it. */
enum { PER_KEY = 2, HEADER = 3 * PER_KEY, HEADERS = 2 };

void lci_association_start(struct lci_association *a, const struct lci_association_options *options,
                           const struct lc_symbols *symbols)
{
    *a = (struct lci_association){.options = *options, .symbols = symbols, .nearest = INT64_MAX};
    const char *const keys[] = {options->by, options->release_by, options->run_by};
    for (int k = 0; k < 3; k++) {
        const char *key = keys[k] != NULL ? keys[k] : "";
        a->owned[k] = lc_format("baggage.%s", key);
        a->keep[PER_KEY * k] = key;
        a->keep[PER_KEY * k + 1] = *key != 0 ? a->owned[k] : "";
    }
    for (uint32_t i = 0; i < HEADER; i++)
        while (strcmp(a->keep[a->at[i]], a->keep[i]) != 0)
            a->at[i]++;
    a->keep[HEADER] = "http.request.header.baggage";
    a->keep[HEADER + 1] = "baggage";
    if (options->windows != NULL)
        a->per_window = lc_calloc(options->windows->count, sizeof *a->per_window);
}

void lci_association_free(struct lci_association *a)
{
    for (int k = 0; k < 3; k++)
        free(a->owned[k]);
    free(a->per_window);
    *a = (struct lci_association){0};
}

/* ---- by what spans say ------------------------------------------------------------------------------------------- */

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The value of a key in a baggage header: "a=1;property,b=two%20words" (W3C Baggage §3.3), as arrays of headers are
 * written, too: ["…"]. NULL when it is not there. */
static const char *baggage_item(const char *list, const char *key, char *out, size_t size)
{
    const size_t length = strlen(key);
    for (const char *at = list; *at != 0; at += strcspn(at, ","), at += *at == ',') {
        at += strspn(at, " \t[\"");
        if (strncmp(at, key, length) != 0 || at[length + strspn(at + length, " \t")] != '=')
            continue;
        at = strchr(at + length, '=') + 1;
        size_t n = 0;
        for (at += strspn(at, " \t"); *at != 0 && strchr(",;\"] \t", *at) == NULL && n + 1 < size; at++) {
            const bool coded = *at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]);
            out[n++] = coded ? (char)(hex(at[1]) * 16 + hex(at[2])) : *at;
            at += coded ? 2 : 0;
        }
        out[n] = 0;
        return out;
    }
    return NULL;
}

/* What a span says of key `k`, NULL: nothing. */
static const char *said(struct lci_association *a, const struct lc_tree *tree, const struct lc_span *span, int k)
{
    for (uint32_t i = 0; i < PER_KEY; i++) {
        const lc_symbol value = lc_span_attribute(tree->trace, span, LC_ATTR_OTHER + PER_KEY * (uint32_t)k + i);
        if (value != 0)
            return lci_symbol_text(a->symbols, value);
    }
    for (uint32_t i = 0; i < HEADERS; i++) {
        const lc_symbol list = lc_span_attribute(tree->trace, span, LC_ATTR_OTHER + HEADER + i);
        const char *value =
            list != 0 ? baggage_item(lci_symbol_text(a->symbols, list), a->keep[PER_KEY * k], a->value, sizeof a->value)
                      : NULL;
        if (value != NULL)
            return value;
    }
    return NULL;
}

/* The first span of the trace that says something of key `k`, its root first. `several`: others say something else. */
static const char *first_said(struct lci_association *a, const struct lc_tree *tree, int k, bool *several)
{
    const char *found = said(a, tree, &tree->trace->spans[tree->nodes[0].span], k);
    if (found != NULL)
        found = memccpy(a->values[k], found, 0, sizeof a->values[k]) != NULL ? a->values[k] : NULL;
    for (size_t i = 0; i < tree->trace->span_count; i++) {
        const char *value = said(a, tree, &tree->trace->spans[i], k);
        if (value == NULL)
            continue;
        if (found == NULL)
            found = memccpy(a->values[k], value, 0, sizeof a->values[k]) != NULL ? a->values[k] : NULL;
        else if (strcmp(found, value) != 0)
            *several = true;
    }
    return found;
}

/* ---- by time ----------------------------------------------------------------------------------------------------- */

/* How far outside of the window the time is, ns; 0: inside. */
static int64_t outside(const struct lc_activity_run *window, int64_t time)
{
    return time < window->start ? window->start - time : time > window->end ? time - window->end : 0;
}

static enum lci_matches by_time(struct lci_association *a, const struct lc_tree *tree,
                                const struct lc_activity_run **window)
{
    const struct lc_activity_runs *windows = a->options.windows;
    const int64_t start = tree->nodes[0].start - a->options.clock_offset;
    size_t inside = 0, within = 0;
    const struct lc_activity_run *first = NULL, *nearby = NULL;
    int64_t nearest = INT64_MAX;
    for (const struct lc_activity_run *w = windows->runs; (size_t)(w - windows->runs) < windows->count; w++) {
        const int64_t distance = outside(w, start);
        nearest = distance < nearest ? distance : nearest;
        if (distance == 0 && inside++ == 0)
            first = w;
        if (distance <= a->options.slack && within++ == 0)
            nearby = w;
    }
    *window = inside > 0 ? first : nearby;
    if (inside == 0 && within == 0) {
        a->near += nearest <= NEAR;
        a->nearest = nearest < a->nearest ? nearest : a->nearest;
        return LCI_MATCHES_NONE;
    }
    if (inside > 1 || (inside == 0 && within > 1))
        return LCI_MATCHES_TWO;
    a->per_window[*window - windows->runs]++;
    a->outlasts += tree->nodes[0].end - a->options.clock_offset - a->options.slack > (*window)->end;
    return LCI_MATCHES_ONE;
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

static enum lci_matches find(struct lci_association *a, const struct lc_tree *tree, struct lci_belongs *b)
{
    const struct lci_association_options *o = &a->options;
    const struct lc_activity_run *window = NULL;
    bool several = false, ignored = false;
    const lc_symbol version = tree->trace->spans[tree->nodes[0].span].release;
    const char *activity = NULL, *release = o->release_by != NULL ? first_said(a, tree, 1, &ignored) : NULL;
    const char *run = o->run_by != NULL ? first_said(a, tree, 2, &ignored) : NULL;
    if (o->by != NULL && (activity = first_said(a, tree, 0, &several)) == NULL)
        return LCI_MATCHES_NONE;
    if (o->windows != NULL && o->by == NULL) {
        const enum lci_matches matches = by_time(a, tree, &window);
        if (matches != LCI_MATCHES_ONE)
            return matches;
        activity = window->activity;
        release = release != NULL ? release : *window->release != 0 ? window->release : NULL;
        run = run != NULL ? run : *window->run != 0 ? window->run : NULL;
    }
    a->several += several;
    release = release != NULL ? release : o->release;
    if (release == NULL && version != 0)
        release = lci_symbol_text(a->symbols, version);
    run = run != NULL ? run : o->run;
    *b = (struct lci_belongs){release != NULL ? release : "", run != NULL ? run : "", activity != NULL ? activity : ""};
    return LCI_MATCHES_ONE;
}

enum lci_matches lci_associate(struct lci_association *a, const struct lc_tree *tree, struct lci_belongs *belongs)
{
    const enum lci_matches matches = find(a, tree, belongs);
    if (a->traces[matches]++ == 0 && matches != LCI_MATCHES_ONE)
        snprintf(a->example[matches == LCI_MATCHES_TWO], sizeof a->example[0], "%016" PRIx64 "%016" PRIx64,
                 tree->trace->high, tree->trace->low);
    return matches;
}

static void warn_of_empty(const struct lci_association *a, struct lc_diag *diag)
{
    const struct lc_activity_runs *windows = a->options.windows;
    struct lci_buffer names = {0};
    size_t empty = 0;
    for (size_t i = 0; i < windows->count; i++)
        if (a->per_window[i] == 0 && empty++ < 5)
            lci_buffer_join(&names, ", ", "'%s' (release '%s', run '%s')", windows->runs[i].activity,
                            windows->runs[i].release, windows->runs[i].run);
    char *text = lci_buffer_take(&names);
    if (empty > 0)
        lc_warn(diag, NULL, "%zu of %zu windows hold no trace: %s%s", empty, windows->count, text,
                empty > 5 ? ", …" : "");
    free(text);
}

int lci_association_report(const struct lci_association *a, struct lc_diag *diag)
{
    const uint64_t none = a->traces[LCI_MATCHES_NONE], two = a->traces[LCI_MATCHES_TWO];
    const uint64_t all = none + two + a->traces[LCI_MATCHES_ONE];
    const bool by_time = a->options.windows != NULL && a->options.by == NULL;
    if (a->traces[LCI_MATCHES_ONE] == 0 && all > 0) {
        if (!by_time)
            lc_error(diag, LC_INPUT, NULL,
                     "no trace has the attribute or baggage key '%s'; expected it on a span of each", a->options.by);
        else
            lc_error(diag, LC_INPUT, NULL,
                     "no trace begins in exactly one window: %" PRIu64
                     " in none (the nearest misses one by %.3g s), %" PRIu64
                     " in several; expected windows on the traces' clock, or --clock-offset",
                     none, none > 0 ? (double)a->nearest / 1e9 : 0, two);
        return -1;
    }
    if (none > 0)
        lc_warn(diag, NULL, "%" PRIu64 " of %" PRIu64 " traces belong to no activity and are not measured (trace %s)",
                none, all, a->example[0]);
    if (a->near > 0)
        lc_warn(diag, NULL,
                "%" PRIu64 " of them begin less than 1 s outside of a window: clocks may differ; --clock-offset states "
                "by how much, --slack takes them in",
                a->near);
    if (two > 0)
        lc_warn(diag, NULL,
                "%" PRIu64 " of %" PRIu64 " traces begin in several windows and are not measured (trace %s); an "
                "attribute tells tests that overlap apart (--by)",
                two, all, a->example[1]);
    if (a->several > 0)
        lc_warn(diag, NULL, "the spans of %" PRIu64 " of %" PRIu64 " traces give '%s' several values; the first counts",
                a->several, all, a->options.by);
    if (by_time)
        warn_of_empty(a, diag);
    if (a->outlasts > 0)
        lc_warn(diag, NULL,
                "%" PRIu64 " traces end after the window in which they begin: it was closed too early, or "
                "clocks differ (--clock-offset)",
                a->outlasts);
    return 0;
}
