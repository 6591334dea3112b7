/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result_table.h"

#include "json.h"

#include "result_parts.h"

#include "model/policy.h"
#include "model/unstated.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95

struct sheet {
    const struct lc_result *result;
    const struct lc_model *model;
    const char *unit; /* of time */
    FILE *out;
    bool colour;
};

static void print(const struct sheet *sheet, const char *title, struct table *table)
{
    if (table->rows > 1) {
        fprintf(sheet->out, sheet->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
        table_print(table, sheet->out, "  ");
    }
    table_free(table);
}

static char *estimate(const struct lc_estimate *value)
{
    return estimate_text(value, 1, CONFIDENCE);
}

static char *load(const struct lc_estimate *value)
{
    return isnan(value->mean) ? lc_strdup("–") : percent_estimate(value, CONFIDENCE);
}

/* "4", "2 × 4", "∞" */
static char *size_text(uint32_t multiplicity, uint32_t replicas)
{
    if (multiplicity == LC_INFINITE)
        return lc_strdup("∞");
    return replicas > 1 ? lc_format("%u × %u", replicas, multiplicity) : lc_format("%u", multiplicity);
}

static void print_processors(const struct sheet *sheet)
{
    const char *const headers[] = {"processor", "scheduling", "servers", "load", "busy", "queue"};
    struct table table = table_new(6, headers);
    for (size_t i = 0; i < sheet->model->processor_count; i++) {
        const struct lc_processor *p = &sheet->model->processors[i];
        const struct lc_processor_result *r = &sheet->result->processors[i];
        const bool delay = p->scheduling == LC_INF;
        char *cells[] = {lc_strdup(p->name),
                         lc_strdup(lc_scheduling_name(p->scheduling)),
                         size_text(delay ? LC_INFINITE : p->multiplicity, p->replicas),
                         load(&r->load),
                         estimate(&r->utilization),
                         number_text(r->queue_length.mean)};
        table_add(&table, cells);
    }
    print(sheet, "Processors", &table);
}

static void print_tasks(const struct sheet *sheet)
{
    char *rate = lc_format("served/%s", sheet->unit), *wait = lc_format("wait (%s)", sheet->unit);
    const char *const headers[] = {"task", "threads", "load", "busy", rate, "queue", wait, "lost"};
    struct table table = table_new(8, headers);
    for (size_t i = 0; i < sheet->model->task_count; i++) {
        const struct lc_task *t = &sheet->model->tasks[i];
        const struct lc_task_result *r = &sheet->result->tasks[i];
        const bool delay = t->scheduling == LC_INF || t->scheduling == LC_OPEN;
        const bool loses = r->dropped.mean > 0;
        char *cells[] = {lc_format("%s%s", t->name, r->saturated ? " (saturated)" : ""),
                         size_text(delay ? LC_INFINITE : t->multiplicity, t->replicas),
                         load(&r->load),
                         estimate(&r->utilization),
                         estimate(&r->throughput),
                         number_text(r->queue_length.mean),
                         number_text(r->waiting_time.mean),
                         loses ? percent_text(r->dropped.mean) : lc_strdup("–")};
        table_add(&table, cells);
    }
    print(sheet, "Tasks", &table);
    free(rate);
    free(wait);
}

static char *percentile(const struct lc_percentiles *p, int which)
{
    return number_text(p->known ? p->value[which].mean : NAN);
}

static void print_entries(const struct sheet *sheet)
{
    char *rate = lc_format("served/%s", sheet->unit), *time = lc_format("service time (%s)", sheet->unit);
    const char *const headers[] = {"entry", rate, time, "p50", "p90", "p95", "p99"};
    struct table table = table_new(7, headers);
    for (size_t i = 0; i < sheet->model->entry_count; i++) {
        const struct lc_entry_result *r = &sheet->result->entries[i];
        if (lc_is_source(&sheet->model->tasks[sheet->model->entries[i].task]))
            continue; /* stands among the workloads */
        char *cells[] = {lc_strdup(sheet->model->entries[i].name),
                         estimate(&r->throughput),
                         estimate(&r->service_time),
                         percentile(&r->percentiles, 0),
                         percentile(&r->percentiles, 1),
                         percentile(&r->percentiles, 2),
                         percentile(&r->percentiles, 3)};
        table_add(&table, cells);
    }
    print(sheet, "Entries (from when a thread takes the request; percentiles: to the reply)", &table);
    free(rate);
    free(time);
}

static void add_phase(struct table *table, char *name, const struct lc_activity_result *r)
{
    char *cells[] = {name, estimate(&r->throughput), estimate(&r->service_time), number_text(r->processor_waiting.mean),
                     number_text(r->processor_utilization.mean)};
    table_add(table, cells);
}

static void print_phases(const struct sheet *sheet)
{
    char *rate = lc_format("per %s", sheet->unit), *time = lc_format("time (%s)", sheet->unit);
    const char *const headers[] = {"phase or activity", rate, time, "waits for processor", "uses processor"};
    struct table table = table_new(5, headers);
    for (size_t i = 0; i < sheet->model->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            if (sheet->model->entries[i].phases[k].present && sheet->model->entries[i].start == LC_NONE)
                add_phase(&table, lc_format("%s, phase %d", sheet->model->entries[i].name, k + 1),
                          &sheet->result->entries[i].phases[k]);
    for (size_t i = 0; i < sheet->model->task_count; i++)
        for (size_t k = 0; k < sheet->model->tasks[i].activity_count; k++)
            add_phase(&table,
                      lc_format("%s, %s", sheet->model->tasks[i].name, sheet->model->tasks[i].activities[k].name),
                      &sheet->result->activities[i][k]);
    print(sheet, "Phases and activities", &table);
    free(rate);
    free(time);
}

static void add_calls(const struct sheet *sheet, struct table *table, const char *from, const struct lc_activity *a,
                      const struct lc_activity_result *r)
{
    for (size_t i = 0; i < a->call_count; i++) {
        char *cells[] = {lc_format("%s → %s", from, sheet->model->entries[a->calls[i].entry].name),
                         lc_strdup(a->calls[i].kind == LC_CALL_SYNC ? "waits" : "sends"), number_text(a->calls[i].mean),
                         estimate(&r->calls[i])};
        table_add(table, cells);
    }
}

static void print_calls(const struct sheet *sheet)
{
    char *wait = lc_format("in the queue (%s)", sheet->unit);
    const char *const headers[] = {"call", "kind", "mean number", wait};
    struct table table = table_new(4, headers);
    for (size_t i = 0; i < sheet->model->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            add_calls(sheet, &table, sheet->model->entries[i].name, &sheet->model->entries[i].phases[k],
                      &sheet->result->entries[i].phases[k]);
    for (size_t i = 0; i < sheet->model->task_count; i++)
        for (size_t k = 0; k < sheet->model->tasks[i].activity_count; k++)
            add_calls(sheet, &table, sheet->model->tasks[i].activities[k].name, &sheet->model->tasks[i].activities[k],
                      &sheet->result->activities[i][k]);
    print(sheet, "Calls", &table);
    free(wait);
}

static char *failed(const struct lc_estimate *value)
{
    return isnan(value->mean) ? lc_strdup("–") : percent_text(value->mean);
}

/* Of what has some: "name: 0 to 3.3 per s, 0.5 s or longer, whatever the queues do". */
static void print_bounds(const struct sheet *sheet, const struct lc_workload_result *w)
{
    const struct lc_workload_bounds *b = &w->bounds;
    if (isnan(b->response_low) && isnan(b->throughput_high))
        return;
    fprintf(sheet->out, "  bounds of %s:",
            w->task != LC_NONE ? sheet->model->tasks[w->task].name : sheet->model->entries[w->entry].name);
    char *low = number_text(isnan(b->throughput_low) ? 0 : b->throughput_low), *high = number_text(b->throughput_high);
    char *short_one = number_text(b->response_low), *long_one = number_text(b->response_high);
    if (!isnan(b->throughput_high))
        fprintf(sheet->out, " %s to %s/%s%s", low, high, sheet->unit, isnan(b->response_low) ? "" : ",");
    if (!isnan(b->response_high))
        fprintf(sheet->out, " %s to %s %s", short_one, long_one, sheet->unit);
    else if (!isnan(b->response_low))
        fprintf(sheet->out, " %s %s or longer", short_one, sheet->unit);
    fputc('\n', sheet->out);
    free(low);
    free(high);
    free(short_one);
    free(long_one);
}

static void print_workloads(const struct sheet *sheet)
{
    const bool fails = lci_model_fails(sheet->model);
    char *rate = lc_format("served/%s", sheet->unit), *time = lc_format("response time (%s)", sheet->unit);
    const char *const headers[] = {"workload", rate, time, "p50", "p90", "p95", "p99", "failed"};
    struct table table = table_new(fails ? 8 : 7, headers);
    for (size_t i = 0; i < sheet->result->workload_count; i++) {
        const struct lc_workload_result *w = &sheet->result->workloads[i];
        char *cells[] = {
            lc_strdup(w->task != LC_NONE ? sheet->model->tasks[w->task].name : sheet->model->entries[w->entry].name),
            estimate(&w->throughput),
            estimate(&w->response_time),
            percentile(&w->percentiles, 0),
            percentile(&w->percentiles, 1),
            percentile(&w->percentiles, 2),
            percentile(&w->percentiles, 3),
            fails ? failed(&w->failed) : NULL};
        table_add(&table, cells);
    }
    print(sheet, "Workloads", &table);
    for (size_t i = 0; i < sheet->result->workload_count; i++)
        print_bounds(sheet, &sheet->result->workloads[i]);
    free(rate);
    free(time);
}

static void print_policies(const struct sheet *sheet)
{
    char *rate = lc_format("requests/%s", sheet->unit);
    const char *const headers[] = {"calls",  rate,           "failed",  "retries", "timed out",
                                   "errors", "breaker open", "refused", "hedged",  "cached"};
    struct table table = table_new(10, headers);
    for (size_t i = 0; i < sheet->result->policy_count; i++) {
        const struct lc_policy_result *r = &sheet->result->policies[i];
        const double refused = r->short_circuited.mean + r->full.mean + r->limited.mean + r->shed.mean;
        char *cells[] = {lc_format("%s → %s", sheet->model->tasks[r->from].name, sheet->model->tasks[r->to].name),
                         estimate(&r->requests),
                         failed(&r->failed),
                         number_text(r->retries.mean),
                         failed(&r->timed_out),
                         failed(&r->errors),
                         failed(&r->open),
                         isnan(refused) ? lc_strdup("–") : percent_text(refused),
                         failed(&r->copies),
                         failed(&r->hits)};
        table_add(&table, cells);
    }
    print(sheet, "Policies (failed, cached: of requests; timed out, errors, refused, hedged: of attempts)", &table);
    free(rate);
}

static void print_bottlenecks(const struct sheet *sheet)
{
    fprintf(sheet->out, sheet->colour ? "\n\033[1mBottlenecks\033[0m\n" : "\nBottlenecks\n");
    for (size_t i = 0; i < sheet->result->bottleneck_count; i++) {
        const struct lc_bottleneck *b = &sheet->result->bottlenecks[i];
        char *load = percent_text(b->load.mean);
        const char *name =
            b->processor != LC_NONE ? sheet->model->processors[b->processor].name : sheet->model->tasks[b->task].name;
        fprintf(sheet->out, "  %s %s at %s: %s\n", b->processor != LC_NONE ? "processor" : "task", name, load,
                b->reason);
        free(load);
    }
    if (sheet->result->bottleneck_count == 0)
        fprintf(sheet->out, "  none: nothing in this model has a limit\n");
}

static void print_assumed(const struct sheet *sheet)
{
    char *demands = lci_unstated_demands(sheet->model);
    if (demands != NULL)
        fprintf(sheet->out, "\nExponential, because only a mean is stated: %s; %s\n", demands,
                lci_unstated_consequence);
    free(demands);
}

static void print_run(const struct sheet *sheet)
{
    const struct lc_result *r = sheet->result;
    if (r->iterations > 0) {
        fprintf(sheet->out,
                "\nAnalytic: %u iteration%s, the last change is %.2g of a value, in %.2g ms; percentiles are "
                "approximate\n",
                r->iterations, r->iterations == 1 ? "" : "s", r->residual, 1e3 * r->elapsed_s);
        return;
    }
    char *time = number_text(r->simulated_time), *warmup = number_text(r->warmup);
    fprintf(sheet->out, "\n%u replication%s of %s %s after %s %s of warm-up; %.3g million events in %.2f s",
            r->replications, r->replications == 1 ? "" : "s", time, sheet->unit, warmup, sheet->unit,
            (double)r->events / 1e6, r->elapsed_s);
    if (!isnan(r->precision))
        fprintf(sheet->out, "; ± is a 95 %% interval, the widest %.2g %% of its value", 100 * r->precision);
    if (!isnan(r->precision) && r->percentile_precision > 0)
        fprintf(sheet->out, " (of percentiles %.2g %%)", 100 * r->percentile_precision);
    if (r->partial)
        fputs("; partial: stopped by a signal", sheet->out);
    fputc('\n', sheet->out);
    free(time);
    free(warmup);
}

void result_table(const struct lc_result *result, bool all, bool colour, FILE *out)
{
    const struct lc_model *model = result->model;
    const struct sheet sheet = {result, model, model->time_unit != NULL ? model->time_unit : "s", out, colour};
    if (model->name != NULL && model->name[0] != 0)
        fprintf(out, "%s\n", model->name);
    const struct result_parts parts = {result, NAN, sheet.unit, CONFIDENCE, all, out};
    print_workloads(&sheet);
    completions_text(&parts);
    networks_text(&parts);
    print_policies(&sheet);
    print_processors(&sheet);
    print_tasks(&sheet);
    print_entries(&sheet);
    if (all) {
        print_phases(&sheet);
        print_calls(&sheet);
    }
    print_bottlenecks(&sheet);
    print_assumed(&sheet);
    print_run(&sheet);
}

int result_table_text(const struct page *page, struct lc_diag *diag)
{
    (void)diag;
    result_table(page->result, page->verbose, page->colour, page->out);
    return 0;
}

int result_whole_text(const struct page *page, struct lc_diag *diag)
{
    (void)diag;
    result_table(page->result, true, page->colour, page->out);
    return 0;
}

int result_json(const struct page *page, struct lc_diag *diag)
{
    return cli_json_print(lc_result_json(page->result), CLI_JSON_SIMULATED, page->out, diag);
}
