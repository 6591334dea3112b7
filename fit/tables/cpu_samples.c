/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/cpu_samples.h"

#include "fit/trace/services.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void lci_cpu_add(struct lci_cpu_samples *s, const char *component, const char *instance, int64_t begin, int64_t end,
                 double value, int line)
{
    if (end <= begin || !(value >= 0))
        return;
    LC_GROW(s->items, s->count, s->capacity);
    s->items[s->count++] = (struct lci_cpu_sample){.component = lc_strdup(s->service != NULL ? s->service : component),
                                                   .instance = lc_strdup(instance),
                                                   .begin = begin,
                                                   .end = end,
                                                   .value = value,
                                                   .line = line};
}

void lci_cpu_host(struct lci_cpu_samples *s, const char *component, double cores, int line)
{
    struct lc_utilization *u = s->utilization;
    component = s->service != NULL ? s->service : component;
    for (size_t i = 0; i < u->host_count; i++)
        if (strcmp(u->hosts[i].component, component) == 0 && u->hosts[i].cores == cores)
            return;
    LC_GROW(u->hosts, u->host_count, u->host_capacity);
    u->hosts[u->host_count++] =
        (struct lc_host_cores){.component = lc_strdup(component), .cores = cores, .file = s->file, .line = line};
}

void lci_cpu_free(struct lci_cpu_samples *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->items[i].component);
        free(s->items[i].instance);
    }
    free(s->items);
    s->items = NULL;
    s->count = s->capacity = 0;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static int by_instance(const void *a, const void *b)
{
    const struct lci_cpu_sample *x = a, *y = b;
    int order = strcmp(x->component, y->component);
    order = order != 0 ? order : strcmp(x->instance, y->instance);
    return order != 0 ? order : (x->begin > y->begin) - (x->begin < y->begin);
}

static int by_begin(const void *a, const void *b)
{
    const struct lci_cpu_sample *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* The instance with the most samples, of those of one component. */
static size_t longest(const struct lci_cpu_sample *of, size_t count, size_t *length)
{
    size_t best = 0;
    *length = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first; next < count && strcmp(of[next].instance, of[first].instance) == 0;)
            next++;
        if (next - first > *length) {
            *length = next - first;
            best = first;
        }
    }
    return best;
}

/* What all instances did in a window; `of` by begin, none longer than `most`. */
static double value_of(const struct lci_cpu_sample *of, size_t count, int64_t most, int64_t begin, int64_t end,
                       bool cores)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (of[middle].begin < begin - most)
            low = middle + 1;
        else
            high = middle;
    }
    double busy = 0, covered = 0;
    for (; low < count && of[low].begin < end; low++) {
        const int64_t from = of[low].begin > begin ? of[low].begin : begin, to = of[low].end < end ? of[low].end : end;
        if (to <= from)
            continue;
        busy += of[low].value * (double)(to - from);
        covered += (double)(to - from);
    }
    return cores ? busy / (double)(end - begin) : covered > 0 ? busy / covered : 0;
}

static void merge_component(const struct lci_cpu_samples *s, struct lci_cpu_sample *of, size_t count)
{
    struct lc_utilization *u = s->utilization;
    size_t length;
    const size_t grid = longest(of, count, &length);
    struct lc_utilization_window *windows = lc_calloc(length, sizeof *windows);
    int64_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = of[i].end - of[i].begin > most ? of[i].end - of[i].begin : most;
    for (size_t i = 0; i < length; i++)
        windows[i] = (struct lc_utilization_window){.component = lc_strdup(of->component),
                                                    .start = of[grid + i].begin,
                                                    .end = of[grid + i].end,
                                                    .file = s->file,
                                                    .line = of[grid + i].line,
                                                    .service = s->service != NULL};
    for (size_t i = 0; i + 1 < length; i++) /* two rows of one time, where a process was seen under one name twice */
        if (windows[i].end > windows[i + 1].start)
            windows[i].end = windows[i + 1].start;
    qsort(of, count, sizeof *of, by_begin);
    for (size_t i = 0; i < length; i++) {
        if (windows[i].end <= windows[i].start) {
            free(windows[i].component);
            continue;
        }
        windows[i].value = value_of(of, count, most, windows[i].start, windows[i].end, s->cores);
        LC_GROW(u->windows, u->count, u->capacity);
        u->windows[u->count++] = windows[i];
    }
    free(windows);
}

void lci_cpu_merge(struct lci_cpu_samples *s)
{
    if (s->count > 1)
        qsort(s->items, s->count, sizeof *s->items, by_instance);
    for (size_t first = 0, next; first < s->count; first = next) {
        for (next = first; next < s->count && strcmp(s->items[next].component, s->items[first].component) == 0;)
            next++;
        merge_component(s, s->items + first, next - first);
    }
}

/* ---- counters ---------------------------------------------------------------------------------------------------- */

void lci_cpu_count(struct lci_cpu_counters *c, const char *component, const char *instance, const char *name,
                   int64_t time, double seconds, int line)
{
    LC_GROW(c->items, c->count, c->capacity);
    c->items[c->count++] = (struct lci_cpu_counter){.component = lc_strdup(component),
                                                    .instance = lc_strdup(instance),
                                                    .name = lc_strdup(name),
                                                    .time = time,
                                                    .value = seconds,
                                                    .line = line};
}

static int by_counter(const void *a, const void *b)
{
    const struct lci_cpu_counter *x = a, *y = b;
    int order = strcmp(x->component, y->component);
    order = order != 0 ? order : strcmp(x->instance, y->instance);
    order = order != 0 ? order : strcmp(x->name, y->name);
    return order != 0 ? order : (x->time > y->time) - (x->time < y->time);
}

static bool same_instance(const struct lci_cpu_counter *a, const struct lci_cpu_counter *b)
{
    return strcmp(a->component, b->component) == 0 && strcmp(a->instance, b->instance) == 0;
}

void lci_cpu_differences(struct lci_cpu_counters *c, struct lci_cpu_samples *s)
{
    s->cores = true;
    if (c->count > 1)
        qsort(c->items, c->count, sizeof *c->items, by_counter);
    for (size_t i = 1; i < c->count; i++) {
        const struct lci_cpu_counter *from = &c->items[i - 1], *to = &c->items[i];
        if (!same_instance(from, to) || strcmp(from->name, to->name) != 0 || to->time <= from->time)
            continue;
        const double seconds = (double)(to->time - from->time) * 1e-9,
                     grown = to->value >= from->value ? to->value - from->value : to->value;
        /* Each counter is an instance of its own: what they grew by is added up in windows. */
        char *instance = lc_format("%s %s", to->instance, to->name);
        lci_cpu_add(s, to->component, instance, from->time, to->time, grown / seconds, to->line);
        free(instance);
    }
    for (size_t i = 0; i < c->count; i++) {
        free(c->items[i].component);
        free(c->items[i].instance);
        free(c->items[i].name);
    }
    free(c->items);
    *c = (struct lci_cpu_counters){0};
}

char *lci_cpu_pod_service(const char *pod)
{
    return lc_strndup(pod, lci_pod_service_length(pod, strlen(pod)));
}
