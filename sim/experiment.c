/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Replications in waves until the precision is reached.
 *
 * Whatever the number of threads, replication n is simulated from random streams keyed by n, waves have a size that
 * depends on results alone, and values are merged in the order of n: so the result does not depend on threads.
 *
 * The first wave has ten replications. Unless they are far more precise than
 * asked, they are a pilot that is forgotten: the length of replications is
 * chosen so that fewer than a BATCH of them should be enough, which wastes less
 * on warm-ups, brings their means nearer to normal, and leaves the decision to
 * stop to other values than those reported. Values that stop a simulation by
 * being close to each other by chance are too low where they are skewed, and
 * their intervals too narrow. Stopping: t·S/√R ≤ γ/(1+γ)·|mean| for everything
 * that is watched (Law & Kelton).
 *
 * Replications are also many times as long as the responses in them
 * (balance.h).
 */
#include "experiment.h"

#include "balance.h"
#include "base/text.h"
#include "compile.h"
#include "deadlock.h"
#include "heavy.h"
#include "laws.h"
#include "loadcast/base.h"
#include "loadcast/traffic.h"
#include "model/elastic.h"
#include "model/pattern.h"
#include "sim/elsewhere.h"
#include "sim/solve/lower_bounds.h"
#include "sim/spare.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST = 10, /* replications of the first wave: no interval is trusted before */
    BATCH = 20, /* those of a plan */
    MORE = 5,   /* at the least, where they were not enough */
    MOST = 400, /* replications, after which the precision is given up */
    PLANS = 3,
    RESPONSES = 20, /* a replication is so many mean responses, and warm-ups, long at the least */
    LONGER = 4,     /* times, where the requests present drift */
    P90 = 1,        /* among the percentiles */
};
#define MARGIN      1.2  /* a plan aims at so much more than enough: the largest of noisy spreads is too large anyway */
#define HALF        0.5  /* the shortest replications of a plan, in those of the first wave */
#define WRONG       2.0  /* so many batches: a guess is no length to go on with */
#define SURE        0.25 /* of the first replications that would do: they are taken */
#define MOST_EVENTS 2e9  /* in all, after which the precision is given up (some minutes) */
#define LATE        1.5  /* times as many, for a precision that they suffice for */
#define PERCENTILES 2.0  /* they may be so many times as wide as the rest */
/* Percentiles that are not asked for by name make a simulation so many times as long at the most, and then stand with
 * the interval that they have: one between two modes of a distribution would never be known to a few per cent. */
#define MORE_FOR_PERCENTILES 4.0
/* One that is less than this part of the 90th need not be known more precisely: where half of the requests end at once,
 * the median is 0 or a little more, and no length of simulation tells which. */
#define OF_P90  0.1
#define BEYOND  5.0 /* requests of a replication beyond a percentile that was asked for */
#define UNKNOWN 1.0 /* relative half-width of what was seen in one replication alone */

/* ---- threads ----------------------------------------------------------------------------------------------------- */

struct team {
    struct lci_experiment *x;
    void (*run)(struct lci_experiment *x, struct lci_engine *engine, unsigned index, void *context);
    void *context;
    unsigned count, piece; /* piece: what another rank takes at a time */
    atomic_uint next;
};

struct member {
    struct team *team;
    struct lci_engine **engine; /* made by the thread that first needs it */
    unsigned rank;              /* where it has the work done; 0: here */
};

static void *work(void *argument)
{
    struct member *member = argument;
    struct team *team = member->team;
    if (*member->engine == NULL)
        *member->engine = lci_engine_new(team->x->program);
    for (unsigned i; (i = atomic_fetch_add(&team->next, 1)) < team->count;)
        team->run(team->x, *member->engine, i, team->context);
    return NULL;
}

/* The replications of a wave; a thread here waits for each of the other ranks. */
static void *work_elsewhere(void *argument)
{
    const struct member *member = argument;
    struct team *team = member->team;
    for (unsigned i; (i = atomic_fetch_add(&team->next, team->piece)) < team->count;) {
        const unsigned left = team->count - i;
        lci_elsewhere_wave(team->x, member->rank, i, left < team->piece ? left : team->piece, team->context);
    }
    lci_ranks_give(member->rank);
    return NULL;
}

struct others {
    struct member *members;
    pthread_t *threads;
    unsigned count;
};

static struct others others_begin(struct team *team)
{
    const unsigned all = lci_ranks_count(), wanted = team->count - 1 < all - 1 ? team->count - 1 : all - 1;
    struct others o = {0};
    if (wanted == 0)
        return o;
    unsigned *ranks = lc_calloc(wanted, sizeof *ranks);
    const unsigned taken = lci_ranks_take(wanted, ranks), threads = team->x->jobs; /* of each */
    const unsigned share = team->count / (taken + 1);
    team->piece = share < 1 ? 1 : share < threads ? share : threads;
    o.members = lc_calloc(wanted, sizeof *o.members);
    o.threads = lc_calloc(wanted, sizeof *o.threads);
    for (unsigned i = 0; i < taken; i++) {
        o.members[o.count] = (struct member){.team = team, .rank = ranks[i]};
        if (pthread_create(&o.threads[o.count], NULL, work_elsewhere, &o.members[o.count]) == 0)
            o.count++;
        else
            lci_ranks_give(ranks[i]);
    }
    free(ranks);
    return o;
}

static void others_end(struct others *o)
{
    for (unsigned i = 0; i < o->count; i++)
        pthread_join(o->threads[i], NULL);
    free(o->members);
    free(o->threads);
}

static void run_here(struct team *team)
{
    struct lci_experiment *x = team->x;
    const unsigned count = team->count;
    const unsigned most = x->jobs < count ? x->jobs : count;
    struct lc_spare *all = x->options->spare;
    const unsigned spare = all != NULL ? lci_spare_take(all, most - 1) : most - 1, members = 1 + spare;
    struct member *each = lc_calloc(members, sizeof *each);
    pthread_t *threads = lc_calloc(members, sizeof *threads);
    bool *started = lc_calloc(members, sizeof *started);
    for (unsigned i = 0; i < members; i++) {
        each[i] = (struct member){.team = team, .engine = &x->engines[i]};
        started[i] = i > 0 && pthread_create(&threads[i], NULL, work, &each[i]) == 0;
    }
    work(&each[0]); /* threads that could not be started leave more for the others */
    for (unsigned i = 1; i < members; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
    if (all != NULL)
        lci_spare_add(all, (int)spare);
    free(each);
    free(threads);
    free(started);
}

void lci_run_parallel(struct lci_experiment *x, unsigned count,
                      void (*run)(struct lci_experiment *x, struct lci_engine *engine, unsigned index, void *context),
                      void *context)
{
    struct team team = {.x = x, .run = run, .context = context, .count = count};
    atomic_init(&team.next, 0);
    run_here(&team);
}

static void run_everywhere(struct lci_experiment *x, unsigned count, struct lci_wave *wave)
{
    struct team team = {.x = x, .run = lci_replicate, .context = wave, .count = count};
    atomic_init(&team.next, 0);
    struct others others = others_begin(&team);
    run_here(&team);
    others_end(&others);
}

/* ---- one wave ---------------------------------------------------------------------------------------------------- */

struct lci_wave lci_wave_new(const struct lci_experiment *x, unsigned count)
{
    const size_t tasks = x->program->task_count, measures = x->measures->count;
    return (struct lci_wave){.values = lc_calloc(count * measures, sizeof(double)),
                             .half = lc_calloc(count * tasks, sizeof(double)),
                             .present = lc_calloc(count * tasks, sizeof(double)),
                             .time = lc_calloc(count, sizeof(double)),
                             .complete = lc_calloc(count, sizeof(bool)),
                             .stuck = lc_calloc(count, sizeof(bool)),
                             .full = lc_calloc(count, sizeof(bool)),
                             .violated = lc_calloc(count, sizeof(char *))};
}

void lci_wave_free(struct lci_wave *wave, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(wave->violated[i]);
    free(wave->values);
    free(wave->half);
    free(wave->present);
    free(wave->time);
    free(wave->complete);
    free(wave->stuck);
    free(wave->full);
    free(wave->violated);
}

static void merge_sketches(struct lci_experiment *x, const struct lci_engine *e)
{
    pthread_mutex_lock(&x->lock);
    x->events += e->events;
    x->completions += e->completions;
    for (size_t i = 0; i < x->program->sketch_count; i++)
        lci_sketch_merge(&e->sketches[i], &x->measures->merged[i]);
    pthread_mutex_unlock(&x->lock);
}

static bool is_deadlocked(const struct lci_engine *e)
{
    char *deadlock = lci_find_deadlock(e);
    free(deadlock);
    return deadlock != NULL;
}

/* A replication that is cut short by the clock counts when it is the best there is: more than half of its time. */
void lci_replicate(struct lci_experiment *x, struct lci_engine *e, unsigned index, void *context)
{
    struct lci_wave *wave = context;
    const size_t tasks = x->program->task_count, measures = x->measures->count;
    if (lci_is_over(&x->limits))
        return;
    lci_engine_reset(e, x->options->seed, x->next + index);
    enum lci_ended ended = lci_run_within(&x->limits, e, x->warmup, UINT64_MAX);
    wave->stuck[index] = ended == LCI_STUCK;
    wave->full[index] = ended == LCI_FULL;
    if (ended != LCI_REACHED)
        return;
    lci_engine_forget(e);
    struct lci_laws laws = lci_laws_begin(e);
    ended = lci_run_within(&x->limits, e, x->warmup + x->run_time / 2, UINT64_MAX);
    for (uint32_t i = 0; i < tasks; i++)
        wave->half[index * tasks + i] = lci_present_area(e, i);
    if (ended == LCI_REACHED)
        ended = lci_run_within(&x->limits, e, x->warmup + x->run_time, UINT64_MAX);
    wave->stuck[index] = ended == LCI_STUCK;
    wave->full[index] = ended == LCI_FULL;
    wave->violated[index] = lci_laws_check(e, &laws);
    lci_laws_free(&laws);
    if (ended == LCI_STUCK || ended == LCI_FULL || (ended == LCI_TIME_UP && e->now - e->origin < x->run_time / 2))
        return;
    wave->stuck[index] = is_deadlocked(e);
    for (uint32_t i = 0; i < tasks; i++)
        wave->present[index * tasks + i] = lci_present_area(e, i);
    wave->time[index] = e->now - e->origin;
    lci_measure(e, x->result, wave->values + index * measures);
    merge_sketches(x, e);
    wave->complete[index] = true;
}

/* Replications that got stuck, or too full, are run again, to tell where; the first one is enough. */
static void tell_failures(struct lci_experiment *x, const struct lci_wave *wave, unsigned count)
{
    const uint64_t first = x->next - count;
    for (unsigned i = 0; i < count; i++) {
        if (wave->violated[i] != NULL && !x->failed)
            lci_laws_say(wave->violated[i], x->options->seed, first + i, x->diag);
        x->failed |= wave->violated[i] != NULL;
    }
    for (unsigned i = 0; i < count && !x->failed; i++) {
        if (!wave->stuck[i] && !wave->full[i])
            continue;
        lci_engine_reset(x->engines[0], x->options->seed, first + i);
        lci_tell_end(x, x->engines[0], lci_run_within(&x->limits, x->engines[0], x->warmup + x->run_time, UINT64_MAX));
        x->failed = true;
    }
}

/* Only what stands in an unbroken row can be paired with another model's. */
static void keep_sample(struct lci_experiment *x, const double *values)
{
    struct lc_samples *s = &x->result->samples;
    s->values = lc_realloc(s->values, ((size_t)s->replications + 1) * s->count, sizeof *s->values);
    memcpy(s->values + s->replications++ * s->count, values, s->count * sizeof *values);
}

static unsigned run_wave(struct lci_experiment *x, unsigned count)
{
    const size_t tasks = x->program->task_count, measures = x->measures->count;
    struct lci_wave wave = lci_wave_new(x, count);
    run_everywhere(x, count, &wave);
    unsigned complete = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!wave.complete[i])
            continue;
        if (x->options->samples && x->result->first_replication + x->result->samples.replications == x->next + i)
            keep_sample(x, wave.values + i * measures);
        lci_measures_add(x->measures, wave.values + i * measures);
        for (size_t k = 0; k < tasks; k++)
            lci_drift_add(&x->drifts[k], x->run_time / 2, wave.half[i * tasks + k], wave.time[i],
                          wave.present[i * tasks + k]);
        complete++;
    }
    x->next += count;
    tell_failures(x, &wave, count);
    lci_wave_free(&wave, count);
    return complete;
}

/* ---- stopping ---------------------------------------------------------------------------------------------------- */

struct progress {
    double precision;   /* the largest relative half-width of what is watched, without percentiles … */
    double percentiles; /* … and of these */
    double needed;      /* replications, as far as can be told */
    double wanted;      /* the same with percentiles that nobody asked for */
    double longer;      /* how many times as long replications should be; 1: they are long enough */
    bool drifts;        /* their beginning is not forgotten yet */
};

/* Which of the result's percentiles a measure is. */
static unsigned percentile_of(const struct lci_experiment *x, size_t measure)
{
    return (unsigned)((measure - x->measures->percentiles) % x->result->percentile_list.count);
}

static bool is_asked(const struct lci_experiment *x, unsigned percentile)
{
    const struct lc_percentile_list *asked = &x->options->percentiles;
    for (unsigned k = 0; k < asked->count; k++)
        if (asked->percent[k] == x->result->percentile_list.percent[percentile])
            return true;
    return false;
}

/* How many times as long replications must be so that each sees enough beyond a percentile that was asked for: from
 * fewer, the percentile of a replication is next to its largest value, and tells nothing of the percentile. */
static double longer_for_tail(const struct lci_experiment *x, size_t measure)
{
    const unsigned percentile = percentile_of(x, measure);
    const struct lci_measures *m = x->measures;
    if (m->watched[measure] != LCI_PERCENTILE || !is_asked(x, percentile))
        return 1;
    const size_t sketch = (measure - m->percentiles) / x->result->percentile_list.count;
    const double each = (double)lci_sketch_total(&m->merged[sketch]) / x->result->replications;
    const double beyond = each * (1 - x->result->percentile_list.percent[percentile] / 100);
    return beyond > 0 ? fmax(1, BEYOND / beyond) : 1;
}

/* What a half-width is relative to, in units of the goal; 0: it does not count. */
static double measured_by(const struct lci_experiment *x, size_t i)
{
    const struct lci_measures *m = x->measures;
    const double size = fabs(m->moments[i].mean);
    const unsigned percentile = i >= m->percentiles ? percentile_of(x, i) : 0;
    switch ((enum lci_watched)m->watched[i]) {
    case LCI_ANSWER: return size;
    case LCI_ROW: return x->options->answers ? 0 : size;
    case LCI_LOAD: return x->options->answers && m->moments[i].count > 0 ? 1 : 0;
    case LCI_PERCENTILE:
        if (x->options->answers && !is_asked(x, percentile))
            return 0;
        return fmax(size, OF_P90 * fabs(m->moments[i - percentile + P90].mean));
    case LCI_SEEN: break;
    }
    return 0;
}

static uint32_t drifting(const struct lci_experiment *x)
{
    const struct lc_sim_options *o = x->options;
    return lci_find_drift(x->program, x->drifts, o->precision, o->run_time > 0 || o->replications > 0);
}

static struct progress judge(const struct lci_experiment *x)
{
    const struct lci_measures *m = x->measures;
    const double goal = x->options->precision / (1 + x->options->precision);
    struct progress progress = {.longer = 1};
    double percentiles = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct lci_moments *moments = &m->moments[i];
        const double by = measured_by(x, i);
        if (!(by > 0))
            continue;
        const bool percentile = m->watched[i] == LCI_PERCENTILE;
        const double relative = moments->count > 1 ? lci_half_width(moments, x->options->confidence) / by : UNKNOWN;
        const double excess = relative / (percentile ? PERCENTILES * goal : goal);
        double *widest = percentile ? &progress.percentiles : &progress.precision;
        *widest = fmax(*widest, relative);
        double *needed = percentile && !x->options->answers ? &percentiles : &progress.needed;
        *needed = fmax(*needed, moments->count * excess * excess);
        progress.longer = fmax(progress.longer, longer_for_tail(x, i));
    }
    progress.wanted = fmax(progress.needed, fmin(percentiles, MORE_FOR_PERCENTILES * fmax(progress.needed, FIRST)));
    const struct lci_balance *at;
    progress.longer = fmax(progress.longer, lci_balance_gap(&x->balances, m, &at) / goal);
    progress.drifts = drifting(x) != LCI_NIL;
    return progress;
}

static double most_events(const struct lci_experiment *x)
{
    return x->options->max_events > 0 ? x->options->max_events : MOST_EVENTS;
}

/* What was measured so far is kept aside, with the length of its replications, in case that nothing comes of the next
 * plan. */
static void start_again(struct lci_experiment *x)
{
    if (x->before.measures != NULL)
        lci_measures_free(x->before.measures);
    free(x->before.drifts);
    x->before = (struct lci_earlier){x->measures, x->drifts, x->result->replications, x->warmup, x->run_time};
    x->measures = lci_measures_new(x->engines[0], x->result);
    x->drifts = lc_calloc(x->program->task_count, sizeof *x->drifts);
    x->result->replications = x->result->samples.replications = 0;
    if (x->options->first_replication > 0) /* those that are to be paired with another model's */
        x->next = x->options->first_replication;
    x->result->first_replication = x->next;
}

/* The clock left next to nothing of the last plan: what was known before is the better estimate. */
static void take_earlier(struct lci_experiment *x)
{
    if (x->before.measures == NULL || x->result->replications >= FIRST)
        return;
    lci_measures_free(x->measures);
    free(x->drifts);
    x->measures = x->before.measures;
    x->drifts = x->before.drifts;
    x->before.measures = NULL;
    x->before.drifts = NULL;
    x->result->replications = x->before.replications;
    x->result->samples.replications = 0;
    x->warmup = x->before.warmup;
    x->run_time = x->before.run_time;
    x->result->precision = judge(x).precision;
}

/* Longer replications, and a warm-up that lets the first responses end. False: what there is can be taken, or more than
 * that is not allowed. */
static bool plan(struct lci_experiment *x, const struct progress *progress, unsigned plans)
{
    const struct lc_sim_options *o = x->options;
    const double response = lci_balance_response(&x->balances, x->measures);
    const double forgotten = progress->drifts ? fmax(x->warmup, x->run_time) : x->warmup;
    const bool is_short = 2 * response > x->warmup;
    const double warmup = o->warmup >= 0 ? x->warmup : is_short ? fmax(forgotten, 2 * MARGIN * response) : forgotten;
    const double each = (double)(x->events - x->planned) / x->result->replications / (x->warmup + x->run_time);
    const double allowed = (most_events(x) - (double)x->events) / BATCH / MARGIN / each - warmup;
    const double longer = fmax(progress->longer, progress->drifts ? LONGER : 1);
    double wanted = fmax(x->run_time * longer, RESPONSES * response);
    if (plans == 0) { /* few replications have wider intervals than a batch of the same spread */
        const double narrower = lci_student(BATCH, o->confidence) / lci_student(x->result->replications, o->confidence);
        const double enough = x->run_time * MARGIN * narrower * narrower * progress->wanted / BATCH;
        const double least = fmax(RESPONSES * fmax(response, x->warmup), fmax(o->least_run_time, HALF * x->run_time));
        wanted = fmax(longer > 1 ? wanted : least, enough);
    }
    const bool is_long = wanted <= x->run_time && warmup <= x->warmup;
    if (o->run_time > 0 || (is_long && (plans > 0 || progress->wanted <= SURE * x->result->replications)))
        return false;
    if (!(allowed > x->run_time))
        return false;
    x->planned = x->events;
    start_again(x);
    x->warmup = warmup;
    x->run_time = fmin(wanted, allowed);
    return true;
}

/* The length that the solver guesses, so that the first wave is the beginning of a batch that is not forgotten; where
 * it has no guess, that of the pilots. */
static void take_guess(struct lci_experiment *x)
{
    const struct lc_sim_options *o = x->options;
    const struct lci_guess *guess = &x->guess;
    if (!(guess->run_time > 0))
        return;
    const double warmup = o->warmup < 0 ? fmax(x->warmup, 2 * MARGIN * guess->response) : x->warmup;
    const double least = fmax(RESPONSES * fmax(MARGIN * guess->response, warmup), HALF * x->run_time);
    const double enough = fmax(MARGIN * guess->run_time / BATCH, least);
    const double allowed = most_events(x) / BATCH / MARGIN / x->pace - warmup;
    if (!(allowed > least))
        return;
    x->guessed = true;
    x->warmup = warmup;
    x->run_time = fmax(fmin(enough, allowed), o->least_run_time);
}

/* Whether the replications of the first wave turned out to be about as long as they should: they are the beginning of a
 * batch. */
static bool was_right(const struct progress *progress)
{
    return progress->longer <= 1 && !progress->drifts && progress->wanted <= WRONG * BATCH;
}

static void tell(const struct lci_experiment *x, const struct progress *progress)
{
    if (x->options->progress == NULL)
        return;
    const double done = progress->needed > 0 ? x->result->replications / fmax(progress->needed, FIRST) : 1;
    x->options->progress(x->options->context, fmin(done, 1), progress->precision);
}

static bool is_enough(struct lci_experiment *x)
{
    if (x->options->enough == NULL)
        return false;
    lci_measures_report(x->measures, x->program, x->result);
    return x->options->enough(x->options->context, x->result);
}

/* How many replications to add, or 0: the intervals are narrow enough. */
static unsigned next_wave(unsigned done, double needed)
{
    if (needed <= done)
        return 0;
    const double missing = fmax(MARGIN * needed - done, MORE);
    return missing > done ? done : (unsigned)missing;
}

/* Events beyond the limit are for a precision that is not far. */
static bool is_hopeless(const struct lci_experiment *x, const struct progress *progress)
{
    const double most = most_events(x), events = (double)x->events;
    return events > most && events * fmax(1, progress->needed / x->result->replications) > LATE * most;
}

/* A task without a free thread, or without processor time, whose requests become more beyond doubt, by more than a
 * hundredth of what passes through. */
static bool grows(const struct lci_experiment *x, uint32_t task)
{
    const struct lc_result *r = x->result;
    const struct lci_program_task *t = &x->program->tasks[task];
    const struct lc_task_result *measured = &r->tasks[t->model];
    const struct lc_estimate *load =
        t->threads == LC_INFINITE ? &r->processors[r->model->tasks[t->model].processor].load : &measured->load;
    const struct lci_moments *change = &x->drifts[task].change;
    const double margin = change->count > 1 ? lci_half_width(change, 0.999) : 0;
    return t->workload == LCI_NIL && load->mean > 0.95 && change->mean > margin &&
           change->mean > 0.01 * measured->throughput.mean * x->run_time / 2;
}

static bool queues_grow(struct lci_experiment *x)
{
    lci_measures_report(x->measures, x->program, x->result);
    for (uint32_t i = 0; i < x->program->task_count; i++)
        if (grows(x, i))
            return true;
    return false;
}

static void run_until_precise(struct lci_experiment *x)
{
    const bool feeds_back = lci_feeds_back(x->program->model, &(double){0});
    unsigned wave = FIRST, plans = 0;
    take_guess(x);
    while (true) {
        x->result->replications += run_wave(x, wave);
        if (x->failed)
            return;
        const struct progress progress = judge(x);
        const unsigned done = x->result->replications;
        x->result->precision = progress.precision;
        x->result->percentile_precision = progress.percentiles;
        tell(x, &progress);
        x->result->converged = done >= FIRST && progress.needed <= done && progress.longer <= 1 && !progress.drifts;
        if (lci_is_over(&x->limits) || is_enough(x))
            return;
        x->grows |= feeds_back && queues_grow(x);
        if (x->grows) {
            x->result->ended = true;
            x->result->converged = false;
            return;
        }
        const bool begun = x->guessed && was_right(&progress);
        x->guessed = false;
        plans = begun ? 1 : plans;
        if (plans < PLANS && plan(x, &progress, plans)) {
            plans++;
            wave = BATCH;
            continue;
        }
        wave = begun && progress.wanted > SURE * done ? BATCH - done : next_wave(done, progress.needed);
        wave = wave > MOST - done ? MOST - done : wave;
        if (wave == 0 || is_hopeless(x, &progress))
            return;
    }
}

/* Whether X (R + Z) = N and the like hold within a few per cent, or the intervals; says where they do not. */
static bool is_balanced(const struct lci_experiment *x)
{
    const double tolerance = 0.05;
    const struct lci_balance *at;
    const double gap = lci_balance_gap(&x->balances, x->measures, &at);
    if (gap <= tolerance)
        return true;
    const struct lci_moments *throughput = &x->measures->moments[at->throughput];
    const struct lci_moments *response = &x->measures->moments[at->response];
    const double chance =
        lci_half_width(throughput, 0.99) / throughput->mean + lci_half_width(response, 0.99) / response->mean;
    if (throughput->count > 1 && response->count > 1 && gap <= tolerance + chance)
        return true;
    lc_warn(x->diag, NULL,
            "the figures of '%s' contradict each other: throughput %.4g times "
            "response time %.4g is %.4g requests under "
            "way, but %.4g are; replications are too short for responses as long "
            "as %.4g (run time %.4g)",
            x->program->model->tasks[at->task].name, throughput->mean, response->mean,
            throughput->mean * response->mean, x->measures->moments[at->under_way].mean,
            lci_balance_response(&x->balances, x->measures), x->run_time);
    return false;
}

/* What becomes more, or fewer, all the time has no mean that more replications would tell. */
static bool is_steady(const struct lci_experiment *x)
{
    const uint32_t drifts = drifting(x);
    if (drifts == LCI_NIL)
        return true;
    const struct lc_task *task = &x->program->model->tasks[x->program->tasks[drifts].model];
    const struct lci_moments *change = &x->drifts[drifts].change, *present = &x->drifts[drifts].present;
    lc_warn(x->diag, &task->place,
            "no steady state in the time simulated: on the average '%s' has %.4g requests in the first half of a "
            "replication and %.4g in the second, with a standard deviation of %.2g between replications of %.4g behind "
            "a warm-up of %.4g; its figures, and what depends on them, tell how long was simulated",
            task->name, present->mean - change->mean / 2, present->mean + change->mean / 2,
            sqrt(present->squares / (present->count - 1)), x->run_time, x->warmup);
    x->result->drifts = x->program->tasks[drifts].model;
    return false;
}

static void run_exactly(struct lci_experiment *x, unsigned count)
{
    while (x->result->replications < count) {
        const unsigned left = count - x->result->replications, wave = left < FIRST ? left : FIRST;
        const unsigned complete = run_wave(x, wave);
        x->result->replications += complete;
        if (x->failed)
            return;
        const struct progress progress = judge(x);
        x->result->precision = count > 1 ? progress.precision : NAN;
        if (x->options->progress != NULL)
            x->options->progress(x->options->context, (double)x->result->replications / count, progress.precision);
        x->result->percentile_precision = progress.percentiles;
        if (complete < wave) {
            x->result->converged = false;
            return;
        }
        if (is_enough(x))
            break;
    }
    x->result->converged = is_balanced(x);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* A queue that grows by more than a hundredth of what passes through, beyond doubt, in a task that has no thread left;
 * or a bounded queue that is full so often that requests are lost. */
static void find_saturated(struct lc_result *result, const struct lci_experiment *x)
{
    bool *growing = lc_calloc(result->model->task_count, sizeof *growing); /* of the model's tasks */
    for (uint32_t i = 0; i < x->program->task_count; i++) {
        const int index = x->program->tasks[i].model;
        struct lc_task_result *task = &result->tasks[index];
        growing[index] = grows(x, i);
        task->saturated = task->load.mean > 0.95 && x->program->tasks[i].workload == LCI_NIL &&
                          (growing[index] || task->dropped.mean > 0.001);
    }
    lci_find_bottlenecks(result, growing);
    free(growing);
}

/* The traffic equations know nothing of retries and copies, of the pace at which replicas come and go, and of what
 * customers of closed classes hand over. */
static void say_growth(const struct lci_experiment *x)
{
    const struct lc_model *m = x->program->model;
    const struct lc_overload *o = &x->result->overload;
    struct lc_traffic traffic;
    if (o->queue == LC_NONE || lc_traffic_solve(m, &traffic, x->diag) != 0)
        return;
    const bool processor = o->processor != LC_NONE;
    const char *name = processor ? m->processors[o->processor].name : m->tasks[o->task].name;
    const double load = processor ? traffic.processor_load[o->processor] : traffic.task_load[o->task];
    char *full = o->task == o->queue ? lc_strdup("")
                                     : lc_format(" because %s '%s' is full", processor ? "processor" : "task", name);
    char *alone = load > 0 ? lc_format(", although requests alone, without retries and copies, are a load of %.3g %%; "
                                       "curves over time show whether it recovers once it is overloaded (mode: "
                                       "transient in a scenario, simulate --transient)",
                                       100 * load)
                           : lc_strdup("; expected a sender that waits, or room for a limited number (queue_length)");
    lc_warn(x->diag, &m->tasks[o->queue].place, "no steady state: the queue of '%s' grows without end%s%s%s%s",
            m->tasks[o->queue].name, full, o->why != NULL ? ": " : "", o->why != NULL ? o->why : "", alone);
    free(alone);
    free(full);
    lc_traffic_free(&traffic);
}

/* Load that changes at given times has no steady state either, nor has what happens once. */
static bool settles(const struct lc_model *model, struct lc_diag *diag)
{
    bool all = true;
    for (size_t i = 0; i < model->task_count; i++) {
        const struct lc_task *task = &model->tasks[i];
        if (lci_elastic_disturbed(&task->elastic)) {
            all = false;
            lc_error(diag, LC_INPUT, &task->place,
                     "no steady state: '%s' %s at a given time; ask for curves over time instead (mode: transient in a "
                     "scenario, simulate --transient)",
                     task->name, task->elastic.outage.length > 0 ? "fails" : "slows down");
        }
        if (!lci_pattern_varies(&task->pattern))
            continue;
        all = false;
        lc_error(
            diag, LC_INPUT, &task->place,
            "no steady state: the load of '%s' changes with time; ask for curves over time instead (mode: transient "
            "in a scenario, simulate --transient)",
            task->name);
    }
    return all;
}

bool lci_has_steady_state(const struct lc_model *model, bool *infinite, struct lc_diag *diag)
{
    if (!settles(model, diag))
        return false;
    struct lc_traffic traffic;
    if (lc_traffic_solve(model, &traffic, diag) != 0)
        return false;
    const bool steady = traffic.load < 1;
    *infinite = steady && lci_say_infinite_waits(model, &traffic, diag);
    if (!steady && traffic.task != LC_NONE && traffic.token_load[traffic.task] >= traffic.load) {
        const struct lc_task *task = &model->tasks[traffic.task];
        lc_error(diag, LC_INPUT, &task->place,
                 "no steady state: the open load asks for %.4g times the tokens of a rate limit of task '%s', and ever "
                 "more requests wait for one; it can sustain %.4g of the present arrival rates",
                 traffic.load, task->name, traffic.limit_factor);
    } else if (!steady) {
        const bool processor = traffic.processor != LC_NONE;
        const char *name = processor ? model->processors[traffic.processor].name : model->tasks[traffic.task].name;
        const struct lc_place *place =
            processor ? &model->processors[traffic.processor].place : &model->tasks[traffic.task].place;
        lc_error(diag, LC_INPUT, place,
                 "no steady state: the open load keeps %s '%s' busy %.4g times over, and its queue grows for ever; it "
                 "can sustain %.4g of the present arrival rates",
                 processor ? "processor" : "the threads of task", name, traffic.load, traffic.limit_factor);
    }
    lc_traffic_free(&traffic);
    return steady;
}

static unsigned cores(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

/* Pilots tell what the options leave open; replications whose numbers, length and warm-up are given need none. */
static bool prepare(struct lci_experiment *x)
{
    const struct lc_sim_options *o = x->options;
    if (o->first_replication > 0 && o->warmup >= 0 && o->run_time > 0) {
        x->warmup = o->warmup;
        x->run_time = o->run_time;
    } else {
        if (o->replications == 0 && !(o->run_time > 0))
            x->guess = lci_guess(x->program->model, o, BATCH);
        if (!lci_pilot(x))
            return false;
    }
    if (o->first_replication > 0)
        x->next = o->first_replication;
    x->result->first_replication = x->next;
    return true;
}

static void run_experiment(struct lci_experiment *x)
{
    if (!prepare(x))
        return;
    x->events = x->completions = 0;
    if (x->options->replications > 0)
        run_exactly(x, x->options->replications);
    else
        run_until_precise(x);
    if (x->failed)
        return;
    take_earlier(x);
    if (x->options->replications == 0 && x->result->replications > 0 && !x->result->ended)
        x->result->converged &= is_balanced(x);
    x->result->partial = lci_is_stopped(&x->limits);
    if (x->result->replications == 0) {
        lci_say_over(x);
        return;
    }
    if (!x->result->ended && !x->options->unsteady && x->options->enough == NULL)
        x->result->converged &= is_steady(x);
    lci_measures_report(x->measures, x->program, x->result);
    x->result->simulated_time = x->run_time;
    x->result->warmup = x->warmup;
    x->result->events = x->events;
    x->result->completions = x->completions;
    find_saturated(x->result, x);
    if (x->grows)
        say_growth(x);
}

bool lci_experiment_begin(struct lci_experiment *x, const struct lc_model *model, const struct lc_sim_options *options,
                          struct lc_diag *diag)
{
    static atomic_uint_least64_t number = 1;
    struct lci_program *program = lci_compile(model, diag);
    if (program == NULL)
        return false;
    *x = (struct lci_experiment){.options = options,
                                 .program = program,
                                 .diag = diag,
                                 .jobs = options->jobs > 0 ? options->jobs : cores(),
                                 .number = atomic_fetch_add(&number, 1)};
    x->limits = lci_limits_new(options->max_time_s, options->stop, options->max_queue, x->jobs);
    pthread_mutex_init(&x->lock, NULL);
    x->engines = lc_calloc(x->jobs, sizeof(struct lci_engine *));
    x->engines[0] = lci_engine_new(program);
    x->result = lc_result_new(model);
    for (unsigned k = 0; k < options->percentiles.count; k++)
        lc_percentile_add(&x->result->percentile_list, options->percentiles.percent[k]);
    x->measures = lci_measures_new(x->engines[0], x->result);
    x->balances = lci_balances_new(program, x->measures, x->result);
    x->drifts = lc_calloc(program->task_count, sizeof *x->drifts);
    return true;
}

void lci_experiment_end(struct lci_experiment *x)
{
    for (unsigned i = 0; i < x->jobs; i++)
        lci_engine_free(x->engines[i]);
    free(x->engines);
    free(x->drifts);
    free(x->before.drifts);
    lci_measures_free(x->measures);
    lci_measures_free(x->before.measures);
    free(x->balances.items);
    pthread_mutex_destroy(&x->lock);
    lci_program_free((struct lci_program *)x->program);
}

struct lc_result *lc_simulate(const struct lc_model *model, const struct lc_sim_options *options, struct lc_diag *diag)
{
    if (lci_elsewhere_bound() > 0 && options->enough == NULL)
        return lci_elsewhere_ask(lci_elsewhere_bound(), model, options, diag);
    const double started = lci_seconds();
    const size_t errors = diag->errors;
    if (options->stop != NULL && atomic_load(options->stop) != 0) {
        lc_error(diag, LC_UNDECIDED, NULL, "stopped before it was simulated");
        return NULL;
    }
    bool infinite = false;
    if (!options->unsteady && !lci_has_steady_state(model, &infinite, diag))
        return NULL;
    struct lci_experiment x;
    if (!lci_experiment_begin(&x, model, options, diag))
        return NULL;
    if (options->samples) {
        x.result->samples.count = x.measures->count;
        x.result->samples.of = lc_calloc(x.measures->count, sizeof *x.result->samples.of);
        memcpy(x.result->samples.of, x.measures->targets, x.measures->count * sizeof *x.measures->targets);
    }
    run_experiment(&x);
    x.result->seed = options->seed;
    x.result->solver = "simulation";
    x.result->converged &= !infinite;
    lc_result_bounds(x.result);
    if (x.result->converged)
        lcs_within_bounds(x.result, diag);
    x.result->elapsed_s = lci_seconds() - started;
    lci_experiment_end(&x);
    if (diag->errors == errors)
        return x.result;
    lc_result_free(x.result);
    return NULL;
}
