/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measuring.h"

#include <inttypes.h>
#include <math.h>

#include "fit/measure/steps.h"
#include "fit/measure/tally.h"
#include "fit/trace/symbols.h"

struct state {
    struct measuring *measuring;
    struct lci_association association;
    struct lci_tally *tally;
    struct lci_steps *steps;
    struct cli_progress progress;
};

static int take(void *context, const struct lc_tree *tree)
{
    struct state *s = context;
    struct lci_belongs belongs;
    if (tree->incomplete) {
        s->measuring->incomplete++;
        return 0;
    }
    if (lci_associate(&s->association, tree, &belongs) != LCI_MATCHES_ONE)
        return 0;
    if (s->measuring->merge_runs)
        belongs.run = "";
    lci_tally_add(s->tally, tree, &belongs);
    lci_steps_add(s->steps, tree, &belongs);
    return 0;
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    struct state *s = context;
    cli_progress_show(&s->progress, (double)done * 1e-6, (double)total * 1e-6);
}

static void warn_repairs(const struct lc_repairs *repairs, struct lc_diag *diag)
{
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        if (repairs->count[i] > 0)
            lc_warn(diag, NULL, "%" PRIu64 " %s", repairs->count[i], lc_repair_sentence((enum lc_repair)i));
}

static int read_all(struct state *s, struct lc_symbols *symbols, struct lci_measure_table *table, struct lc_diag *diag)
{
    struct measuring *m = s->measuring;
    const struct lc_tree_options options = {
        .reader = {.keep = s->association.keep, .strict = m->strict, .progress = show_progress, .context = s}};
    struct lc_extraction extraction;
    cli_progress_start(&s->progress, "reading traces", "MB", m->common);
    int status = lc_trees_read(m->traces, m->trace_count, &options, symbols, take, s, &extraction, diag);
    cli_progress_end(&s->progress);
    if (status == 0) {
        warn_repairs(&extraction.reading.repairs, diag);
        if (m->incomplete > 0)
            lc_warn(diag, NULL, "%" PRIu64 " traces that lost spans are not measured", m->incomplete);
        status = lci_association_report(&s->association, diag);
    }
    for (int i = 0; i < LCI_MATCHES; i++)
        m->matched[i] = s->association.traces[i];
    lc_extraction_free(&extraction);
    if (status != 0)
        return -1;
    lci_steps_finish(s->steps, table);
    return lci_tally_finish(s->tally, table, diag);
}

int measure_traces(struct measuring *m, struct lci_measure_table *table, struct lc_diag *diag)
{
    struct lc_activity_runs windows = {0};
    if (m->activities != NULL && lc_activities_read(m->activities, &windows, diag) != 0)
        return -1;
    struct state s = {.measuring = m};
    struct lc_symbols *symbols = lci_symbols_new();
    struct lci_association_options options = m->associations;
    options.windows = m->activities != NULL ? &windows : NULL;
    m->incomplete = 0;
    lci_association_start(&s.association, &options, symbols);
    s.tally = lci_tally_new(symbols);
    s.steps = lci_steps_new(symbols, m->interval > 0 ? (int64_t)llround(m->interval * 1e9) : 1000000000, m->literal);
    const int status = read_all(&s, symbols, table, diag);
    lci_tally_free(s.tally);
    lci_steps_free(s.steps);
    lci_association_free(&s.association);
    lci_symbols_free(symbols);
    lc_activities_free(&windows);
    return status;
}

void measuring_check(const struct cli_command *command, struct measuring *m, const struct measuring_clock *clock)
{
    if (!(clock->slack >= 0 && clock->slack < 1e9))
        cli_usage_error(command, "--slack: expected a time of 0 or more");
    if (!(fabs(clock->offset) < 9e9))
        cli_usage_error(command, "--clock-offset: expected less than 285 years");
    if (m->activities == NULL && (clock->slack > 0 || clock->offset != 0))
        cli_usage_error(command, "--slack and --clock-offset move windows, which --activities names");
    m->associations.clock_offset = (int64_t)llround(clock->offset * 1e9);
    m->associations.slack = (int64_t)llround(clock->slack * 1e9);
}
