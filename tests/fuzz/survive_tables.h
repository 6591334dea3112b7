/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survive.h for tables: measures, the history, what was measured, samples; for what is compared; for what comes over
 * the network.
 */
#ifndef FUZZ_SURVIVE_TABLES_H
#define FUZZ_SURVIVE_TABLES_H

#include "base/buffer.h"
#include "base/output.h"
#include "cli/history/exchange.h"
#include "cli/listen/otlp.h"
#include "cli/pull/elements.h"
#include "cli/samples.h"
#include "cli/verdict_rows.h"
#include "fit/trace/symbols.h"
#include "model/figures/figures.h"
#include "sim/scenario/history.h"
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

/* Times of arrivals, which a workload replays. */
static inline void survive_times(const char *path)
{
    struct lc_diag diag = {0};
    char *text = lc_format("model: none.yaml\nworkloads: [{name: w, entry: e, arrivals: {replay: %s}}]\n", path);
    struct lc_scenario *scenario = lc_scenario_parse(text, strlen(text), "scenario", &diag);
    agree(scenario != NULL ? 0 : -1, &diag, "times");
    lc_scenario_free(scenario);
    lc_diag_free(&diag);
    free(text);
}

static inline void survive_growth(const char *path)
{
    struct lc_diag diag = {0};
    struct lci_history history = {0};
    struct lc_trend trend;
    const int status = lci_history_read(path, "date", "rate", &history, &diag);
    agree(status, &diag, "growth");
    if (status == 0)
        agree(lci_history_fit(&history, path, -1, &trend, &diag), &diag, "a trend");
    lci_history_free(&history);
    lc_diag_free(&diag);
}

/* A result compares with itself without a difference. */
static inline void survive_results(const char *path)
{
    struct lc_diag diag = {0};
    struct lci_figures figures = {0};
    agree(lci_figures_read(path, &figures, &diag), &diag, "results");
    for (size_t i = 0; diag.errors == 0 && i < figures.count; i++) {
        const struct lci_figure *f = &figures.items[i];
        if (lci_figures_find(&figures, f->kind, f->name, f->metric) != f)
            broken("every figure is found", f->name);
    }
    lci_figures_free(&figures);
    lc_diag_free(&diag);
}

static inline void survive_verdict(const char *path)
{
    struct lc_diag diag = {0};
    struct lci_measure_table rows = {0};
    agree(verdict_rows_read(path, &rows, &diag), &diag, "a verdict");
    lci_measure_table_free(&rows);
    lc_diag_free(&diag);
}

static inline bool unpacking_grows(void *context, size_t bytes)
{
    size_t *taken = context;
    return bytes < (size_t)1 << 20 && (*taken += bytes) < (size_t)1 << 18;
}

/* A request's body, packed: whatever it says, no more comes of it than was allowed. */
static inline void survive_packed(const char *path)
{
    enum { MOST = 1 << 14 };
    struct lc_diag diag = {0};
    size_t length = 0, taken = 0, capacity = 0;
    char *packed = lci_file_read(path, 1 << 24, &length, &diag);
    struct otlp_bytes unpacked = {0};
    if (packed != NULL &&
        otlp_unpack(packed, length, MOST, unpacking_grows, &taken, &unpacked, &capacity) == OTLP_WHOLE &&
        unpacked.length > MOST)
        broken("a request is not larger than allowed", path);
    free(unpacked.bytes);
    free(packed);
    lc_diag_free(&diag);
}

struct told { /* of an answer: its elements, a line each; the values that were wanted */
    struct lci_buffer elements, values;
};

static inline int element_begins(void *context)
{
    (void)context;
    return 0;
}

static inline int element_bytes(void *context, const char *bytes, size_t length)
{
    lci_buffer_put(&((struct told *)context)->elements, bytes, length);
    return 0;
}

static inline int element_ends(void *context)
{
    lci_buffer_put(&((struct told *)context)->elements, "\n", 1);
    return 0;
}

static inline int element_value(void *context, size_t wanted, const char *text, size_t length, bool quoted)
{
    struct told *told = context;
    lci_buffer_add(&told->values, "%zu%s", wanted, quoted ? "'" : "=");
    lci_buffer_put(&told->values, text, length);
    return 0;
}

/* What is told of an answer that comes in pieces of so many bytes, as one text that the caller owns. */
static inline char *elements_in(const struct pull_grammar *grammar, const char *text, size_t length, size_t piece)
{
    struct told told = {0};
    const struct pull_sink sink = {element_begins, element_bytes, element_ends, element_value, &told};
    struct pull_elements *elements = pull_elements_new(grammar, &sink);
    int status = 0;
    for (size_t at = 0; at < length && status == 0; at += piece)
        status = pull_elements_feed(elements, text + at, length - at < piece ? length - at : piece);
    if (status == 0)
        status = pull_elements_finish(elements);
    pull_elements_free(elements);
    char *both[] = {lci_buffer_take(&told.elements), lci_buffer_take(&told.values)};
    char *all = status == 0 ? lc_format("%s%s", both[0], both[1]) : lc_strdup("wrong"); /* how much was told depends */
    free(both[0]);
    free(both[1]);
    return all;
}

/* An answer of a server that traces are pulled from, whole and in pieces. */
static inline void survive_answer(const char *path)
{
    static const char *const wanted[][3] = {
        {"data.traceID", "errors.msg"}, {"traceId"}, {"hits.hits.sort", "timed_out"}};
    static const struct pull_grammar grammars[] = {{"data", wanted[0], "an object with 'data'"},
                                                   {"", wanted[1], "an array"},
                                                   {"hits.hits", wanted[2], "an object with 'hits'"}};
    struct lc_diag diag = {0};
    size_t length = 0;
    char *text = lci_file_read(path, 1 << 24, &length, &diag);
    for (size_t i = 0; text != NULL && i < sizeof grammars / sizeof *grammars; i++) {
        char *whole = elements_in(&grammars[i], text, length, length + 1);
        char *pieces = elements_in(&grammars[i], text, length, 1 + length % 7);
        if (strcmp(whole, pieces) != 0)
            broken("an answer is the same in pieces", whole);
        free(whole);
        free(pieces);
    }
    free(text);
    lc_diag_free(&diag);
}

#endif
