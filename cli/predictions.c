/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "predictions.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "loadcast/format.h"
#include "prepare.h"
#include "render/verdict_render.h"
#include "verdict_rows.h"

/* The document that `run --json` would write. */
static int add_verdict(const struct prepared *p, struct lci_measure_table *table, struct lc_diag *diag)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        lci_no_memory(0);
    const struct page page = {.verdict = p->verdict,
                              .learned = &p->learned,
                              .reading = &p->extraction.reading,
                              .seconds = p->seconds,
                              .out = out};
    int status = verdict_json(&page, diag);
    fclose(out);
    json_t *verdict = status == 0 ? json_loadb(text, length, 0, NULL) : NULL;
    free(text);
    if (verdict != NULL)
        verdict_rows_add(verdict, table);
    else if (status == 0) /* the text is our own: it was cut off where memory ended */
        lci_no_memory(length);
    json_decref(verdict);
    return status;
}

static void replace_traces(struct lc_scenario *s, const struct predicted_from *from)
{
    for (size_t i = 0; s->traces != NULL && s->traces[i] != NULL; i++)
        free(s->traces[i]);
    s->traces = lc_realloc(s->traces, from->trace_count + 1, sizeof *s->traces);
    for (size_t i = 0; i < from->trace_count; i++)
        s->traces[i] = lc_strdup(from->traces[i]);
    s->traces[from->trace_count] = NULL;
    free(s->release);
    s->release = from->release != NULL ? lc_strdup(from->release) : NULL;
}

int predictions_of_traces(const struct predicted_from *from, const struct cli_common *common,
                          struct lci_measure_table *table, struct lc_diag *diag)
{
    struct prepared p = {.common = common, .started = lci_seconds()};
    p.scenario = lc_scenario_read(from->scenario, diag);
    if (p.scenario == NULL)
        return -1;
    int status = -1;
    if (p.scenario->model != NULL) {
        lc_error(diag, LC_INPUT, &(struct lc_place){.file = from->scenario, .offset = -1},
                 "expected a scenario on traces, of which both sides take the place; found one with a model");
    } else {
        replace_traces(p.scenario, from);
        if (common->seed_given)
            p.scenario->simulation.seed = common->seed;
        if (prepare(&p, diag) == 0 && prepared_predict(&p, diag) == 0)
            status = add_verdict(&p, table, diag);
    }
    prepared_free(&p);
    return status;
}
