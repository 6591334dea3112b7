/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "trend.h"

/* What is asked of: measures of whole activities, unless a service or an operation is named. */
static struct history_wanted measures_wanted(const struct history_wanted *w)
{
    struct history_wanted wanted = *w;
    if (w->service == NULL && w->operation == NULL) {
        wanted.service = wanted.operation = "";
        wanted.subject = w->subject != NULL || w->measure != NULL ? w->subject : "";
    }
    return wanted;
}

/* blocked_share is made of two measures, and asked for by its own name. */
int trend_gather(struct history *history, const struct history_runs *runs, const struct history_wanted *wanted,
                 struct history_table *table, struct lc_diag *diag)
{
    struct history_wanted measures = measures_wanted(wanted), both = measures;
    both.measure = "*process_time";
    if (wanted->measure != NULL && strcmp(wanted->measure, "blocked_share") == 0) {
        struct history_table parts = {0};
        const int status = history_measures(history, runs, &both, table, diag);
        trend_derive(table);
        for (size_t i = 0; i < table->count; i++)
            if (strcmp(table->items[i].name, "blocked_share") == 0) {
                LC_GROW(parts.items, parts.count, parts.room);
                parts.items[parts.count++] = table->items[i];
            } else {
                free(table->items[i].points);
            }
        free(table->items);
        table->items = parts.items;
        table->count = parts.count;
        table->room = parts.room;
        return status;
    }
    if (history_measures(history, runs, &measures, table, diag) != 0)
        return -1;
    trend_derive(table);
    return history_predictions(history, runs, wanted, table, diag);
}

json_t *trend_of_history(struct history *history, struct lc_diag *diag)
{
    const struct trend_options options = {.changes = lci_change_defaults, .limit = TREND_LIMIT};
    struct history_runs runs = {0};
    struct history_table table = {0};
    json_t *document = NULL;
    if (history_runs(history, &runs, diag) == 0 &&
        trend_gather(history, &runs, &(struct history_wanted){0}, &table, diag) == 0) {
        struct trends trends = trends_of(&runs, &table, &options);
        document = trend_document(&trends);
        trends_free(&trends);
    }
    history_table_free(&table);
    history_runs_free(&runs);
    return document;
}
