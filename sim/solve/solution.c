/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Percentiles are those of a distribution with the mean and the variance of the time: gamma below an exponential's
 * variation, hyperexponential with balanced means above. */
#include "solution.h"

#include "graph_times.h"
#include "loadcast/traffic.h"
#include "model/dist/dist.h"
#include "model/dist/families.h"
#include "model/lqn.h"
#include "model/policy.h"
#include "model/traffic.h"
#include "outcomes.h"
#include "walk.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static struct lc_estimate known(double mean)
{
    return (struct lc_estimate){
        .mean = mean, .ci95 = NAN, .ci99 = NAN, .low = NAN, .high = NAN, .simulation_ci95 = NAN};
}

static double wait_variance(double wait, double delayed)
{
    return wait > 0 ? wait * wait * (2 / fmin(2, fmax(delayed, 1e-3)) - 1) : 0;
}

/* The quantile of a gamma distribution with this shape, at least 1, over its mean; z: the normal quantile. From Wilson
 * and Hilferty's cube, by Halley's steps. */
static double gamma_quantile(double shape, double p, double z)
{
    enum { STEPS = 8 };
    const double cube = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));
    double x = cube > 0.1 ? shape * cube * cube * cube : shape * pow(p, 1 / shape) / 2;
    const double scale = lci_log_gamma(shape);
    for (int i = 0; i < STEPS; i++) {
        const double density = exp((shape - 1) * log(x) - x - scale);
        const double newton = (lci_gamma_p(shape, x) - p) / density, bend = (shape - 1) / x - 1;
        const double step = newton / (1 - fmin(1, fmax(-1, newton * bend)) / 2);
        x = fmax(x / 4, x - step);
        if (fabs(step) <= 1e-3 * x) /* the error left is of the order of its cube */
            break;
    }
    return x / shape;
}

/* Of the distribution that lci_dist_moments() gives. */
static void fill_gamma(const struct lc_result *r, struct lc_percentiles *p, double mean, double cv2)
{
    for (unsigned k = 0; k < r->percentile_list.count; k++) {
        const double part = r->percentile_list.percent[k] / 100;
        p->value[k] = known(mean * gamma_quantile(1 / cv2, part, gsl_cdf_ugaussian_Pinv(part)));
    }
    p->known = true;
}

static void fill_percentiles(const struct lc_result *r, struct lc_percentiles *p, struct lcs_moments2 time)
{
    if (!(time.mean > 0))
        return;
    const double cv2 = time.variance / (time.mean * time.mean);
    if (cv2 > 1e-4 && cv2 < 1 - 1e-9) {
        fill_gamma(r, p, time.mean, cv2);
        return;
    }
    struct lc_dist dist = lci_dist_moments(time.mean, cv2 > 1e-9 ? cv2 : 0);
    for (unsigned k = 0; k < r->percentile_list.count; k++)
        p->value[k] = known(lc_dist_quantile(&dist, r->percentile_list.percent[k] / 100));
    p->known = true;
    lc_dist_free(&dist);
}

/* Of times of which a part `fails`; the others have the moments `good`. */
static void fill_mixed(const struct lc_result *r, struct lc_percentiles *p, struct lcs_moments2 all,
                       struct lcs_moments2 good, double fails)
{
    enum { STEPS = 60 };
    const double none = 1e-9;
    if (!(good.mean > 0))
        return;
    const double mean = fmax(0, (all.mean - (1 - fails) * good.mean) / fails);
    const double square =
        (all.variance + all.mean * all.mean - (1 - fails) * (good.variance + good.mean * good.mean)) / fails;
    const double bad_cv2 = mean > 0 ? fmax(0, square / (mean * mean) - 1) : 0,
                 cv2 = good.variance / (good.mean * good.mean);
    const bool at_once = mean <= none * good.mean;
    struct lc_dist served = lci_dist_moments(good.mean, cv2 > none ? cv2 : 0);
    struct lc_dist failed = lci_dist_moments(at_once ? 1 : mean, bad_cv2 > none ? bad_cv2 : 0);
    for (unsigned k = 0; k < r->percentile_list.count; k++) {
        const double left = 1 - r->percentile_list.percent[k] / 100;
        double low = 0,
               high = fmax(lc_dist_quantile(&served, 1 - left), at_once ? 0 : lc_dist_quantile(&failed, 1 - left));
        for (int i = 0; i < STEPS; i++) {
            const double t = (low + high) / 2;
            const double longer =
                (1 - fails) * lc_dist_survival(&served, t) + (at_once ? 0 : fails * lc_dist_survival(&failed, t));
            *(longer > left ? &low : &high) = t;
        }
        p->value[k] = known(high > none * good.mean ? high : 0);
    }
    p->known = true;
    lc_dist_free(&served);
    lc_dist_free(&failed);
}

/* ---- phases and activities --------------------------------------------------------------------------------------- */

static double waits_in(const struct lcs_step_info *step)
{
    return step->slices * (step->waits + (step->stretch - 1) * step->slice.mean);
}

static void fill_step(const struct lcs_step_info *step, struct lc_activity_result *to)
{
    to->throughput = known(step->rate);
    to->service_time = known(step->time.mean);
    to->service_time_variance = known(step->time.variance);
    to->utilization = known(step->rate * step->time.mean);
    to->processor_waiting = known(waits_in(step));
    to->processor_utilization = known(step->rate * step->slices * step->slice.mean);
    if (step->activity->max_service_time > 0 && step->time.mean > 0) {
        const double cv2 = step->time.variance / (step->time.mean * step->time.mean);
        struct lc_dist dist = lci_dist_moments(step->time.mean, cv2 > 1e-9 ? cv2 : 0);
        to->exceeded = known(lc_dist_survival(&dist, step->activity->max_service_time));
        lc_dist_free(&dist);
    }
    for (size_t c = 0; c < step->activity->call_count; c++) {
        to->calls[c] = known(step->call_waits[c]);
        to->call_variance[c] = known(wait_variance(step->call_waits[c], step->call_delayed[c]));
        to->call_loss[c] = known(1 - step->outcomes[c].accepted);
    }
}

/* An activity that several entries run: its runs together. */
static void add_step(const struct lcs_step_info *step, struct lc_activity_result *to)
{
    if (isnan(to->throughput.mean) || !(to->throughput.mean + step->rate > 0)) {
        fill_step(step, to);
        return;
    }
    const double all = to->throughput.mean + step->rate, part = step->rate / all;
    struct {
        struct lc_estimate *to;
        double value;
    } means[] = {{&to->service_time, step->time.mean},
                 {&to->service_time_variance, step->time.variance},
                 {&to->processor_waiting, waits_in(step)}};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        means[i].to->mean += part * (means[i].value - means[i].to->mean);
    for (size_t c = 0; c < step->activity->call_count; c++)
        to->calls[c].mean += part * (step->call_waits[c] - to->calls[c].mean);
    to->throughput.mean = all;
    to->utilization.mean += step->rate * step->time.mean;
    to->processor_utilization.mean += step->rate * step->slices * step->slice.mean;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

/* The part of what comes to a task that is turned away. */
static double lost_at(const struct lcs_network *n, int task)
{
    return n->task_station[task] >= 0 ? n->stations[n->task_station[task]].lost : 0;
}

static double arrival_wait(const struct lcs_network *n, int entry, double *delayed)
{
    const struct lcs_entry_info *e = &n->entries[entry];
    if (!e->station || e->arrivals == LC_NONE)
        return 0;
    const struct lcs_link *l = &n->links[n->chains[e->arrivals].links[0]];
    *delayed = l->delayed;
    return l->waits;
}

static void fill_phases(const struct lcs_network *n, int entry, struct lc_entry_result *to)
{
    const struct lcs_entry_info *e = &n->entries[entry];
    double waits[LC_PHASES] = {0}, busy[LC_PHASES] = {0}, runs[LC_PHASES] = {0};
    for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
        const struct lcs_step_info *step = &n->steps[s];
        const int p = step->phase - 1;
        waits[p] += step->rate * waits_in(step);
        busy[p] += step->rate * step->slices * step->slice.mean;
        runs[p] += step->rate;
        if (e->plan == NULL)
            fill_step(step, &to->phases[p]);
    }
    for (int p = 0; p < 2 && e->plan != NULL; p++) {
        if (p > 0 && !(runs[p] > 0) && !(e->phase[p].mean > 0))
            continue;
        struct lc_activity_result *phase = &to->phases[p];
        phase->throughput = known(e->rate + e->open_rate);
        phase->service_time = known(e->phase[p].mean);
        phase->service_time_variance = known(e->phase[p].variance);
        phase->utilization = known((e->rate + e->open_rate) * e->phase[p].mean);
        phase->processor_utilization = known(busy[p]);
        phase->processor_waiting = known(e->rate + e->open_rate > 0 ? waits[p] / (e->rate + e->open_rate) : 0);
    }
    to->processor_utilization = known(busy[0] + busy[1] + busy[2]);
}

static void fill_entry(const struct lcs_network *n, const struct lc_result *r, int entry, struct lc_entry_result *to)
{
    const struct lcs_entry_info *e = &n->entries[entry];
    const struct lc_entry *from = &n->model->entries[entry];
    const double rate = e->rate + e->open_rate;
    to->throughput = known(rate);
    to->utilization = known(rate * e->total.mean);
    to->service_time = known(e->total.mean);
    to->cv2 = known(e->total.mean > 0 ? e->total.variance / (e->total.mean * e->total.mean) : 0);
    fill_phases(n, entry, to);
    fill_percentiles(r, &to->percentiles, e->reply);
    for (size_t f = 0; f < from->forward_count; f++) {
        to->forwards[f] = known(e->forward_waits[f]);
        to->forward_variance[f] = known(wait_variance(e->forward_waits[f], e->forward_delayed[f]));
    }
    if (e->outside > 0) {
        double delayed = 0;
        const double wait = arrival_wait(n, entry, &delayed);
        to->open_response_time = known(wait + e->reply.mean);
        to->open_loss = known(lost_at(n, from->task));
        fill_percentiles(r, &to->open_percentiles,
                         (struct lcs_moments2){wait + e->reply.mean, e->reply.variance + wait_variance(wait, delayed)});
    }
}

/* ---- tasks and processors ---------------------------------------------------------------------------------------- */

static double queue_at(const struct lcs_network *n, int station)
{
    double queue = 0;
    for (size_t i = 0; i < n->stations[station].link_count; i++) {
        const struct lcs_link *l = &n->links[n->stations[station].links[i]];
        queue += l->rate * n->stations[station].copies * (l->waits + (l->stretch - 1) * l->service);
    }
    return queue;
}

static void fill_task(const struct lcs_network *n, int task, struct lc_task_result *to)
{
    const struct lc_task *t = &n->model->tasks[task];
    double rate = 0, busy = 0, processor = 0, phases[LC_PHASES] = {0};
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lcs_entry_info *e = &n->entries[t->entries[i]];
        const double runs = e->rate + e->open_rate;
        rate += runs;
        busy += runs * e->total.mean;
        for (int p = 0; p < LC_PHASES; p++)
            phases[p] += runs * e->phase[p].mean;
        for (int s = e->first_step; s < e->first_step + e->step_count; s++)
            processor += n->steps[s].rate * n->steps[s].slices * n->steps[s].slice.mean;
    }
    if (lcs_is_closed_source(t))
        rate = n->chains[n->task_chain[task]].rate;
    const double threads =
        lc_is_source(t) && t->scheduling != LC_OPEN ? (double)t->multiplicity * t->replicas : lci_task_threads(t);
    to->throughput = known(rate);
    to->utilization = known(busy);
    to->load = known(isfinite(threads) ? busy / threads : NAN);
    to->processor_utilization = known(processor);
    for (int p = 0; p < LC_PHASES; p++)
        to->phase_utilization[p] = known(phases[p]);
    if (lc_is_source(t))
        return;
    to->queue_length = known(n->task_station[task] >= 0 ? queue_at(n, n->task_station[task]) : 0);
    to->waiting_time = known(rate > 0 ? to->queue_length.mean / rate : NAN);
    to->dropped = known(lost_at(n, task));
}

static void fill_processor(const struct lcs_network *n, int processor, struct lc_result *r)
{
    const struct lc_processor *p = &n->model->processors[processor];
    struct lc_processor_result *to = &r->processors[processor];
    double busy = 0;
    for (size_t t = 0; t < n->model->task_count; t++)
        if (n->model->tasks[t].processor == processor)
            busy += r->tasks[t].processor_utilization.mean;
    const double servers = lci_processor_servers(p);
    to->utilization = known(busy);
    to->load = known(isfinite(servers) ? busy / servers : NAN);
    const double waiting = n->processor_station[processor] >= 0 ? queue_at(n, n->processor_station[processor]) : 0;
    to->queue_length = known(isfinite(servers) ? waiting : NAN);
}

/* ---- joins and workloads ----------------------------------------------------------------------------------------- */

static void fill_joins(const struct lcs_network *n, struct lc_result *r)
{
    for (size_t e = 0; e < n->model->entry_count; e++) {
        const struct lcs_entry_info *info = &n->entries[e];
        const int task = n->model->entries[e].task;
        const struct lc_task *t = &n->model->tasks[task];
        if (info->plan == NULL)
            continue;
        struct lcs_moments2 *time = lc_calloc(t->activity_count, sizeof *time), reply, total;
        struct lcs_moments2 *joins = lc_calloc(t->precedence_count + 1, sizeof *joins);
        for (int s = info->first_step; s < info->first_step + info->step_count; s++)
            time[n->steps[s].index] = n->steps[s].time;
        lcs_graph_plan_times(info->plan, time, &reply, &total, joins);
        for (size_t j = 0; j < r->join_count; j++)
            if (r->joins[j].task == task && !isnan(joins[r->joins[j].precedence].mean)) {
                r->joins[j].delay = known(joins[r->joins[j].precedence].mean);
                r->joins[j].variance = known(joins[r->joins[j].precedence].variance);
            }
        free(time);
        free(joins);
    }
}

static struct lcs_moments2 time_of(const struct lcs_network *n, const struct lc_task *task, size_t entry, bool good)
{
    const struct lcs_entry_info *e = &n->entries[task->entries[entry]];
    if (lcs_is_closed_source(task))
        return good ? e->good_total : e->total;
    return good ? e->good_reply : e->reply;
}

/* What a cycle of a source takes without thinking: one of its entries, or a session of several. From step i it takes
 * T_i = X_i + T_next, so that E T² = Σ v_i (E X_i² + 2 E X_i · E T_next) with the visits v (Kemeny & Snell 1960). */
static struct lcs_moments2 response_of(const struct lcs_network *n, const struct lc_task *task, bool good)
{
    double mean = 0, square = 0;
    double *visits = lc_calloc(task->entry_count, sizeof *visits), *ahead = lc_calloc(task->entry_count, sizeof *ahead);
    lci_session_visits(n->model, task, visits);
    for (size_t i = 0; i < task->entry_count; i++) {
        ahead[i] = time_of(n, task, i, good).mean;
    }
    if (lci_is_session(n->model, task))
        lci_session_ahead(n->model, task, ahead);
    for (size_t i = 0; i < task->entry_count; i++) {
        const struct lcs_moments2 time = time_of(n, task, i, good);
        mean += visits[i] * time.mean;
        square += visits[i] * (time.variance + time.mean * time.mean + 2 * time.mean * (ahead[i] - time.mean));
    }
    free(visits);
    free(ahead);
    return (struct lcs_moments2){mean, fmax(0, square - mean * mean)};
}

static void fill_workload(const struct lcs_network *n, const struct lc_result *r, struct lc_workload_result *w)
{
    if (w->task == LC_NONE) {
        w->throughput = known(n->entries[w->entry].outside * (1 - lost_at(n, n->model->entries[w->entry].task)));
        w->response_time = r->entries[w->entry].open_response_time;
        w->percentiles = r->entries[w->entry].open_percentiles;
        return;
    }
    const struct lc_task *task = &n->model->tasks[w->task];
    const struct lcs_moments2 response = response_of(n, task, false);
    w->throughput = n->model->tasks[w->task].scheduling == LC_OPEN ? known(lci_arrival_rate(&n->model->tasks[w->task]))
                                                                   : r->tasks[w->task].throughput;
    w->response_time = known(response.mean);
    if (w->failed.mean > 0)
        fill_mixed(r, &w->percentiles, response, response_of(n, task, true), w->failed.mean);
    else
        fill_percentiles(r, &w->percentiles, response);
}

struct calls { /* of one task to another, per time unit */
    double requests, hits, failed, turned_away;
};

static void add_calls(const struct lcs_network *n, const struct lcs_step_info *step, int to, struct calls *sum)
{
    const struct lc_model *m = n->model;
    for (size_t c = 0; c < step->activity->call_count; c++) {
        const struct lc_call *call = &step->activity->calls[c];
        const struct lcs_outcome *o = &step->outcomes[c];
        if (m->entries[call->entry].task != to)
            continue;
        const double rate = step->rate * call->mean * lci_fan_out(m, m->entries[step->entry].task, to);
        if (call->kind == LC_CALL_ASYNC && !lcs_sheds(m, to)) /* other policies do not see these */
            continue;
        const double sent = rate * (call->kind == LC_CALL_SYNC ? step->caches[c].misses : 1);
        sum->requests += rate;
        sum->hits += rate - sent;
        sum->failed += sent * (call->kind == LC_CALL_SYNC ? o->errors : 1 - o->accepted);
        sum->turned_away += sent * (1 - o->accepted);
    }
}

static void fill_policy(const struct lcs_network *n, struct lc_policy_result *p)
{
    struct calls sum = {0};
    for (size_t s = 0; s < n->step_count; s++)
        if (n->model->entries[n->steps[s].entry].task == p->from)
            add_calls(n, &n->steps[s], p->to, &sum);
    const double sent = sum.requests - sum.hits, shed = lcs_sheds(n->model, p->to) ? sum.turned_away : 0;
    p->requests = known(sum.requests);
    p->hits = known(sum.requests > 0 ? sum.hits / sum.requests : NAN);
    p->failed = known(sum.requests > 0 ? sum.failed / sum.requests : NAN);
    p->shed = known(sent > 0 ? shed / sent : 0);
    p->errors = known(sent > 0 ? (sum.failed - shed) / sent : 0);
    p->retries = p->timed_out = p->short_circuited = p->full = p->limited = p->copies = known(0);
}

/* How long requests take of which none was turned away. */
static void find_good_times(struct lcs_network *n)
{
    n->lets_all_in = true;
    lcs_network_times(n);
    for (size_t e = 0; e < n->model->entry_count; e++) {
        n->entries[e].good_reply = n->entries[e].reply;
        n->entries[e].good_total = n->entries[e].total;
    }
    n->lets_all_in = false;
    lcs_network_times(n);
}

void lcs_solve_answer(struct lcs_network *n, struct lc_result *r)
{
    if (n->loses)
        find_good_times(n);
    const struct lc_model *m = n->model;
    for (size_t e = 0; e < m->entry_count; e++)
        fill_entry(n, r, (int)e, &r->entries[e]);
    for (size_t s = 0; s < n->step_count; s++)
        if (n->entries[n->steps[s].entry].plan != NULL)
            add_step(&n->steps[s], &r->activities[m->entries[n->steps[s].entry].task][n->steps[s].index]);
    for (size_t t = 0; t < m->task_count; t++)
        fill_task(n, (int)t, &r->tasks[t]);
    for (size_t p = 0; p < m->processor_count; p++)
        fill_processor(n, (int)p, r);
    fill_joins(n, r);
    for (size_t i = 0; i < r->policy_count; i++)
        fill_policy(n, &r->policies[i]);
    for (size_t i = 0; i < r->workload_count && lci_model_fails(m); i++)
        r->workloads[i].failed =
            known(r->workloads[i].task != LC_NONE ? lcs_source_fails(n, &m->tasks[r->workloads[i].task]) : 0);
    for (size_t i = 0; i < r->workload_count; i++)
        fill_workload(n, r, &r->workloads[i]);
}
