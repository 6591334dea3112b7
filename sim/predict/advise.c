/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "model/traffic.h"
#include "predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESPONSES = 2 }; /* that are simulated beside these of each kind */
static const size_t simulated_of[LC_ADVISED_KINDS] = {
    [LC_ADVISED_SIZE] = 4, [LC_ADVISED_CALL] = 2, [LC_ADVISED_POLICY] = 4};
#define SAME_GAIN     0.001 /* relative: between such gains the goal decides the order */
#define SOLVERS_ERROR 0.01  /* of the goal's figure: what the solver makes of two changes that do the same */

/* ---- screening --------------------------------------------------------------------------------------------------- */

struct screen {
    double factor, response;
    int processor, task;
};

/* Response times of all sources without waiting, weighted by their rates. */
static double response_of(const struct lc_model *m, const struct lc_traffic *traffic)
{
    double sum = 0;
    for (size_t e = 0; e < m->entry_count; e++)
        if (lc_is_source(&m->tasks[m->entries[e].task]))
            sum += traffic->entry_rate[e] * traffic->entry_total[e];
        else if (m->entries[e].open_rate > 0 || m->entries[e].open_arrivals.family != NULL)
            sum += traffic->entry_rate[e] * traffic->entry_phase1[e];
    return sum;
}

static struct screen screen_of(const struct lc_model *trickle, const struct lc_traffic *traffic)
{
    return (struct screen){LCP_TRICKLE * traffic->limit_factor, response_of(trickle, traffic), traffic->processor,
                           traffic->task};
}

static int screen(const struct lc_verdict *verdict, const struct lc_what_if *change, struct screen *screen,
                  struct lc_model **kept, struct lc_traffic *traffic)
{
    const struct lc_load_point one = {.factor = 1};
    struct lc_diag unheard = {0};
    *traffic = (struct lc_traffic){0};
    *kept = lcp_trickle(verdict, &one, change, &unheard);
    int status = *kept != NULL && lc_model_check(*kept, &unheard) == 0 ? 0 : -1;
    if (status == 0)
        status = lc_traffic_solve(*kept, traffic, &unheard);
    if (status == 0)
        *screen = screen_of(*kept, traffic);
    lc_diag_free(&unheard);
    return status;
}

static struct lc_component component_of(const struct lc_model *m, int processor, int task)
{
    if (processor == LC_NONE && task == LC_NONE)
        return (struct lc_component){0};
    return (struct lc_component){.name = processor != LC_NONE ? m->processors[processor].name : m->tasks[task].name,
                                 .processor = processor != LC_NONE,
                                 .limited = true,
                                 .index = processor != LC_NONE ? processor : task};
}

static void free_option(struct lc_advised_change *o)
{
    free(o->what);
    free(o->about);
    free(o->change.name);
    for (size_t i = 0; i < o->change.edit_count; i++) {
        free(o->change.edits[i].path);
        free(o->change.edits[i].value);
    }
    free(o->change.edits);
}

static void screen_all(const struct lc_verdict *verdict, const struct screen *base, struct lc_advice *advice)
{
    size_t kept = 0;
    for (size_t i = 0; i < advice->count; i++) {
        struct lc_advised_change *o = &advice->options[i];
        struct screen s;
        struct lc_model *model;
        struct lc_traffic traffic;
        if (screen(verdict, &o->change, &s, &model, &traffic) == 0) {
            o->solved = NAN;
            o->gain = s.factor / base->factor;
            o->response = s.response / base->response - 1;
            /* Elements are added at the end: those of the base keep their places. */
            o->next = s.processor != LC_NONE || s.task != LC_NONE ? component_of(verdict->base, s.processor, s.task)
                                                                  : (struct lc_component){0};
            advice->options[kept++] = *o;
        } else {
            free_option(o); /* a change that this model does not admit */
        }
        lc_traffic_free(&traffic);
        lc_model_free(model);
    }
    advice->count = kept;
}

/* Whether one of two edits does as much alone. */
static bool is_more_than_needed(const struct lc_advice *advice, const struct lc_advised_change *o)
{
    for (size_t i = 0; i < advice->count && o->change.edit_count > 1; i++) {
        const struct lc_advised_change *one = &advice->options[i];
        for (size_t e = 0; e < 2 && one->change.edit_count == 1; e++)
            if (strcmp(one->change.edits[0].path, o->change.edits[e].path) == 0 && one->gain > o->gain * (1 - 1e-9))
                return true;
    }
    return false;
}

static void leave_out_needless(struct lc_advice *advice)
{
    bool *needless = lc_calloc(advice->count, sizeof *needless);
    size_t kept = 0;
    for (size_t i = 0; i < advice->count; i++)
        needless[i] = is_more_than_needed(advice, &advice->options[i]);
    for (size_t i = 0; i < advice->count; i++)
        if (needless[i])
            free_option(&advice->options[i]);
        else
            advice->options[kept++] = advice->options[i];
    advice->count = kept;
    free(needless);
}

static int by_gain(const void *a, const void *b)
{
    const struct lc_advised_change *x = a, *y = b;
    if (fabs(x->gain - y->gain) > 1e-9)
        return x->gain > y->gain ? -1 : 1;
    if (fabs(x->response - y->response) > 1e-9)
        return x->response < y->response ? -1 : 1;
    return strcmp(x->what, y->what);
}

/* ---- why threads are held ---------------------------------------------------------------------------------------- */

static void find_hold(const struct lc_model *m, const struct lc_traffic *traffic, int task,
                      struct lc_held_threads *hold)
{
    const struct lc_task *t = &m->tasks[task];
    const struct lc_processor *p = &m->processors[t->processor];
    double busy = 0, waits = 0, *of = lc_calloc(m->task_count, sizeof *of);
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        const double rate = traffic->entry_rate[t->entries[i]];
        busy += rate * traffic->entry_total[t->entries[i]];
        for (int k = 0; k < LC_PHASES && e->start == LC_NONE; k++)
            for (size_t c = 0; c < e->phases[k].call_count; c++) {
                const struct lc_call *call = &e->phases[k].calls[c];
                const double time = rate * call->mean * traffic->entry_phase1[call->entry];
                of[m->entries[call->entry].task] += call->kind == LC_CALL_SYNC ? time : 0;
                waits += call->kind == LC_CALL_SYNC ? time : 0;
            }
        for (size_t a = 0; a < t->activity_count && e->start != LC_NONE; a++)
            for (size_t c = 0; c < t->activities[a].call_count; c++) {
                const struct lc_call *call = &t->activities[a].calls[c]; /* which is longest, not how long */
                of[m->entries[call->entry].task] +=
                    call->kind == LC_CALL_SYNC ? rate * call->mean * traffic->entry_phase1[call->entry] : 0;
            }
    }
    double own = 0; /* processor time of this task alone */
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        for (int k = 0; k < LC_PHASES && e->start == LC_NONE; k++)
            if (e->phases[k].demand.family != NULL)
                own += traffic->entry_rate[t->entries[i]] * lc_dist_mean(&e->phases[k].demand) / p->speed;
    }
    const double servers = lci_processor_servers(p);
    *hold = (struct lc_held_threads){
        .own = t->activity_count == 0 ? own / busy : NAN,
        .below = t->activity_count == 0 ? waits / busy : NAN,
        .processor = isfinite(servers) ? traffic->processor_load[t->processor] / traffic->load : NAN};
    double most = 0;
    for (size_t i = 0; i < m->task_count; i++)
        if (of[i] > most) {
            most = of[i];
            hold->longest = m->tasks[i].name;
        }
    free(of);
}

/* ---- simulation -------------------------------------------------------------------------------------------------- */

/* Whether there is a steady state with something to spare, by the traffic equations. */
static bool is_steady(const struct lc_verdict *verdict, const struct lc_load_point *load)
{
    struct lc_diag unheard = {0};
    struct lc_traffic traffic = {0};
    struct lc_model *model = lcp_model(verdict, load, NULL, &unheard);
    const bool steady = model != NULL && lc_traffic_solve(model, &traffic, &unheard) == 0 && traffic.load < 0.98;
    lc_traffic_free(&traffic);
    lc_model_free(model);
    lc_diag_free(&unheard);
    return steady;
}

/* The highest load of the scenario that has a steady state without a change. */
static void choose_load(const struct lc_verdict *verdict, struct lc_advice *advice)
{
    advice->own = (struct lc_load_point){.name = NULL, .factor = 0.9 * advice->factor};
    for (size_t i = 0; i < verdict->scenario->point_count; i++) {
        const struct lc_load_point *p = &verdict->scenario->points[i];
        if (p->levels == NULL && (advice->load == NULL || p->factor > advice->load->factor) && is_steady(verdict, p))
            advice->load = p;
    }
    if (advice->load == NULL)
        advice->load = &advice->own;
}

static const struct lc_estimate *estimate_of(const struct lc_advice *a, const struct lc_point *p)
{
    const struct lc_result *r = p->result;
    for (size_t i = 0; i < r->workload_count && a->goal_workload != NULL; i++) {
        const struct lc_workload_result *w = &r->workloads[i];
        if (strcmp(lc_source_name(p->model, w), a->goal_workload) != 0)
            continue;
        const struct lc_estimate *figure = a->goal != NULL ? lcp_figure_of(r, w, a->goal) : NULL;
        return figure != NULL ? figure : &w->response_time;
    }
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    const struct lc_estimate *found = NULL;
    for (size_t i = 0; i < count && a->goal_component != NULL; i++)
        if (components[i].limited && strcmp(components[i].name, a->goal_component) == 0 && found == NULL)
            found = components[i].processor ? &r->processors[components[i].index].load
                                            : &r->tasks[components[i].index].load;
    free(components);
    return found;
}

static bool is_time(const struct lc_advice *a)
{
    return a->goal == NULL || a->goal->kind == LC_GOAL_RESPONSE;
}

static bool wants_more(const struct lc_advice *a)
{
    return a->goal != NULL && a->goal->kind == LC_GOAL_THROUGHPUT;
}

static double unit_of(const struct lc_verdict *verdict, const struct lc_advice *a)
{
    if (!wants_more(a))
        return is_time(a) ? verdict->time_unit : 1;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        if (strcmp(verdict->scenario->workloads[w].name, a->goal_workload) == 0)
            return 1 / (verdict->time_unit * verdict->requests[w]);
    return 1 / verdict->time_unit;
}

static void see_before(const struct lc_verdict *verdict, const struct lc_point *p, struct lc_advice *a)
{
    const struct lc_estimate *e = estimate_of(a, p);
    if (e != NULL)
        a->before = lcp_times(*e, unit_of(verdict, a));
}

/* The goal that is missed by most, relative to its limit; without goals the slowest workload. */
static void choose_goal(const struct lc_verdict *verdict, const struct lc_point *p, struct lc_advice *a)
{
    double most = -INFINITY;
    for (size_t i = 0; i < p->goal_count; i++) {
        const struct lc_goal_result *g = &p->goals[i];
        const double part =
            g->goal->kind == LC_GOAL_THROUGHPUT ? g->goal->limit / g->value.mean : g->value.mean / g->goal->limit;
        if (!(part > most))
            continue;
        most = part;
        a->goal = g->goal;
        free(a->goal_workload);
        free(a->goal_component);
        a->goal_workload = g->goal->workload != NULL ? lc_strdup(g->goal->workload) : NULL;
        a->goal_component = g->component != NULL ? lc_strdup(g->component) : NULL;
    }
    for (size_t i = 0; i < p->result->workload_count && p->goal_count == 0; i++)
        if (p->result->workloads[i].response_time.mean > most) {
            most = p->result->workloads[i].response_time.mean;
            free(a->goal_workload);
            a->goal_workload = lc_strdup(lc_source_name(p->model, &p->result->workloads[i]));
        }
    see_before(verdict, p, a);
}

/* The best by capacity of each kind; then those that shorten the way most. */
static void choose(const struct lc_advice *advice, bool *chosen)
{
    size_t left[LC_ADVISED_KINDS], more = RESPONSES;
    memcpy(left, simulated_of, sizeof left);
    for (size_t i = 0; i < advice->count; i++) {
        const struct lc_advised_change *o = &advice->options[i];
        chosen[i] = left[o->kind] > 0 && (o->gain > 1.0005 || o->kind == LC_ADVISED_POLICY);
        left[o->kind] -= chosen[i];
    }
    more += left[LC_ADVISED_SIZE] + left[LC_ADVISED_CALL];
    while (more-- > 0) {
        size_t best = advice->count;
        for (size_t i = 0; i < advice->count; i++)
            if (!chosen[i] && advice->options[i].response < -1e-6 &&
                (best == advice->count || advice->options[i].response < advice->options[best].response))
                best = i;
        if (best < advice->count)
            chosen[best] = true;
    }
}

static struct lc_point point_of(const struct lc_verdict *verdict, const struct lc_advice *advice,
                                const struct lc_point *base, const struct lc_what_if *change)
{
    return (struct lc_point){.base = base,
                             .load = advice->load,
                             .change = change,
                             .label = lc_strdup(change != NULL ? change->name : ""),
                             .precision = verdict->scenario->simulation.precision,
                             .overload_share = NAN};
}

/* ---- the solver -------------------------------------------------------------------------------------------------- */

/* The point under the change, solved; its result is NULL where the solver has no answer. */
static struct lc_point solve_point(const struct lc_verdict *verdict, const struct lc_advice *advice,
                                   const struct lc_what_if *change)
{
    struct lc_point p = point_of(verdict, advice, NULL, change);
    struct lc_diag unheard = {0};
    p.solved = true;
    if (lcp_build_point(verdict, &p, &unheard) == 0 && !p.overloaded)
        lcp_simulate_point(verdict, &p, INFINITY, 0, NULL, &unheard);
    lc_diag_free(&unheard);
    return p;
}

/* Simulated are the change that lets most load through, the one that does most for the goal if the solver tells the two
 * apart, and what the solver does not know. */
static void keep_decisive(const struct lc_advice *a, bool *chosen)
{
    size_t first = a->count, best = a->count;
    const double sign = wants_more(a) ? -1 : 1, apart = SOLVERS_ERROR * fabs(a->before.mean);
    for (size_t i = a->count; i-- > 0;)
        if (chosen[i])
            first = i;
    double most = first < a->count ? fmin(sign * a->options[first].solved + apart, 0) : 0;
    for (size_t i = 0; i < a->count; i++)
        if (chosen[i] && sign * a->options[i].solved < most) {
            most = sign * a->options[i].solved;
            best = i;
        }
    for (size_t i = 0; i < a->count; i++)
        chosen[i] = chosen[i] && (isnan(a->options[i].solved) || i == best || i == first);
}

/* Ranks the chosen changes without any simulation; false: not even the system as it is can be solved. */
static bool screen_by_solver(const struct lc_verdict *verdict, struct lc_advice *a, bool *chosen)
{
    struct lc_point base = solve_point(verdict, a, NULL);
    const bool solved = base.result != NULL && base.result->converged && !base.overloaded;
    if (solved)
        choose_goal(verdict, &base, a);
    lcp_point_free(&base);
    for (size_t i = 0; i < a->count && solved; i++) {
        if (!chosen[i])
            continue;
        struct lc_point p = solve_point(verdict, a, &a->options[i].change);
        const bool known = p.result != NULL && p.result->converged && !p.overloaded;
        const struct lc_estimate *after = known ? estimate_of(a, &p) : NULL;
        if (after != NULL)
            a->options[i].solved = after->mean * unit_of(verdict, a) - a->before.mean;
        lcp_point_free(&p);
    }
    if (solved)
        keep_decisive(a, chosen);
    return solved;
}

/* The system as it is, then with each of the chosen changes. */
static int make_points(struct lc_verdict *verdict, const struct lc_advice *advice, const bool *chosen, bool screened,
                       struct lc_diag *diag)
{
    enum { PAIRS = 10 }; /* of replications: differences of pairs vary little */
    int status = 0;
    verdict->points = lc_calloc(1 + advice->count, sizeof *verdict->points);
    verdict->points[verdict->point_count++] = point_of(verdict, advice, NULL, NULL);
    for (size_t i = 0; i < advice->count; i++)
        if (chosen[i])
            verdict->points[verdict->point_count++] =
                point_of(verdict, advice, verdict->points, &advice->options[i].change);
    for (size_t i = 0; i < verdict->point_count && status == 0; i++) {
        if (screened && verdict->scenario->simulation.replications == 0)
            verdict->points[i].replications = PAIRS;
        status = lcp_build_point(verdict, &verdict->points[i], diag);
    }
    return status;
}

static struct lc_advised_change *option_of(const struct lc_advice *advice, const struct lc_point *p)
{
    for (size_t i = 0; i < advice->count; i++)
        if (p->change == &advice->options[i].change)
            return &advice->options[i];
    return NULL;
}

/* What each change does to the goal, against the system as it is. */
static void compare_all(struct lc_verdict *verdict, struct lc_advice *advice, double deadline)
{
    struct lcp_difference *all = lc_calloc(verdict->point_count, sizeof *all);
    const struct lc_estimate *before = estimate_of(advice, verdict->points);
    size_t count = 0;
    for (size_t i = 1; i < verdict->point_count && before != NULL; i++) {
        const struct lc_point *p = &verdict->points[i];
        const struct lc_estimate *after = p->result != NULL && !p->overloaded ? estimate_of(advice, p) : NULL;
        option_of(advice, p)->overloaded = p->overloaded;
        advice->complete &= p->overloaded || (p->result != NULL && p->result->converged);
        if (after != NULL && !isnan(after->mean))
            all[count++] =
                (struct lcp_difference){.point = p, .before = before, .after = after, .unit = unit_of(verdict, advice)};
    }
    lcp_find_differences(verdict, all, count, deadline);
    for (size_t i = 0; i < count; i++) {
        struct lc_advised_change *o = option_of(advice, all[i].point);
        o->simulated = !isnan(all[i].difference.mean);
        if (!o->simulated)
            continue;
        o->difference = all[i].difference;
        o->after = all[i].after->mean * all[i].unit;
        lcp_widen(&o->difference, all[i].pairs, count, &o->low, &o->high);
    }
    free(all);
}

static bool is_solved_only(const struct lc_advised_change *o)
{
    return !o->simulated && !isnan(o->solved);
}

/* Whether a change that was simulated does something else than the solver says: then it is not believed about the
 * others either. */
static bool is_solver_wrong(const struct lc_advice *a)
{
    const double error = SOLVERS_ERROR * fabs(a->before.mean);
    bool wrong = false, matters = false;
    for (size_t i = 0; i < a->count; i++) {
        const struct lc_advised_change *o = &a->options[i];
        matters |= is_solved_only(o);
        wrong |= !isnan(o->solved) &&
                 (o->overloaded || (o->simulated && (o->solved < o->low - error || o->solved > o->high + error)));
    }
    return wrong && matters;
}

static void forget_points(struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++)
        lcp_point_free(&verdict->points[i]);
    free(verdict->points);
    verdict->points = NULL;
    verdict->point_count = 0;
}

/* Simulates the system as it is and the chosen changes, and compares them. The points refer to the options, which are
 * ordered anew later: they are forgotten. */
static int simulate_chosen(struct lc_verdict *verdict, struct lc_advice *advice, const bool *chosen, bool screened,
                           double deadline, struct lc_diag *diag)
{
    int status = make_points(verdict, advice, chosen, screened, diag);
    if (status == 0)
        status = lcp_simulate_points(verdict, deadline, diag);
    const struct lc_point *base = verdict->points;
    const bool steady = status == 0 && base->result != NULL && !base->overloaded;
    advice->complete = steady && base->result->converged;
    if (steady) {
        if (advice->goal_workload == NULL && advice->goal_component == NULL)
            choose_goal(verdict, base, advice);
        else
            see_before(verdict, base, advice);
        compare_all(verdict, advice, deadline);
    }
    forget_points(verdict);
    return status;
}

static int simulate_best(struct lc_verdict *verdict, struct lc_advice *advice, struct lc_diag *diag)
{
    const double deadline = lci_seconds() + verdict->scenario->simulation.max_time_s;
    bool *chosen = lc_calloc(advice->count, sizeof *chosen), *decisive = lc_calloc(advice->count, sizeof *decisive);
    choose(advice, chosen);
    memcpy(decisive, chosen, advice->count * sizeof *chosen);
    const bool screened = !verdict->unscreened && screen_by_solver(verdict, advice, decisive);
    int status = simulate_chosen(verdict, advice, decisive, screened, deadline, diag);
    if (status == 0 && is_solver_wrong(advice)) {
        for (size_t i = 0; i < advice->count; i++)
            advice->options[i].solved = NAN;
        status = simulate_chosen(verdict, advice, chosen, screened, deadline, diag);
    }
    lcp_bar_end(verdict);
    advice->complete &= lci_seconds() < deadline; /* what was cut short has wider intervals, or none */
    free(decisive);
    free(chosen);
    return status;
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

struct range { /* of what a change does to the goal, which is good where it is negative */
    double low, high;
};

/* How far from what the solver says the simulated changes may lie, in parts of it. */
static double solvers_margin(const struct lc_advice *a)
{
    double margin = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct lc_advised_change *o = &a->options[i];
        if (o->simulated && fabs(o->solved) > 0)
            margin = fmax(margin, fmax(o->high - o->solved, o->solved - o->low) / fabs(o->solved));
    }
    return margin;
}

/* A figure of the solver is as open as those that were simulated beside it. What nothing is known of does nothing. */
static struct range range_of(const struct lc_advice *a, const struct lc_advised_change *o, double margin)
{
    struct range r = {0, 0};
    if (o->simulated)
        r = (struct range){o->low, o->high};
    else if (!isnan(o->solved)) {
        const double open = fmax(margin * fabs(o->solved), SOLVERS_ERROR * fabs(a->before.mean));
        r = (struct range){o->solved - open, o->solved + open};
    }
    return wants_more(a) ? (struct range){-r.high, -r.low} : r;
}

/* Ranks by how many changes are surely better; those that cannot be told apart so share one. */
static size_t *count_better(const struct lc_advice *a, const struct range *ranges)
{
    size_t *better = lc_calloc(a->count, sizeof *better);
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < a->count; k++)
            better[i] += ranges[k].high < ranges[i].low;
    return better;
}

/* By the load that can be sustained, then by what is done to the goal. */
static void order(struct lc_advice *a)
{
    const double margin = solvers_margin(a);
    struct range *ranges = lc_calloc(a->count, sizeof *ranges);
    for (size_t i = 0; i < a->count; i++)
        ranges[i] = range_of(a, &a->options[i], margin);
    size_t *better = count_better(a, ranges);
    for (size_t i = 0; i < a->count; i++)
        a->options[i].rank = ranges[i].high < 0 ? 1 + better[i] : 0;
    for (size_t i = 1; i < a->count; i++) /* few, and nearly in order */
        for (size_t k = i; k > 0; k--) {
            const struct lc_advised_change before = a->options[k - 1], o = a->options[k];
            if (!(fabs(o.gain - before.gain) <= SAME_GAIN * before.gain && better[k] < better[k - 1]))
                break;
            const size_t moved = better[k];
            a->options[k] = before;
            a->options[k - 1] = o;
            better[k] = better[k - 1];
            better[k - 1] = moved;
        }
    free(better);
    free(ranges);
}

/* ------------------------------------------------------------------------------------------------------------------ */

int lc_advise(struct lc_verdict *verdict, struct lc_advice *advice, struct lc_diag *diag)
{
    const struct lc_load_point one = {.factor = 1};
    struct lc_traffic traffic = {0};
    advice->before = (struct lc_estimate){NAN, NAN, NAN};
    struct lc_model *model = lcp_trickle(verdict, &one, NULL, diag);
    if (model == NULL || lc_model_check(model, diag) != 0 || lc_traffic_solve(model, &traffic, diag) != 0) {
        lc_model_free(model);
        return -1;
    }
    const struct screen base = screen_of(model, &traffic);
    advice->factor = base.factor;
    if (isfinite(base.factor))
        advice->limit = component_of(verdict->base, base.processor, base.task);
    if (base.task != LC_NONE)
        find_hold(verdict->base, &traffic, base.task, &advice->hold);
    lc_traffic_free(&traffic);
    lc_model_free(model);
    lcp_collect_changes(verdict->base, advice);
    screen_all(verdict, &base, advice);
    leave_out_needless(advice);
    if (advice->count > 1)
        qsort(advice->options, advice->count, sizeof *advice->options, by_gain);
    choose_load(verdict, advice);
    if (!isfinite(advice->factor))
        return 0;
    const int status = simulate_best(verdict, advice, diag);
    order(advice);
    return status;
}

void lc_advice_free(struct lc_advice *advice)
{
    for (size_t i = 0; i < advice->count; i++)
        free_option(&advice->options[i]);
    free(advice->options);
    free(advice->goal_workload);
    free(advice->goal_component);
}
