/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "first_scenario.h"
#include "fit/trace/source.h"
#include "fit/trace/symbols.h"
#include "model/assumption.h"
#include "prepare.h"

#include <stdlib.h>
#include <string.h>

static void show_reading(void *context, uint64_t done, uint64_t total)
{
    cli_progress_show(context, (double)done / 1e6, (double)total / 1e6);
}

static void take_stated(struct first_scenario *first, const struct lc_learned *learned)
{
    first->stated = lc_calloc(learned->assumption_count, sizeof *first->stated);
    for (size_t i = 0; i < learned->assumption_count; i++)
        if (learned->assumptions[i].stated)
            first->stated[first->stated_count++] = lci_assumption_copy(&learned->assumptions[i]);
}

int first_scenario_make(struct first_scenario *first, struct lc_diag *diag)
{
    struct lc_cache *cache = NULL;
    if (cli_check_read_again(first->traces, first->count, diag) != 0 ||
        cli_check_read_again(&first->utilization, 1, diag) != 0)
        return -1;
    if (first->cache != NULL && (cache = lc_cache_new(first->cache, diag)) == NULL)
        return -1;
    struct lc_utilization utilization = {0};
    if (first->utilization != NULL && lc_utilization_read(first->utilization, &utilization, diag) != 0) {
        lc_cache_free(cache);
        return -1;
    }
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_extraction extraction = {0};
    struct lc_learned learned = {0};
    struct cli_progress progress;
    cli_progress_start(&progress, "reading traces", "MB", first->common);
    const char **keep = lc_learn_keep(NULL, 0);
    const struct lc_learn_options options = {
        .rare = 0.01, .cache = cache, .keep = keep, .utilization = first->utilization != NULL ? &utilization : NULL};
    const struct lc_tree_options tree_options = {
        .reader = {.keep = keep, .strict = first->strict, .progress = show_reading, .context = &progress}};
    struct lc_learner *learner =
        lc_learner_collect(cache, first->traces, first->count, &tree_options, &options, symbols, &extraction, diag);
    cli_progress_end(&progress);
    int status = learner != NULL ? 0 : -1;
    if (status == 0)
        status =
            first->assumptions ? lc_learner_finish(learner, &learned, diag) : lc_learner_tell(learner, &learned, diag);
    if (status == 0 && learned.entrance_count == 0) {
        lc_error(diag, LC_INPUT, NULL, "no request enters the system in these traces: all of it is timers' work");
        status = -1;
    }
    if (status == 0) {
        first_scenario_write(first, &learned, extraction.reading.traces);
        take_stated(first, &learned);
    }
    lc_cache_write(cache, diag);
    lc_learner_free(learner);
    lc_learned_free(&learned);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    lc_cache_free(cache);
    lc_utilization_free(&utilization);
    free(keep);
    return status;
}

void first_scenario_free(struct first_scenario *first)
{
    lci_assumptions_free(first->stated, first->stated_count);
    free(first->text);
    free(first->assumed);
}

/* ---- instead of a scenario --------------------------------------------------------------------------------------- */

static bool has_scenario_key(const char *file)
{
    static const char *const keys[] = {"traces:", "model:", "workloads:", "deployment:"};
    char line[256];
    bool found = false;
    FILE *in = cli_is_special(file) ? NULL : fopen(file, "r"); /* what a pipe gives is not to be lost */
    for (int i = 0; in != NULL && i < 1000 && !found && fgets(line, sizeof line, in) != NULL; i++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            found |= strncmp(line, keys[k], strlen(keys[k])) == 0;
    if (in != NULL)
        fclose(in);
    return found;
}

bool names_scenario(int operands, char *const *names)
{
    for (int i = 0; i < operands; i++)
        if (strcmp(names[i], "-") == 0 || cli_ends_with(names[i], ".yaml") || cli_ends_with(names[i], ".yml") ||
            has_scenario_key(names[i]))
            return true;
    return false;
}

static struct lc_scenario *scenario_named(int operands, char *const *names, const char *utilization,
                                          struct lc_diag *diag)
{
    struct lc_scenario *scenario = lc_scenario_read(names[0], diag);
    if (scenario == NULL && lci_comes_once(names[0]))
        lc_note(
            diag, NULL,
            "what comes through a pipe is read as a scenario: traces are read twice here; expected files or folders");
    if (scenario != NULL && operands > 1 &&
        take_traces(scenario, (const char *const *)names + 1, (size_t)operands - 1, diag) != 0) {
        lc_scenario_free(scenario);
        return NULL;
    }
    if (scenario != NULL && utilization != NULL) {
        free(scenario->utilization);
        scenario->utilization = lc_strdup(utilization);
    }
    return scenario;
}

struct lc_scenario *scenario_of(int operands, char *const *names, const struct scenario_source *source,
                                struct lc_diag *diag)
{
    if (names_scenario(1, names) || (operands == 1 && lci_comes_once(names[0])))
        return scenario_named(operands, names, source->utilization, diag);
    struct first_scenario first = {.common = source->common,
                                   .traces = (const char *const *)names,
                                   .count = (size_t)operands,
                                   .cache = source->cache,
                                   .utilization = source->utilization,
                                   .strict = source->strict};
    struct lc_diag own = {0}; /* what there is to say of the traces is said when they are learned from */
    struct lc_scenario *scenario = NULL;
    if (first_scenario_make(&first, &own) != 0) {
        lc_diag_append(diag, &own);
    } else {
        scenario = lc_scenario_parse(first.text, strlen(first.text), "first scenario", diag);
        lc_note(diag, NULL,
                "no scenario is given: assumed are the loads that were recorded (%s), at × 1, 2 and 4, and no limits "
                "but those that can be seen; 'loadcast init' writes them down to be completed",
                first.assumed);
        if (scenario != NULL) {
            scenario->stated = first.stated;
            scenario->stated_count = first.stated_count;
            first.stated = NULL;
            first.stated_count = 0;
        }
    }
    lc_diag_free(&own);
    first_scenario_free(&first);
    return scenario;
}
