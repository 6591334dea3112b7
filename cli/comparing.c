/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "comparing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fit/trace/reader.h"
#include "loadcast/format.h"
#include "predictions.h"
#include "recorded_rows.h"
#include "render/differences.h"
#include "render/json.h"
#include "verdict_rows.h"

/* ---- which kind -------------------------------------------------------------------------------------------------- */

/* The beginning of a file; "" of a folder, a wildcard, or what cannot be read. */
static void beginning(const char *file, char *start, size_t size)
{
    struct stat about;
    start[0] = 0;
    if (stat(file, &about) != 0 || !S_ISREG(about.st_mode))
        return;
    FILE *in = fopen(file, "r");
    if (in == NULL)
        return;
    start[fread(start, 1, size - 1, in)] = 0;
    fclose(in);
}

static bool is_measures(const char *file)
{
    char start[32];
    beginning(file, start, sizeof start);
    return strncmp(start, lci_measure_table_header, sizeof start - 1) == 0;
}

/* What is neither a result nor a model: a folder, a wildcard, or a file whose beginning is of a format of traces. */
static bool is_traces(const char *name)
{
    struct stat about;
    if (stat(name, &about) != 0)
        return strpbrk(name, "*?[") != NULL;
    if (S_ISDIR(about.st_mode))
        return true;
    static const char *const endings[] = {".gz", ".zst", ".pb", ".jsonl", ".ndjson"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (cli_ends_with(name, endings[i]))
            return true;
    char start[4096], *found = NULL;
    beginning(name, start, sizeof start);
    const bool is = lci_sniff(start, strlen(start), &found) != NULL;
    free(found);
    return is;
}

static bool is_known(const char *name)
{
    return is_verdict(name) || is_measures(name) || is_traces(name);
}

bool is_comparing(const struct comparing *c, struct lc_diag *diag)
{
    if (c->traces != NULL || c->history != NULL)
        return true;
    const bool a = is_known(c->a), b = is_known(c->b);
    struct stat about;
    if (a != b && stat(a ? c->b : c->a, &about) == 0) /* what is not there is said when it is opened */
        lc_error(diag, LC_INPUT, NULL,
                 "expected two of a kind, found traces, measures or a verdict in %s and none in %s", a ? c->a : c->b,
                 a ? c->b : c->a);
    return a || b;
}

/* ---- the sides --------------------------------------------------------------------------------------------------- */

static bool predicts(const struct lc_scenario *s)
{
    bool wanted = false;
    for (size_t i = 0; s != NULL && i < s->gate_count; i++)
        wanted |= strcmp(s->gates[i].what, "load") == 0 || strcmp(s->gates[i].what, "capacity") == 0;
    return wanted;
}

static int predict(const struct comparing *c, const struct lc_scenario *s, const char *const *traces, size_t count,
                   const char *release, struct lci_measure_table *table, struct lc_diag *diag)
{
    const struct predicted_from from = {c->scenario, traces, count, release};
    return predicts(s) ? predictions_of_traces(&from, c->common, table, diag) : 0;
}

/* One of A and B, which are files, folders or wildcards. */
static int read_side(struct comparing *c, const char *name, const struct lc_scenario *s,
                     struct lci_measure_table *table, struct lc_diag *diag)
{
    if (is_verdict(name))
        return verdict_rows_read(name, table, diag);
    if (is_measures(name))
        return lci_measure_table_read(name, table, diag);
    c->measuring.traces = &name;
    c->measuring.trace_count = 1;
    return measure_traces(&c->measuring, table, diag) == 0 ? predict(c, s, &name, 1, NULL, table, diag) : -1;
}

/* One of two releases in the same traces. */
static int take_release(struct comparing *c, const char *release, const struct lc_scenario *s,
                        const struct lci_measure_table *all, struct lci_measure_table *table, struct lc_diag *diag)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->items[i].release, release) == 0)
            lci_measure_table_add(table, &all->items[i]);
    if (table->count > 0)
        return predict(c, s, c->traces, c->trace_count, release, table, diag);
    lc_error(diag, LC_INPUT, NULL, "no trace is of the release '%s'", release);
    return -1;
}

static int read_recorded(const struct comparing *c, struct lci_measure_table *a, struct lci_measure_table *b,
                         struct lc_diag *diag)
{
    struct history *history = history_open(c->history, false, diag);
    if (history == NULL)
        return -1;
    const int status =
        recorded_rows_of_release(history, c->a, a, diag) == 0 && recorded_rows_of_release(history, c->b, b, diag) == 0
            ? 0
            : -1;
    history_close(history);
    return status;
}

static int read_sides(struct comparing *c, const struct lc_scenario *s, struct lci_measure_table *a,
                      struct lci_measure_table *b, struct lc_diag *diag)
{
    if (c->history != NULL)
        return read_recorded(c, a, b, diag);
    if (c->traces == NULL)
        return read_side(c, c->a, s, a, diag) == 0 && read_side(c, c->b, s, b, diag) == 0 ? 0 : -1;
    struct lci_measure_table all = {0};
    c->measuring.traces = c->traces;
    c->measuring.trace_count = c->trace_count;
    int status = measure_traces(&c->measuring, &all, diag);
    if (status == 0)
        status = take_release(c, c->a, s, &all, a, diag) == 0 && take_release(c, c->b, s, &all, b, diag) == 0 ? 0 : -1;
    lci_measure_table_free(&all);
    return status;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

void compare_tables(const struct lci_measure_table *a, const struct lci_measure_table *b,
                    const struct lc_scenario *scenario, struct lci_differences *d, struct gates *gates)
{
    lci_differences_of(a, b, d);
    bool *chosen = lc_calloc(d->count + 1, sizeof *chosen);
    for (size_t i = 0; i < d->count; i++)
        chosen[i] = is_tested(&d->items[i]) || lci_is_gained(&d->items[i]) || lci_is_lost(&d->items[i]);
    lci_differences_adjust(d, chosen);
    free(chosen);
    gates_judge(scenario != NULL ? scenario->gates : NULL, scenario != NULL ? scenario->gate_count : 0, d, gates);
}

static bool write_differences(const struct comparing *c, const struct lci_measure_table *a,
                              const struct lci_measure_table *b, const struct lc_scenario *s, struct lc_diag *diag)
{
    struct lci_differences differences;
    struct gates gates;
    compare_tables(a, b, s, &differences, &gates);
    if (differences.count == 0)
        lc_error(diag, LC_INPUT, NULL,
                 "%s and %s have no measure in common; expected the same activities and operations", c->a, c->b);
    const struct differences_page page = {c->a, c->b, &differences, s != NULL && s->gate_count > 0 ? &gates : NULL};
    if (differences.count > 0 && c->common->json != NULL)
        cli_json_write(differences_json(&page), CLI_JSON_ALL, c->common->json, diag);
    if (differences.count > 0 && !cli_is_stdout(c->common->json))
        differences_text(stdout, &page);
    const bool broken = gates.broken > 0;
    gates_free(&gates);
    lci_differences_free(&differences);
    return broken;
}

bool compare_releases(struct comparing *c, struct lc_diag *diag)
{
    struct lci_measure_table a = {0}, b = {0};
    struct lc_scenario *s = NULL;
    bool broken = false;
    c->measuring.common = c->common;
    if ((c->scenario == NULL || (s = lc_scenario_read(c->scenario, diag)) != NULL) &&
        read_sides(c, s, &a, &b, diag) == 0)
        broken = write_differences(c, &a, &b, s, diag);
    lc_scenario_free(s);
    lci_measure_table_free(&a);
    lci_measure_table_free(&b);
    return broken;
}
