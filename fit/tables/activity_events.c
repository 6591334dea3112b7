/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "activity_events.h"

#include <stdlib.h>
#include <string.h>

static bool same(const struct lci_activity_event *a, const struct lci_activity_event *b)
{
    return strcmp(a->activity, b->activity) == 0 && strcmp(a->release, b->release) == 0 && strcmp(a->run, b->run) == 0;
}

/* The event that ends a start: the next one of the same activity, release and run; `count` when there is none. */
static size_t ended_by(const struct lci_activity_events *e, size_t start)
{
    size_t i = start + 1;
    while (i < e->count && !same(&e->items[i], &e->items[start]))
        i++;
    return i;
}

size_t lci_activity_open(const struct lci_activity_events *e, const char *activity, const char *release,
                         const char *run, bool *several)
{
    size_t found = SIZE_MAX;
    *several = false;
    for (size_t i = 0; i < e->count; i++) {
        const struct lci_activity_event *event = &e->items[i];
        if (event->stop || strcmp(event->activity, activity) != 0 || ended_by(e, i) < e->count ||
            (release != NULL && strcmp(event->release, release) != 0) || (run != NULL && strcmp(event->run, run) != 0))
            continue;
        *several |= found != SIZE_MAX;
        found = i;
    }
    return found;
}

static void add_window(struct lc_activity_runs *runs, const struct lci_activity_event *start, int64_t end)
{
    runs->runs = lc_realloc(runs->runs, runs->count + 1, sizeof *runs->runs);
    runs->runs[runs->count++] = (struct lc_activity_run){
        .activity = lc_strdup(start->activity),
        .release = lc_strdup(start->release),
        .run = lc_strdup(start->run),
        .start = start->time,
        .end = end > start->time ? end : start->time,
    };
}

void lci_activity_windows(const struct lci_activity_events *e, const char *file, struct lc_activity_runs *runs,
                          struct lc_diag *diag)
{
    bool *used = lc_calloc(e->count + 1, sizeof *used);
    for (size_t i = 0; i < e->count; i++) {
        const struct lci_activity_event *event = &e->items[i];
        const struct lc_place place = {file, event->line, 0, -1};
        if (event->stop) {
            if (!used[i])
                lc_warn(diag, &place, "a stop of '%s' without a start is left out", event->activity);
            continue;
        }
        size_t end = ended_by(e, i);
        if (end < e->count && e->items[end].stop) {
            used[end] = true;
            add_window(runs, event, e->items[end].time);
            continue;
        }
        for (end = i + 1; end < e->count && e->items[end].stop;)
            end++;
        add_window(runs, event, end < e->count ? e->items[end].time - 1 : INT64_MAX);
        lc_warn(diag, &place, "'%s' was started and not stopped; it is taken to end %s", event->activity,
                end < e->count ? "where the next start stands" : "with the last trace");
    }
    free(used);
}

void lci_activity_events_free(struct lci_activity_events *e)
{
    for (size_t i = 0; i < e->count; i++) {
        free(e->items[i].activity);
        free(e->items[i].release);
        free(e->items[i].run);
    }
    free(e->items);
    *e = (struct lci_activity_events){0};
}
