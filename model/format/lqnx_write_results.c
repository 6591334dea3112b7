/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results in LQN XML: elements result-… inside the elements they belong to. Half-widths are plain ones: the mean lies
 * within ± the value with 95 or 99 % confidence (LQSIM writes larger ones; see docs/lqn-files.md). */
#include "format/lqnx_writer.h"

#include "observe.h"

#include <math.h>
#include <stdlib.h>
#include <sys/utsname.h>

/* One attribute of a result element. */
struct value {
    const char *name;
    struct lc_estimate e;
};

static const struct lc_estimate unknown = {NAN, NAN, NAN};

/* <result-conf-95> or -99 when there is any half-width. */
static void write_half_widths(struct lci_xml_out *w, const char *element, const struct value *values, size_t count,
                              bool ci99)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || (isfinite(values[i].e.mean) && isfinite(ci99 ? values[i].e.ci99 : values[i].e.ci95));
    if (!any)
        return;
    lci_out_begin(w, element);
    for (size_t i = 0; i < count; i++) {
        const double half = ci99 ? values[i].e.ci99 : values[i].e.ci95;
        if (isfinite(values[i].e.mean) && isfinite(half))
            lci_out_number(w, values[i].name, half);
    }
    lci_out_end(w, element);
}

/* The element with what is known of the values; nothing when nothing is. */
static void write_result(struct lci_xml_out *w, const char *element, const struct value *values, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || !isnan(values[i].e.mean);
    if (!any)
        return;
    lci_out_begin(w, element);
    for (size_t i = 0; i < count; i++)
        lci_out_number(w, values[i].name, values[i].e.mean);
    write_half_widths(w, "result-conf-95", values, count, false);
    write_half_widths(w, "result-conf-99", values, count, true);
    lci_out_end(w, element);
}
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* "0:00:01.234", as LQNS writes times. */
static void write_duration(struct lci_xml_out *w, const char *name, double seconds)
{
    const double whole = floor(seconds);
    char text[64];
    snprintf(text, sizeof text, "%.0f:%02.0f:%06.3f", floor(whole / 3600), floor(fmod(whole, 3600) / 60),
             fmod(whole, 60) + (seconds - whole));
    lci_out_text(w, name, text);
}

void lci_out_result_general(struct lci_xml_out *w)
{
    const struct lc_result *r = w->result;
    if (r == NULL)
        return;
    struct utsname system;
    char *platform = uname(&system) == 0 ? lc_format("%s %s", system.sysname, system.release) : lc_strdup("unknown");
    lci_out_begin(w, "result-general");
    lci_out_text(w, "solver-info", "loadcast " LOADCAST_VERSION);
    lci_out_text(w, "valid", r->converged ? "true" : "false");
    lci_out_number(w, "conv-val", isfinite(r->precision) ? r->precision : r->residual);
    lci_out_count(w, "iterations", r->iterations > 0 ? r->iterations : r->replications);
    lci_out_text(w, "platform-info", platform);
    write_duration(w, "elapsed-time", isfinite(r->elapsed_s) && r->elapsed_s > 0 ? r->elapsed_s : 0);
    lci_out_end(w, "result-general");
    free(platform);
}

void lci_out_result_processor(struct lci_xml_out *w, int processor)
{
    if (w->result == NULL)
        return;
    const struct value values[] = {{"utilization", w->result->processors[processor].utilization}};
    write_result(w, "result-processor", values, COUNT(values));
}

void lci_out_result_group(struct lci_xml_out *w, int group)
{
    if (w->result == NULL)
        return;
    const struct value values[] = {{"utilization", lci_group_utilization(w->result, group)}};
    write_result(w, "result-group", values, COUNT(values));
}

/* Attributes of locks; LQN XML calls the time a semaphore is held "semaphore-waiting". */
static size_t lock_values(const struct lc_task *t, const struct lc_task_result *r, struct value *to)
{
    static const char *const names[2][5] = {
        {"rwlock-reader-waiting", "rwlock-reader-waiting-variance", "rwlock-reader-holding",
         "rwlock-reader-holding-variance", "rwlock-reader-utilization"},
        {"rwlock-writer-waiting", "rwlock-writer-waiting-variance", "rwlock-writer-holding",
         "rwlock-writer-holding-variance", "rwlock-writer-utilization"},
    };
    size_t count = 0;
    if (t->scheduling == LC_SEMAPHORE) {
        to[count++] = (struct value){"semaphore-waiting", r->lock_holding[0]};
        to[count++] = (struct value){"semaphore-waiting-variance", r->lock_holding_variance[0]};
        to[count++] = (struct value){"semaphore-utilization", r->lock_utilization[0]};
    }
    for (int i = 0; i < 2 && t->scheduling == LC_RWLOCK; i++) {
        to[count++] = (struct value){names[i][0], r->lock_waiting[i]};
        to[count++] = (struct value){names[i][1], r->lock_waiting_variance[i]};
        to[count++] = (struct value){names[i][2], r->lock_holding[i]};
        to[count++] = (struct value){names[i][3], r->lock_holding_variance[i]};
        to[count++] = (struct value){names[i][4], r->lock_utilization[i]};
    }
    return count;
}

void lci_out_result_task(struct lci_xml_out *w, int task)
{
    static const char *const phases[] = {"phase1-utilization", "phase2-utilization", "phase3-utilization"};
    if (w->result == NULL)
        return;
    const struct lc_task_result *r = &w->result->tasks[task];
    struct value values[16] = {
        {"throughput", r->throughput}, {"utilization", r->utilization}, {"proc-utilization", r->processor_utilization}};
    size_t count = 3;
    for (int p = 0; p < LC_PHASES; p++)
        values[count++] = (struct value){phases[p], r->phase_utilization[p]};
    count += lock_values(&w->model->tasks[task], r, values + count);
    write_result(w, "result-task", values, count);
}

/* Of all decisions of the task together. */
void lci_out_result_decision(struct lci_xml_out *w, int task)
{
    if (w->result == NULL)
        return;
    const struct lc_task_result *r = &w->result->tasks[task];
    const struct lc_estimate success = {1 - r->given_up.mean, r->given_up.ci95, r->given_up.ci99};
    const struct value values[] = {{"timeout-prob", r->timed_out},
                                   {"success-prob", success},
                                   {"abort-prob", r->given_up},
                                   {"number-of-retries", r->retries}};
    write_result(w, "result-decision", values, COUNT(values));
}

/* What an open arrival experiences. Sources that became a rate of arrivals here are asked themselves. */
static struct lc_estimate open_wait(const struct lci_xml_out *w, int entry)
{
    const struct lc_result *r = w->result;
    if (w->fitted->source[entry] == LC_NONE)
        return r->entries[entry].open_response_time;
    double sum = 0, rate = 0;
    for (size_t i = 0; i < r->workload_count; i++) {
        const struct lc_workload_result *load = &r->workloads[i];
        if (load->task == w->fitted->source[entry])
            return load->response_time;
        if (load->task == LC_NONE || !w->fitted->hidden_task[load->task])
            continue;
        const struct lc_task *t = &w->model->tasks[load->task];
        for (size_t k = 0; k < t->entry_count; k++)
            if (w->model->entries[t->entries[k]].phases[0].calls[0].entry == entry) {
                sum += load->throughput.mean * load->response_time.mean;
                rate += load->throughput.mean;
                break;
            }
    }
    return rate > 0 ? (struct lc_estimate){sum / rate, NAN, NAN} : unknown;
}

void lci_out_result_entry(struct lci_xml_out *w, int entry)
{
    static const char *const names[LC_PHASES][4] = {
        {"phase1-service-time", "phase1-service-time-variance", "phase1-proc-waiting", "phase1-utilization"},
        {"phase2-service-time", "phase2-service-time-variance", "phase2-proc-waiting", "phase2-utilization"},
        {"phase3-service-time", "phase3-service-time-variance", "phase3-proc-waiting", "phase3-utilization"},
    };
    if (w->result == NULL)
        return;
    const struct lc_entry_result *r = &w->result->entries[entry];
    const struct lc_entry *e = &w->model->entries[entry];
    const struct lc_estimate bound = {r->throughput_bound > 0 ? r->throughput_bound : NAN, NAN, NAN};
    const bool open = e->open_rate > 0;
    struct value values[8 + 4 * LC_PHASES] = {
        {"utilization", r->utilization},
        {"throughput", r->throughput},
        {"proc-utilization", r->processor_utilization},
        {"squared-coeff-variation", r->cv2},
        {"throughput-bound", bound},
        {"open-wait-time", open ? open_wait(w, entry) : unknown},
        {"loss-probability", open ? r->open_loss : unknown},
    };
    size_t count = 7;
    for (int p = 0; p < LC_PHASES; p++) {
        const struct lc_activity_result *a = &r->phases[p];
        struct lc_estimate service = a->service_time;
        if (p == 0 && isnan(service.mean)) /* readers take a missing one for an error */
            service = (struct lc_estimate){0, NAN, NAN};
        const bool here = p == 0 || e->start != LC_NONE || e->phases[p].present;
        values[count++] = (struct value){names[p][0], here ? service : unknown};
        values[count++] = (struct value){names[p][1], here ? a->service_time_variance : unknown};
        values[count++] = (struct value){names[p][2], here ? a->processor_waiting : unknown};
        values[count++] = (struct value){names[p][3], here ? a->utilization : unknown};
    }
    write_result(w, "result-entry", values, count);
}

static void write_activity_result(struct lci_xml_out *w, const struct lc_activity_result *r, bool activity,
                                  bool maximum)
{
    const struct value values[] = {
        {"proc-waiting", r->processor_waiting},
        {"service-time", r->service_time},
        {"utilization", r->utilization},
        {"service-time-variance", r->service_time_variance},
        {"prob-exceed-max-service-time", maximum ? r->exceeded : unknown},
        {"throughput", activity ? r->throughput : unknown},
        {"proc-utilization", activity ? r->processor_utilization : unknown},
    };
    write_result(w, "result-activity", values, COUNT(values));
}

void lci_out_result_phase(struct lci_xml_out *w, int entry, int phase)
{
    if (w->result != NULL)
        write_activity_result(w, &w->result->entries[entry].phases[phase], false,
                              w->model->entries[entry].phases[phase].max_service_time > 0);
}

void lci_out_result_activity(struct lci_xml_out *w, int task, int activity)
{
    if (w->result != NULL)
        write_activity_result(w, &w->result->activities[task][activity], true,
                              w->model->tasks[task].activities[activity].max_service_time > 0);
}

void lci_out_result_join(struct lci_xml_out *w, int task, int precedence)
{
    for (size_t i = 0; w->result != NULL && i < w->result->join_count; i++) {
        const struct lc_join_result *r = &w->result->joins[i];
        if (r->task != task || r->precedence != precedence)
            continue;
        const struct value values[] = {{"join-waiting", r->delay}, {"join-variance", r->variance}};
        write_result(w, "result-join-delay", values, COUNT(values));
    }
}

void lci_out_result_call(struct lci_xml_out *w, const struct lc_activity_result *result, size_t call)
{
    if (result == NULL || result->calls == NULL)
        return;
    const struct value values[] = {
        {"waiting", result->calls[call]},
        {"waiting-variance", result->call_variance != NULL ? result->call_variance[call] : unknown},
        {"loss-probability", result->call_loss != NULL ? result->call_loss[call] : unknown},
    };
    write_result(w, "result-call", values, COUNT(values));
}

void lci_out_result_forwarding(struct lci_xml_out *w, int entry, size_t forwarding)
{
    if (w->result == NULL || w->result->entries[entry].forwards == NULL)
        return;
    const struct lc_entry_result *r = &w->result->entries[entry];
    const struct value values[] = {
        {"waiting", r->forwards[forwarding]},
        {"waiting-variance", r->forward_variance != NULL ? r->forward_variance[forwarding] : unknown},
    };
    write_result(w, "result-call", values, COUNT(values));
}

void lci_out_histogram_bins(struct lci_xml_out *w, const struct lc_histogram *histogram,
                            const struct lc_histogram_result *result)
{
    if (result->bins == NULL)
        return;
    const double width = (histogram->maximum - histogram->minimum) / histogram->bins;
    for (uint32_t i = 0; i < histogram->bins + 2; i++) {
        const char *element = i == 0 ? "underflow-bin" : i <= histogram->bins ? "histogram-bin" : "overflow-bin";
        const struct lc_estimate *bin = &result->bins[i];
        lci_out_begin(w, element);
        lci_out_number(w, "begin", i == 0 ? 0 : histogram->minimum + (i - 1) * width);
        if (i <= histogram->bins)
            lci_out_number(w, "end", i == histogram->bins ? histogram->maximum : histogram->minimum + i * width);
        else
            lci_out_text(w, "end", "inf");
        lci_out_number(w, "prob", bin->mean);
        if (isfinite(bin->ci95))
            lci_out_number(w, "result-conf-95", bin->ci95);
        if (isfinite(bin->ci99))
            lci_out_number(w, "result-conf-99", bin->ci99);
        lci_out_end(w, element);
    }
}
