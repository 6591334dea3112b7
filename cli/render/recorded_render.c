/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recorded_render.h"
#include "base/utc.h"

#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "table.h"

static char *recorded_text(double mean, double error, const struct time_scale *scale)
{
    char *number = number_text(mean / scale->seconds);
    char *text =
        !(error > 1e-4 * mean) ? lc_strdup(number) : lc_format("%s ± %.2g", number, 1.96 * error / scale->seconds);
    free(number);
    return text;
}

static char *predicted_text(const struct lc_verdict *verdict, const struct lc_estimate *e,
                            const struct time_scale *scale)
{
    return isnan(e->mean) ? lc_strdup("–") : estimate_text(e, scale->seconds, verdict->scenario->simulation.confidence);
}

static void add_recording(struct table *table, const struct lc_verdict *verdict,
                          const struct lc_recorded_load *recorded, const struct time_scale *scale)
{
    for (size_t w = 0; w < verdict->scenario->workload_count; w++) {
        const struct lc_recorded_workload *r = &recorded->workloads[w];
        if (r->requests == 0)
            continue;
        char *cells[] = {
            lc_strdup(verdict->scenario->workloads[w].name),
            number_text(r->rate),
            recorded_text(r->mean, r->standard_error, scale),
            predicted_text(verdict, &r->predicted, scale),
            number_text(r->p95 / scale->seconds),
            number_text(r->predicted_p95.mean / scale->seconds),
            recorded->point.overloaded ? lc_format("the model is overloaded: %s", recorded->point.limit.name)
            : r->differs               ? lc_format("%+.0f %%", 100 * (r->predicted.mean / r->mean - 1))
                                       : lc_strdup(""),
        };
        table_add(table, cells);
    }
}

/* What such a difference means, and what to do about it. */
static void print_differences(const struct page *page)
{
    bool above = false, below = false;
    for (size_t i = 0; i < page->verdict->recorded_count; i++)
        for (size_t w = 0; w < page->verdict->scenario->workload_count; w++) {
            const struct lc_recorded_workload *r = &page->verdict->recorded[i].workloads[w];
            above |= r->differs && !(r->predicted.mean < r->mean);
            below |= r->differs && r->predicted.mean < r->mean;
        }
    if (above)
        fputs(
            "  Above what was recorded: the times hold waiting (state the limits that warnings name; assume_load: auto "
            "takes it out), or a limit is stated too low.\n",
            page->out);
    if (below)
        fputs("  Below what was recorded: requests waited for something that has no limit in the model; state it under "
              "'deployment'.\n",
              page->out);
}

void print_recorded(const struct page *page)
{
    enum { SHOWN = 12 };
    const struct lc_verdict *verdict = page->verdict;
    double largest = 0;
    if (verdict->recorded_count == 0)
        return;
    for (size_t i = 0; i < verdict->recorded_count; i++)
        for (size_t w = 0; w < verdict->scenario->workload_count; w++)
            if (verdict->recorded[i].workloads[w].requests > 0)
                largest = fmax(largest, verdict->recorded[i].workloads[w].mean);
    const struct time_scale scale = time_scale_of(largest);
    char *mean = lc_format("mean (%s)", scale.unit);
    fputs("\nThe recorded load, and what the model predicts for it\n", page->out);
    const size_t shown = page->verbose || verdict->recorded_count <= SHOWN ? verdict->recorded_count : SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct lc_recording *recording = verdict->recorded[i].recording;
        char *from = lci_utc_text(recording->begin, LCI_UTC_SHOWN);
        fprintf(page->out, "  from %s UTC for %.3g s%s\n", from, (double)(recording->end - recording->begin) * 1e-9,
                recording->one_by_one ? ", one request at a time" : "");
        free(from);
        const char *const headers[] = {"workload", "requests/s", mean, "predicted", "p95", "predicted", "apart"};
        struct table table = table_new(7, headers);
        table.ends_with_words = true;
        add_recording(&table, verdict, &verdict->recorded[i], &scale);
        table_print(&table, page->out, "  ");
        table_free(&table);
    }
    if (shown < verdict->recorded_count)
        fprintf(page->out, "  … and %zu more recordings (--verbose shows all)\n", verdict->recorded_count - shown);
    print_differences(page);
    free(mean);
}

static json_t *times_json(double mean, double error, double p95)
{
    return json_pack("{s:o, s:o, s:o}", "mean", cli_json_number(mean), "standard_error", cli_json_number(error), "p95",
                     cli_json_number(p95));
}

static json_t *predicted_json(const struct lc_recorded_workload *r)
{
    if (isnan(r->predicted.mean))
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "mean", cli_json_number(r->predicted.mean), "ci95",
                     cli_json_number(r->predicted.ci95), "p95", cli_json_number(r->predicted_p95.mean));
}

json_t *recorded_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->recorded_count; i++) {
        const struct lc_recorded_load *recorded = &verdict->recorded[i];
        json_t *workloads = json_array();
        for (size_t w = 0; w < verdict->scenario->workload_count; w++) {
            const struct lc_recorded_workload *r = &recorded->workloads[w];
            if (r->requests > 0)
                json_array_append_new(workloads, json_pack("{s:s, s:I, s:o, s:o, s:o, s:b}", "workload",
                                                           verdict->scenario->workloads[w].name, "requests",
                                                           (json_int_t)r->requests, "rate", cli_json_number(r->rate),
                                                           "recorded", times_json(r->mean, r->standard_error, r->p95),
                                                           "predicted", predicted_json(r), "differs", (int)r->differs));
        }
        json_array_append_new(
            list, json_pack("{s:f, s:f, s:b, s:b, s:o}", "from", (double)recorded->recording->begin * 1e-9, "to",
                            (double)recorded->recording->end * 1e-9, "one_by_one", (int)recorded->recording->one_by_one,
                            "overloaded", (int)recorded->point.overloaded, "workloads", workloads));
    }
    return list;
}
