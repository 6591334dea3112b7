/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "curves_render.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "table.h"

enum { WIDTH = 48, SHOWN = 8, TIMES = 12 };

/* Of what it is about. */
static const char *curves_name(const struct lc_transient *t, const struct lc_curve *c)
{
    return c->processor != LC_NONE ? t->model->processors[c->processor].name
           : c->task != LC_NONE    ? t->model->tasks[c->task].name
                                   : t->model->entries[c->entry].name;
}

char *curves_title(const struct lc_transient *t, const struct lc_curve *c)
{
    static const char *const words[] = {[LC_CURVE_LOAD] = "load",         [LC_CURVE_BUSY] = "busy",
                                        [LC_CURVE_QUEUE] = "queue",       [LC_CURVE_REPLICAS] = "replicas",
                                        [LC_CURVE_ARRIVALS] = "arrivals", [LC_CURVE_THROUGHPUT] = "served",
                                        [LC_CURVE_RESPONSE] = "response", [LC_CURVE_RESPONSE_P95] = "response p95",
                                        [LC_CURVE_FAILED] = "failed",     [LC_CURVE_SLOWER] = "slower",
                                        [LC_CURVE_SERVED] = "served",     [LC_CURVE_THREADS] = "threads"};
    return lc_format("%s%s, %s", curves_name(t, c), c->processor != LC_NONE ? " (processor)" : "", words[c->quantity]);
}

static bool same_thing(const struct lc_curve *a, const struct lc_curve *b)
{
    return a->processor == b->processor && a->task == b->task && a->entry == b->entry;
}

static const struct lc_curve *find(const struct lc_transient *t, const struct lc_curve *of, enum lci_quantity quantity)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->curves[i].quantity == quantity && same_thing(&t->curves[i], of))
            return &t->curves[i];
    return NULL;
}

static bool is_time(enum lci_quantity q)
{
    return q == LC_CURVE_RESPONSE || q == LC_CURVE_RESPONSE_P95;
}

static bool is_rate(enum lci_quantity q)
{
    return q == LC_CURVE_ARRIVALS || q == LC_CURVE_THROUGHPUT;
}

static char *value_text(const struct lc_curve *c, double value, double unit)
{
    if (isnan(value))
        return lc_strdup("–");
    if (is_time(c->quantity))
        return time_text(value * unit);
    if (c->quantity == LC_CURVE_LOAD || c->quantity == LC_CURVE_FAILED)
        return percent_text(value);
    char *number = number_text(is_rate(c->quantity) ? value / unit : value);
    char *text = is_rate(c->quantity) ? lc_format("%s/s", number) : lc_strdup(number);
    free(number);
    return text;
}

static size_t largest_bin(const struct lc_transient *t, const struct lc_curve *c)
{
    size_t at = 0;
    for (size_t i = 1; i < t->bins; i++)
        if (c->mean[i] > c->mean[at] || isnan(c->mean[at]))
            at = i;
    return at;
}

/* ---- small plots ------------------------------------------------------------------------------------------------- */

/* From 0 to the largest value in eight steps; a blank where nothing was seen. */
static char *plot(const struct lc_transient *t, const struct lc_curve *c)
{
    static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const size_t width = t->bins < WIDTH ? t->bins : WIDTH;
    double means[WIDTH], most = 0;
    for (size_t i = 0; i < width; i++) {
        double sum = 0, count = 0;
        for (size_t bin = i * t->bins / width; bin < (i + 1) * t->bins / width; bin++)
            if (!isnan(c->mean[bin])) {
                sum += c->mean[bin];
                count++;
            }
        means[i] = count > 0 ? sum / count : NAN;
        most = fmax(most, means[i]);
    }
    char *text = lc_alloc(WIDTH * 4 + 1), *end = text;
    *end = 0;
    for (size_t i = 0; i < width; i++) {
        const int step = most > 0 && !isnan(means[i]) ? (int)(means[i] / most * 7.999) : 0;
        end = stpcpy(end, isnan(means[i]) ? " " : steps[step < 0 ? 0 : step]);
    }
    return text;
}

static char *bin_text(const struct lc_transient *t, size_t bin, double unit)
{
    return bin > 0 ? time_text((double)bin * t->step * unit) : lc_strdup("0 s");
}

static void add_plot(const struct lc_transient *t, const struct lc_curve *c, double unit, struct table *table)
{
    const size_t most = largest_bin(t, c);
    char *when = bin_text(t, most, unit);
    char *cells[] = {curves_title(t, c),
                     plot(t, c),
                     value_text(c, c->mean[0], unit),
                     value_text(c, c->mean[most], unit),
                     lc_format("at %s", when),
                     value_text(c, c->mean[t->bins - 1], unit)};
    free(when);
    table_add(table, cells);
}

/* ---- components -------------------------------------------------------------------------------------------------- */

struct ranked {
    const struct lc_curve *load;
    double most;
    size_t order;
};

static int by_most(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->most != y->most)
        return x->most > y->most ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Components with a load, the highest first. */
static struct ranked *rank(const struct lc_transient *t, size_t *count)
{
    struct ranked *ranked = lc_calloc(t->count, sizeof *ranked);
    *count = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct lc_curve *c = &t->curves[i];
        if (c->quantity != LC_CURVE_LOAD || (c->task != LC_NONE && !t->model->tasks[c->task].service))
            continue;
        ranked[*count] = (struct ranked){c, c->mean[largest_bin(t, c)], *count};
        (*count)++;
    }
    if (*count > 1)
        qsort(ranked, *count, sizeof *ranked, by_most);
    return ranked;
}

const struct lc_curve **curves_shown(const struct lc_transient *t, bool all, size_t *count, size_t *left)
{
    static const enum lci_quantity of_workload[] = {LC_CURVE_ARRIVALS, LC_CURVE_BUSY,     LC_CURVE_THROUGHPUT,
                                                    LC_CURVE_FAILED,   LC_CURVE_RESPONSE, LC_CURVE_RESPONSE_P95};
    static const enum lci_quantity of_component[] = {LC_CURVE_LOAD, LC_CURVE_QUEUE, LC_CURVE_REPLICAS};
    const struct lc_curve **shown = lc_calloc(t->count, sizeof *shown);
    *count = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct lc_curve *response = &t->curves[i];
        if (response->quantity != LC_CURVE_RESPONSE)
            continue;
        const bool closed = response->task != LC_NONE && t->model->tasks[response->task].scheduling != LC_OPEN;
        for (size_t k = 0; k < sizeof of_workload / sizeof *of_workload; k++) {
            const struct lc_curve *c = find(t, response, of_workload[k]);
            if (c != NULL && (c->quantity != LC_CURVE_BUSY || closed))
                shown[(*count)++] = c;
        }
    }
    size_t components;
    struct ranked *ranked = rank(t, &components);
    const size_t most = all || components < SHOWN ? components : SHOWN;
    *left = components - most;
    for (size_t i = 0; i < most; i++)
        for (size_t k = 0; k < sizeof of_component / sizeof *of_component; k++) {
            const struct lc_curve *c = find(t, ranked[i].load, of_component[k]);
            if (c != NULL)
                shown[(*count)++] = c;
        }
    free(ranked);
    return shown;
}

static void print_plots(const struct lc_transient *t, bool all, double unit, FILE *out)
{
    char *until = time_text((double)t->bins * t->step * unit), *over = lc_format("0 to %s", until);
    const char *const headers[] = {"curve", over, "first", "most", "", "last"};
    struct table table = table_new(6, headers);
    size_t count, left;
    const struct lc_curve **shown = curves_shown(t, all, &count, &left);
    for (size_t i = 0; i < count; i++)
        add_plot(t, shown[i], unit, &table);
    free(shown);
    table_print(&table, out, "  ");
    table_free(&table);
    if (left > 0)
        fprintf(out, "  … and %zu less busy components (--verbose shows all)\n", left);
    free(over);
    free(until);
}

/* ---- values at some times ---------------------------------------------------------------------------------------- */

static void print_workload(const struct lc_transient *t, const struct lc_curve *response, size_t times, double unit,
                           FILE *out)
{
    const struct lc_curve *arrivals = find(t, response, LC_CURVE_ARRIVALS);
    const struct lc_curve *served = find(t, response, LC_CURVE_THROUGHPUT);
    const struct lc_curve *p95 = find(t, response, LC_CURVE_RESPONSE_P95);
    const struct time_scale scale = time_scale_of(response->mean[largest_bin(t, response)] * unit);
    char *mean = lc_format("response (%s)", scale.unit), *when = lc_format("%s from", curves_name(t, response));
    const char *const headers[] = {when, "arrivals/s", "served/s", mean, "90 % of runs", "p95"};
    struct table table = table_new(6, headers);
    for (size_t i = 0; i < times; i++) {
        const size_t bin = i * t->bins / times;
        const struct lc_estimate estimate = {response->mean[bin], response->ci95[bin], NAN};
        char *low = number_text(response->low[bin] * unit / scale.seconds);
        char *high = number_text(response->high[bin] * unit / scale.seconds);
        char *cells[] = {bin_text(t, bin, unit),
                         number_text(arrivals != NULL ? arrivals->mean[bin] / unit : NAN),
                         number_text(served->mean[bin] / unit),
                         estimate_text(&estimate, scale.seconds / unit, 0.95),
                         isnan(response->low[bin]) ? lc_strdup("–") : lc_format("%s … %s", low, high),
                         number_text(p95 != NULL ? p95->mean[bin] * unit / scale.seconds : NAN)};
        table_add(&table, cells);
        free(low);
        free(high);
    }
    fputc('\n', out);
    table_print(&table, out, "  ");
    table_free(&table);
    free(when);
    free(mean);
}

static char *disturbance(const struct lc_transient *t)
{
    const struct lc_recovery *r = &t->recovery;
    switch (r->by) {
    case LC_DISTURBED_BY_LOAD: return lc_strdup("the spike");
    case LC_DISTURBED_BY_OUTAGE: return lc_format("the failure of %s", t->model->tasks[r->disturbed].name);
    case LC_DISTURBED_BY_SLOW_DOWN: return lc_format("the slow-down of %s", t->model->tasks[r->disturbed].name);
    default: return lc_strdup("all disturbances");
    }
}

char *curves_recovery(const struct lc_transient *t, double unit)
{
    const struct lc_recovery *r = &t->recovery;
    if (!r->judged)
        return NULL;
    char *from = time_text(r->begin * unit), *to = time_text(r->end * unit), *text;
    char *time = time_text(r->time * unit), *share = percent_text(r->share);
    const char *what = r->task != LC_NONE       ? t->model->tasks[r->task].name
                       : r->workload != LC_NONE ? curves_name(t, &t->curves[r->workload])
                                                : NULL;
    char *event = disturbance(t);
    const char *kind = r->task != LC_NONE ? "the queue of" : "the response time of";
    if (!r->recovered)
        text = lc_format(
            "Does not recover from %s (%s to %s) within the time: %s %s stays up; %s of the runs have recovered at the "
            "end.",
            event, from, to, kind, what, share);
    else if (what == NULL)
        text = lc_format("All curves have recovered when %s (%s to %s) ends.", event, from, to);
    else
        text = lc_format("Recovers %s after %s (%s to %s); %s %s recovers last.", time, event, from, to, kind, what);
    free(event);
    free(from);
    free(to);
    free(time);
    free(share);
    return text;
}

/* Why they end before the duration, in one line; NULL: they do not. Allocated. */
static char *curves_end(const struct lc_transient *t, double unit)
{
    if (t->unfinished)
        return lc_format("The curves end early: no run was complete when %s.",
                         t->partial ? "it was stopped" : "the time allowed was over");
    if (t->full.task == LC_NONE)
        return NULL;
    char *at = time_text(t->full.at * unit);
    char *text = lc_format("The curves end early: at %s %.3g requests wait for '%s', more than are kept (max_queue).",
                           at, t->full.waiting, t->model->tasks[t->full.task].name);
    free(at);
    return text;
}

void curves_text(const struct lc_transient *t, double unit, bool all, FILE *out)
{
    const size_t times = 2 * TIMES < t->bins && all ? 2 * TIMES : t->bins < TIMES ? t->bins : TIMES;
    char *step = time_text(t->step * unit), *warmup = time_text(t->warmup * unit);
    if (t->replications > 1)
        fprintf(out, "\nMeans of %u runs", t->replications);
    else
        fprintf(out, "\nOne run%s", t->unfinished ? " as far as it came" : "");
    fprintf(out, " in bins of %s, %s%s%s\n\n", step, t->warmup > 0 ? "after " : "",
            t->warmup > 0 ? warmup : "beginning with empty queues", t->warmup > 0 ? " at the initial load" : "");
    print_plots(t, all, unit, out);
    for (size_t i = 0; i < t->count; i++)
        if (t->curves[i].quantity == LC_CURVE_RESPONSE)
            print_workload(t, &t->curves[i], times, unit, out);
    char *end = curves_end(t, unit);
    if (end != NULL)
        fprintf(out, "\n%s\n", end);
    free(end);
    char *recovery = curves_recovery(t, unit);
    if (recovery != NULL)
        fprintf(out, "\n%s\n", recovery);
    free(recovery);
    free(step);
    free(warmup);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *recovery_json(const struct lc_transient *t)
{
    static const char *const words[] = {"load", "failure", "slow_down", "several"};
    const struct lc_recovery *r = &t->recovery;
    if (!r->judged)
        return json_null();
    return json_pack("{s:s, s:s?, s:o, s:o, s:b, s:o, s:o, s:o}", "by", words[r->by], "disturbed",
                     r->disturbed != LC_NONE ? t->model->tasks[r->disturbed].name : NULL, "from",
                     cli_json_number(r->begin), "to", cli_json_number(r->end), "recovers", (int)r->recovered, "after",
                     cli_json_number(r->time), "last",
                     r->task != LC_NONE       ? json_string(t->model->tasks[r->task].name)
                     : r->workload != LC_NONE ? json_string(curves_name(t, &t->curves[r->workload]))
                                              : json_null(),
                     "runs_back", cli_json_number(r->share));
}

static json_t *end_json(const struct lc_transient *t)
{
    if (t->full.task == LC_NONE)
        return json_null();
    return json_pack("{s:s, s:f, s:f}", "component", t->model->tasks[t->full.task].name, "waiting", t->full.waiting,
                     "at", t->full.at);
}

json_t *curves_json(const struct lc_transient *t)
{
    json_t *times = json_array(), *series = json_array();
    for (size_t i = 0; i < t->bins; i++)
        json_array_append_new(times, json_real((double)i * t->step));
    for (size_t i = 0; i < t->count; i++) {
        const struct lc_curve *c = &t->curves[i];
        char *name = lc_format("%s %s", curves_name(t, c), lc_quantity_name(c->quantity));
        json_t *one = json_pack("{s:s, s:s}", "name", name, c->workload ? "workload" : "component", curves_name(t, c));
        free(name);
        if (!c->workload)
            json_object_set_new(one, "kind", json_string(c->processor != LC_NONE ? "processor" : "task"));
        if (c->quantity == LC_CURVE_SLOWER)
            json_object_set_new(one, "limit", json_real(c->limit));
        json_object_set_new(one, "quantity", json_string(lc_quantity_name(c->quantity)));
        json_object_set_new(one, "mean", cli_json_numbers(c->mean, t->bins));
        json_object_set_new(one, "ci95", cli_json_numbers(c->ci95, t->bins));
        json_object_set_new(one, "low", cli_json_numbers(c->low, t->bins));
        json_object_set_new(one, "high", cli_json_numbers(c->high, t->bins));
        json_array_append_new(series, one);
    }
    return json_pack("{s:o, s:f, s:f, s:i, s:b, s:b, s:o, s:o, s:o}", "times", times, "step", t->step, "warmup",
                     t->warmup, "replications", (int)t->replications, "partial", (int)t->partial, "unfinished",
                     (int)t->unfinished, "ends_early", end_json(t), "series", series, "recovery", recovery_json(t));
}
