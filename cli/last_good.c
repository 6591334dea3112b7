/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "last_good.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "comparing.h"
#include "recorded_rows.h"
#include "render/differences.h"
#include "render/table.h"

/* ---- which one --------------------------------------------------------------------------------------------------- */

/* Where none is good, the last one: a goal that no release meets must not switch the gates off. */
static const struct history_run *last_good(const struct history_runs *runs, const char *release)
{
    const struct history_run *good = NULL, *last = NULL;
    for (const struct history_run *r = runs->items; (size_t)(r - runs->items) < runs->count; r++) {
        if (strcmp(r->release, release) == 0)
            break; /* it was recorded before: what came later is no standard for it */
        if (r->measures == 0)
            continue;
        last = r;
        good = r->status == LC_OK ? r : good;
    }
    return good != NULL ? good : last;
}

/* ---- outcomes ---------------------------------------------------------------------------------------------------- */

static char *value(const struct lci_measure_row *m)
{
    return quantity_text(m->unit, m->mean);
}

/* "web/GET /: db_reads 2.00 → 3.00, +50.0 % [+48.1, +52.0], limit +5 %" */
static void tell(struct lci_buffer *text, const struct gated *g)
{
    const struct lci_difference *d = g->difference;
    char *name = difference_name(d), *before = value(&d->a), *after = value(&d->b);
    char *change = isfinite(d->change)
                       ? lc_format("%+.1f %% [%+.1f, %+.1f]", 100 * d->change, 100 * d->low, 100 * d->high)
                       : lc_strdup("none before");
    lci_buffer_join(text, "; ", "%s %s → %s, %s, limit %+.3g %%", name, before, after, change, 100 * g->gate->limit);
    free(change);
    free(after);
    free(before);
    free(name);
}

static void add_outcome(struct gate_outcomes *outcomes, const struct lc_gate *gate, const struct gates *gates)
{
    struct lci_buffer text = {0};
    size_t count = 0, broken = 0;
    for (size_t i = 0; gates != NULL && i < gates->count; i++) {
        count += gates->items[i].gate == gate;
        if (gates->items[i].gate == gate && gates->items[i].broken) {
            tell(&text, &gates->items[i]);
            broken++;
        }
    }
    if (gates != NULL && count == 0)
        lci_buffer_add(&text, "the releases have no such measure in common");
    LC_GROW(outcomes->items, outcomes->count, outcomes->room);
    outcomes->items[outcomes->count++] =
        (struct gate_outcome){.name = lc_format("%s %+.3g %%", gate->what, 100 * gate->limit),
                              .text = lci_buffer_take(&text),
                              .judged = count > 0,
                              .met = broken == 0,
                              .place = gate->place};
}

static char *text_of(const struct differences_page *page)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return lc_strdup("");
    differences_text(out, page);
    fclose(out);
    return text;
}

/* Borrows what is compared: gates and differences live only here. */
static void compare(const struct history_record *before, const struct history_record *now, const struct lc_scenario *s,
                    struct gate_outcomes *outcomes, char **text)
{
    struct lci_measure_table a = {0}, b = {0};
    recorded_rows_add(before, &a);
    recorded_rows_add(now, &b);
    struct lci_differences differences;
    struct gates gates;
    compare_tables(&a, &b, s, &differences, &gates);
    for (size_t i = 0; i < s->gate_count; i++)
        add_outcome(outcomes, &s->gates[i], &gates);
    *text = text_of(
        &(struct differences_page){before->release, now->release, &differences, s->gate_count > 0 ? &gates : NULL});
    gates_free(&gates);
    lci_differences_free(&differences);
    lci_measure_table_free(&a);
    lci_measure_table_free(&b);
}

int last_good_compare(struct history *history, const struct history_record *record, const struct lc_scenario *scenario,
                      struct gate_outcomes *outcomes, char **text, struct lc_diag *diag)
{
    struct history_runs runs;
    *text = NULL;
    if (history_runs(history, &runs, diag) != 0)
        return -1;
    const struct history_run *good = last_good(&runs, record->release);
    struct history_record before;
    int status = 0;
    if (good == NULL) {
        for (size_t i = 0; i < scenario->gate_count; i++)
            add_outcome(outcomes, &scenario->gates[i], NULL);
    } else if ((status = history_read(history, good, &before, diag)) == 0) {
        outcomes->against = lc_strdup(good->release);
        outcomes->good = good->status == LC_OK;
        compare(&before, record, scenario, outcomes, text);
        history_record_free(&before);
    }
    if (*text == NULL)
        *text = lc_strdup("");
    history_runs_free(&runs);
    return status;
}
