/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survive.h for tables: measures, the history, what was measured, samples.
 */
#ifndef FUZZ_SURVIVE_TABLES_H
#define FUZZ_SURVIVE_TABLES_H

#include "cli/history/exchange.h"
#include "cli/samples.h"
#include "fit/trace/symbols.h"
#include "survive.h"

static inline void agree(int status, const struct lc_diag *diag, const char *what)
{
    if ((status != 0) != (diag->errors != 0))
        broken("an error has a message", what);
}

static inline void survive_utilization(const char *path)
{
    struct lc_diag diag = {0};
    struct lc_utilization utilization = {0};
    agree(lc_utilization_read(path, &utilization, &diag), &diag, "utilization");
    lc_utilization_free(&utilization);
    lc_diag_free(&diag);
}

static inline void survive_measured(const char *path)
{
    struct lc_diag diag = {0};
    struct lc_measured measured = {0};
    agree(lc_measured_read(path, &measured, &diag), &diag, "measured");
    lc_measured_free(&measured);
    lc_diag_free(&diag);
}

static inline void survive_samples(const char *path)
{
    struct lc_diag diag = {0};
    struct samples samples = {0};
    agree(samples_read(path, &samples, &diag), &diag, "samples");
    samples_free(&samples);
    lc_diag_free(&diag);
}

static inline void survive_decisions(const char *path)
{
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_decisions *decisions = lc_decisions_read(path, symbols, &diag);
    agree(decisions != NULL ? 0 : -1, &diag, "decisions");
    lc_decisions_free(decisions);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
}

static inline char *measures_text(const struct lci_measure_table *measures)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    lci_measure_table_write(out, measures);
    fclose(out);
    return text;
}

static const char *survive_expected; /* what the measures that are read must be written as */

static inline void measures_again(const char *path)
{
    struct lc_diag diag = {0};
    struct lci_measure_table measures = {0};
    if (lci_measure_table_read(path, &measures, &diag) != 0)
        broken("measures that were written can be read", diag.messages[0].text);
    char *text = measures_text(&measures);
    if (strcmp(text, survive_expected) != 0)
        broken("measures that were written are read as they were", survive_expected);
    free(text);
    lci_measure_table_free(&measures);
}

static inline void survive_measures(const char *path)
{
    struct lc_diag diag = {0};
    struct lci_measure_table measures = {0};
    const int status = lci_measure_table_read(path, &measures, &diag);
    agree(status, &diag, "measures");
    if (status == 0) {
        char *text = measures_text(&measures);
        survive_expected = text;
        with_file(text, strlen(text), measures_again);
        free(text);
    }
    lci_measure_table_free(&measures);
    lc_diag_free(&diag);
}

/* What the history exports of the records. */
static inline json_t *history_document(const struct history_records *records)
{
    json_t *runs = json_array();
    for (size_t i = 0; i < records->count; i++) {
        json_t *run = history_record_json(&records->items[i]);
        if (run == NULL || json_array_size(json_object_get(run, "measures")) != records->items[i].measures.count)
            broken("the export has every measure", records->items[i].release);
        json_array_append_new(runs, run);
    }
    return json_pack("{s:s, s:o}", "schema", "loadcast.history/1", "runs", runs);
}

static inline void history_again(const struct history_records *records)
{
    struct lc_diag diag = {0};
    struct history_records again = {0};
    json_t *document = history_document(records);
    char *text = json_dumps(document, JSON_REAL_PRECISION(17));
    if (history_import_json("again", text, &again, &diag) != 0)
        broken("a history that was exported can be imported", diag.messages[0].text);
    json_t *copy = history_document(&again);
    if (!json_equal(document, copy))
        broken("a history that was exported is imported as it was", text);
    json_decref(copy);
    json_decref(document);
    free(text);
    history_records_free(&again);
}

static inline void survive_history(const char *path)
{
    static const char *const roles[] = {"scenario=activity", "t=time", "skipped="};
    const struct history_columns columns = {roles, sizeof roles / sizeof *roles, NULL};
    struct lc_diag diag = {0};
    struct history_records records = {0};
    const int status = history_import(path, &columns, &records, &diag);
    agree(status, &diag, "history");
    if (status == 0)
        history_again(&records);
    history_records_free(&records);
    lc_diag_free(&diag);
}

#endif
