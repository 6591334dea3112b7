/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model at the load at which its traces were recorded, beside what was recorded there: whoever wants to know
 * whether to believe a prediction looks here first. Requests that came one by one are predicted at a trickle. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict.h"

#define REPLICATIONS                                                                                                   \
    10              /* their length follows from the model: the same work, and result, however busy the machine is */
#define APART   0.1 /* relative difference that is worth a word when it is beyond chance */
#define CERTAIN 3   /* standard errors */
#define LEAST   20  /* requests of a workload, to compare anything with */

static size_t parts_of(const struct lc_workload *load)
{
    return load->activity != NULL ? 1 : load->mix_count;
}

struct value { /* of a duration, and the requests a second that it stands for */
    double value, rate;
};

static int by_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Of all elements of a mix together, each as often as it came. NaN: nothing came. */
static double p95_of(const struct lc_recorded_class *classes, size_t parts)
{
    struct value *values = lc_calloc(parts * LC_RECORDED_QUANTILES, sizeof *values);
    size_t count = 0;
    double rate = 0, sum = 0;
    for (size_t i = 0; i < parts; i++)
        for (size_t q = 0; classes[i].quantiles != NULL && q < LC_RECORDED_QUANTILES; q++) {
            values[count++] = (struct value){classes[i].quantiles[q], classes[i].rate};
            rate += classes[i].rate;
        }
    if (count > 0)
        qsort(values, count, sizeof *values, by_value);
    double p95 = NAN;
    for (size_t i = 0; i < count && sum < 0.95 * rate; i++) {
        sum += values[i].rate;
        p95 = values[i].value;
    }
    free(values);
    return p95;
}

/* What came of a workload: of all elements of its mix together. */
static void gather(const struct lc_recorded_class *classes, size_t parts, struct lc_recorded_workload *w)
{
    double sum = 0, squares = 0;
    *w = (struct lc_recorded_workload){
        .mean = NAN, .standard_error = NAN, .p95 = parts == 1 ? classes->p95 : p95_of(classes, parts)};
    for (size_t i = 0; i < parts; i++) {
        w->requests += classes[i].requests;
        w->rate += classes[i].rate;
        if (classes[i].rate > 0) {
            sum += classes[i].rate * classes[i].mean;
            squares += pow(classes[i].rate * classes[i].standard_error, 2);
        }
    }
    if (w->rate > 0) {
        w->mean = sum / w->rate;
        w->standard_error = sqrt(squares) / w->rate;
    }
}

/* The scenario's workload as it was recorded: open, at the recorded rate, and in the recorded mix. */
static struct lc_workload as_recorded(const struct lc_verdict *verdict, size_t w, const double *rates, bool one_by_one)
{
    struct lc_workload load = verdict->scenario->workloads[w];
    double rate = 0;
    for (size_t i = 0; i < parts_of(&load); i++)
        rate += rates[i];
    load.closed = false;
    load.steps = NULL;
    load.arrivals = (struct lc_dist){0};
    load.pattern = (struct lc_pattern){0};
    load.think_time = (struct lc_dist){0};
    load.rate = rate / verdict->requests[w] * (one_by_one ? LCP_TRICKLE : 1);
    load.mix = lc_calloc(load.mix_count + 1, sizeof *load.mix);
    for (size_t i = 0; i < load.mix_count; i++) {
        load.mix[i] = verdict->scenario->workloads[w].mix[i];
        load.mix[i].weight = rates[i];
    }
    return load;
}

struct lc_workload *lcp_as_recorded(const struct lc_verdict *verdict, const double *rates, bool one_by_one)
{
    const struct lc_scenario *s = verdict->scenario;
    struct lc_workload *workloads = lc_calloc(s->workload_count + 1, sizeof *workloads);
    for (size_t w = 0, class_ = 0; w < s->workload_count; class_ += parts_of(&s->workloads[w++]))
        workloads[w] = as_recorded(verdict, w, rates + class_, one_by_one);
    return workloads;
}

void lcp_recorded_workloads_free(struct lc_workload *workloads, size_t count)
{
    for (size_t w = 0; workloads != NULL && w < count; w++)
        free(workloads[w].mix);
    free(workloads);
}

static struct lc_estimate in_seconds(const struct lc_verdict *verdict, const struct lc_estimate *estimate)
{
    return lcp_times(*estimate, verdict->time_unit);
}

static void compare(const struct lc_verdict *verdict, const struct lc_point *p, const char *name,
                    struct lc_recorded_workload *w)
{
    enum { P95 = 2 }; /* of lc_percentiles */
    w->predicted = w->predicted_p95 = (struct lc_estimate){NAN, NAN, NAN};
    for (size_t i = 0; p->result != NULL && lc_point_is_steady(p) && i < p->result->workload_count; i++) {
        const struct lc_workload_result *r = &p->result->workloads[i];
        if (strcmp(lc_source_name(p->model, r), name) != 0)
            continue;
        w->predicted = in_seconds(verdict, &r->response_time);
        if (r->percentiles.known)
            w->predicted_p95 = in_seconds(verdict, &r->percentiles.value[P95]);
    }
    const double apart = w->predicted.mean - w->mean;
    const double error = hypot(isnan(w->standard_error) ? 0 : w->standard_error,
                               isnan(w->predicted.ci95) ? 0 : w->predicted.ci95 / 1.96);
    w->differs = p->overloaded || (w->requests >= LEAST && fabs(apart) > APART * w->mean + CERTAIN * error);
}

static int predict(struct lc_verdict *verdict, struct lc_recorded_load *recorded, double deadline, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    struct lc_point *p = &recorded->point;
    recorded->load = (struct lc_load_point){.name = lc_strdup("as recorded"), .factor = 1};
    recorded->change = (struct lc_what_if){.name = lc_strdup("as recorded")};
    recorded->workloads = lc_calloc(s->workload_count, sizeof *recorded->workloads);
    for (size_t w = 0, class_ = 0; w < s->workload_count; class_ += parts_of(&s->workloads[w++]))
        gather(&recorded->recording->classes[class_], parts_of(&s->workloads[w]), &recorded->workloads[w]);
    double *rates = lc_calloc(verdict->evidence.class_count + 1, sizeof *rates);
    for (size_t c = 0; c < verdict->evidence.class_count; c++)
        rates[c] = recorded->recording->classes[c].rate;
    recorded->change.workloads = lcp_as_recorded(verdict, rates, recorded->recording->one_by_one);
    free(rates);
    *p = (struct lc_point){.load = &recorded->load,
                           .change = &recorded->change,
                           .label = lc_strdup("as recorded"),
                           .replications = REPLICATIONS,
                           .overload_share = NAN};
    if (lcp_build_point(verdict, p, diag) != 0 ||
        (!p->overloaded && lcp_simulate_point(verdict, p, fmax(deadline - lci_seconds(), 0.01),
                                              lcp_events(verdict, 0.1), NULL, diag) != 0))
        return -1;
    for (size_t w = 0; w < s->workload_count; w++)
        if (recorded->workloads[w].requests > 0)
            compare(verdict, p, s->workloads[w].name, &recorded->workloads[w]);
    return 0;
}

int lcp_predict_recorded(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    const size_t count = verdict->learned ? verdict->evidence.recording_count : 0;
    verdict->recorded = lc_calloc(count, sizeof *verdict->recorded);
    for (size_t i = 0; i < count; i++) {
        size_t requests = 0;
        for (size_t c = 0; c < verdict->evidence.class_count; c++)
            requests += verdict->evidence.recordings[i].classes[c].requests;
        if (requests < LEAST)
            continue;
        struct lc_recorded_load *recorded = &verdict->recorded[verdict->recorded_count++];
        recorded->recording = &verdict->evidence.recordings[i];
        if (predict(verdict, recorded, deadline, diag) != 0)
            return -1;
    }
    return 0;
}

void lcp_recorded_free(struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->recorded_count; i++) {
        struct lc_recorded_load *recorded = &verdict->recorded[i];
        lcp_point_free(&recorded->point);
        lcp_recorded_workloads_free(recorded->change.workloads, verdict->scenario->workload_count);
        free(recorded->change.name);
        free(recorded->load.name);
        free(recorded->workloads);
    }
    free(verdict->recorded);
}
