/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A critical section inside a handler. A piece of work is P, then the lock H, then Q; nobody sees the borders. When the
 * lock is free before it is wanted, the piece takes P + H + Q. A piece that waits gets the lock the moment that the one
 * before it lets go, L, and ends H + Q after that, however long ago it came. So pieces that found the lock free have
 * one distribution, and what the others took after L has another one, with a smaller mean.
 *
 * L is the end of the piece before less its Q, which is taken for a part of the piece. Some pieces overtake those that
 * came before them, because their P is shorter: of a piece that came before L it is only known with which probability
 * it did. In the order of arrival, each end has a density given the earlier ones, so that the product can be compared
 * with that of other candidates.
 */
#include "base/sort.h"
#include "calibrate/candidates.h"
#include "calibrate/density.h"
#include "loadcast/random.h"
#include "model/random/generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST  10 /* pieces that waited, and that did not, for their distributions to be known */
#define ROUNDS 8

struct job { /* a piece that wants the lock */
    double begin, end;
    lc_symbol instance;
    uint32_t kind, level;
    double late; /* by how much the lock was let go after the piece's begin; below 0: it was free */
};

struct jobs {
    struct job *items;
    size_t count;
    double *room; /* for as many numbers */
};

static int by_begin(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static int by_end(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static bool wants(const struct lci_piece *piece, const struct lci_calibrated_lock *lock)
{
    return lock->last_pieces ? piece->last : piece->first;
}

static struct jobs jobs_of(const struct lci_stays *stays, const struct lci_calibrated_lock *lock)
{
    struct jobs jobs = {lc_alloc((stays->count + 1) * sizeof *jobs.items), 0,
                        lc_alloc((stays->piece_count + 1) * sizeof(double))};
    for (size_t i = 0; i < stays->piece_count; i++) {
        const struct lci_piece *piece = &stays->pieces[i];
        if (wants(piece, lock))
            jobs.items[jobs.count++] = (struct job){piece->begin,
                                                    piece->end,
                                                    stays->items[piece->stay].instance,
                                                    piece->kind,
                                                    stays->items[piece->stay].level,
                                                    -INFINITY};
    }
    return jobs;
}

/* When each could have had the lock, if they get it in the order in which they are. `after`: the part of what a waiting
 * piece takes from then on that lies behind the lock. */
static void find_late(const struct jobs *jobs, double behind, double after)
{
    double released = -INFINITY;
    for (size_t i = 0; i < jobs->count; i++) {
        struct job *job = &jobs->items[i];
        if (i == 0 || job->instance != job[-1].instance)
            released = -INFINITY;
        job->late = released - job->begin;
        const double own =
            job->late > 0 && job->end > released ? after * (job->end - released) : behind * (job->end - job->begin);
        released = fmax(released, job->end - own);
    }
}

/* ---- the hold ---------------------------------------------------------------------------------------------------- */

struct moments {
    double count, mean, squares;
};

static void add(struct moments *m, double value)
{
    const double step = value - m->mean;
    m->mean += step / ++m->count;
    m->squares += step * (value - m->mean);
}

static double variance_of(const struct moments *m)
{
    return m->count > 1 ? m->squares / (m->count - 1) : 0;
}

/* Of exponential P with this mean, what is still to come when the lock is let go: the mean over those that waited. */
static double still_to_come(const struct jobs *jobs, double before)
{
    double sum = 0, count = 0;
    for (size_t i = 0; before > 0 && i < jobs->count; i++)
        if (jobs->items[i].late > 0) {
            sum += before * exp(-jobs->items[i].late / before);
            count++;
        }
    return count > 0 ? sum / count : 0;
}

/* From the pieces as they are in order and `late` says. */
static void find_hold(const struct jobs *jobs, struct lci_calibrated_lock *lock)
{
    struct moments free_ = {0}, waited = {0};
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        if (job->late <= 0)
            add(&free_, job->end - job->begin);
        else if (job->end > job->begin + job->late)
            add(&waited, job->end - job->begin - job->late);
    }
    lock->hold = NAN;
    lock->waited = (size_t)waited.count;
    if (free_.count < LEAST || waited.count < LEAST)
        return;
    lock->piece = free_.mean;
    const double behind = lock->behind * lock->piece;
    double hold = waited.mean - behind;
    for (int i = 0; i < ROUNDS; i++)
        hold = waited.mean - behind - still_to_come(jobs, fmax(0, lock->piece - behind - hold));
    lock->hold = hold;
    lock->variance = fmax(0, variance_of(&waited) - lock->behind * lock->behind * variance_of(&free_));
    const double error = 1.96 * sqrt(variance_of(&waited) / waited.count +
                                     lock->behind * lock->behind * variance_of(&free_) / free_.count);
    lock->low = fmax(0, hold - error);
    lock->high = hold + error;
    lock->after = waited.mean > 0 ? fmin(1, behind / fmax(waited.mean, behind)) : 0;
}

/* ---- likelihood -------------------------------------------------------------------------------------------------- */

static double gap(const struct job *job)
{
    return job->end - job->begin - job->late;
}

/* How many pieces of a kind found the lock free (or did not, and ended behind L); their times go to jobs->room. */
static size_t gather(const struct jobs *jobs, uint32_t kind, bool waited)
{
    size_t count = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        if (job->kind != kind || (job->late > 0) != waited)
            continue;
        if (!waited)
            jobs->room[count++] = job->end - job->begin;
        else if (gap(job) > 0)
            jobs->room[count++] = gap(job);
    }
    return count;
}

/* The probability that a piece which came before the lock was let go has overtaken who had it: those that ended before
 * L, among those that would have without a lock. */
static double overtaking(const struct jobs *jobs, uint32_t kind, double *sorted, size_t count)
{
    double seen = 0, possible = 0;
    lci_sort_doubles(sorted, count);
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        if (job->kind != kind || job->late <= 0)
            continue;
        size_t low = 0, high = count;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (sorted[middle] < job->late)
                low = middle + 1;
            else
                high = middle;
        }
        possible += (double)low / (double)count;
        seen += gap(job) <= 0;
    }
    return possible > 0 ? fmin(1, (seen + 0.5) / (possible + 1)) : 0.5;
}

static double kind_likelihood(const struct lci_stays *stays, const struct jobs *jobs, uint32_t kind)
{
    size_t count = gather(jobs, kind, true);
    struct lci_density *held = count >= LEAST ? lci_density_new(jobs->room, count, stays->unit, stays->longest) : NULL;
    count = gather(jobs, kind, false);
    struct lci_density *whole = count >= LEAST ? lci_density_new(jobs->room, count, stays->unit, stays->longest) : NULL;
    double sum = 0;
    const double past = whole != NULL ? overtaking(jobs, kind, jobs->room, count) : 1;
    for (size_t i = 0; whole != NULL && i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        const double time = job->end - job->begin;
        if (job->kind != kind)
            continue;
        if (job->late <= 0) {
            sum += lci_density_log_own(whole, time);
            continue;
        }
        double density = past * exp(lci_density_log(whole, time));
        if (gap(job) > 0 && held != NULL)
            density += (1 - past) * exp(lci_density_log_own(held, gap(job)));
        sum += log(density);
    }
    if (whole == NULL) { /* nothing is known of this kind */
        size_t all = 0;
        for (size_t i = 0; i < jobs->count; i++)
            all += jobs->items[i].kind == kind;
        sum -= (double)all * log(stays->longest);
    }
    lci_density_free(held);
    lci_density_free(whole);
    return sum;
}

/* Of the pieces that do not want the lock. */
static double others_likelihood(const struct lci_stays *stays, const struct lci_calibrated_lock *lock, double *room)
{
    double sum = 0;
    for (uint32_t k = 0; k < stays->kinds; k++) {
        size_t count = 0;
        for (size_t i = 0; i < stays->piece_count; i++)
            if (stays->pieces[i].kind == k && !wants(&stays->pieces[i], lock))
                room[count++] = stays->pieces[i].end - stays->pieces[i].begin;
        sum += count >= LCI_LEAST_OF_KIND ? lci_density_likelihood(room, count, stays->unit, stays->longest) : 0;
    }
    return sum;
}

/* ---- the hold, by simulation -------------------------------------------------------------------------------------
 *
 * Borders that nobody sees make the moments above biased. Indirect inference (Gourieroux, Monfort and Renault, Journal
 * of Applied Econometrics 8, 1993) takes that out: recordings are simulated with the times at which the pieces really
 * began, for every hold and place of the lock, and those are right whose recordings look like the real one in a few
 * statistics.
 */

enum { STATISTICS = 5, REPLICATES = 8, SHARES = 20, PLACES = 3 };

/* Between the ends of two pieces of which the second had long been there: mostly a hold. */
static double mean_between(const struct jobs *jobs, double long_)
{
    struct moments between = {0};
    for (size_t i = 1; i < jobs->count; i++)
        if (jobs->items[i].instance == jobs->items[i - 1].instance &&
            jobs->items[i - 1].end - jobs->items[i].begin > long_)
            add(&between, jobs->items[i].end - jobs->items[i - 1].end);
    return between.count >= LEAST ? between.mean : long_;
}

/* Of pieces that found nobody: they did not wait, but for who overtook them. Leaves the jobs in order of begins, with
 * `late` above 0 for the others. */
static struct moments alone(struct jobs *jobs)
{
    struct moments m = {0};
    qsort(jobs->items, jobs->count, sizeof *jobs->items, by_begin);
    find_late(jobs, 0, 0);
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->items[i].late <= 0)
            add(&m, jobs->items[i].end - jobs->items[i].begin);
    return m;
}

/* Relative to pieces that found nobody: mean times at the busiest load and at the others, what waiting pieces take in
 * the order of their ends, and of their begins, and what lies between ends. */
static bool statistics(struct jobs *jobs, uint32_t busiest, double *x)
{
    struct moments busy = {0}, quiet = {0};
    for (size_t i = 0; i < jobs->count; i++)
        add(jobs->items[i].level == busiest ? &busy : &quiet, jobs->items[i].end - jobs->items[i].begin);
    for (int order = 0; order < 2; order++) {
        qsort(jobs->items, jobs->count, sizeof *jobs->items, order == 0 ? by_end : by_begin);
        find_late(jobs, order * 0.5, order * 0.5);
        struct moments waited = {0};
        for (size_t i = 0; i < jobs->count; i++)
            if (jobs->items[i].late > 0 && gap(&jobs->items[i]) > 0)
                add(&waited, gap(&jobs->items[i]));
        if (waited.count < LEAST)
            return false;
        x[2 + order] = waited.mean;
        if (order == 0)
            x[4] = mean_between(jobs, busy.mean);
    }
    const struct moments piece = alone(jobs);
    if (piece.count < LEAST)
        return false;
    x[0] = busy.mean;
    x[1] = quiet.count > 0 ? quiet.mean : piece.mean;
    for (int i = 0; i < STATISTICS; i++)
        x[i] /= piece.mean;
    return true;
}

struct piece_times { /* of a kind that finds nobody */
    double mean, variance;
};

static struct piece_times *times_of(const struct jobs *jobs, size_t kinds)
{
    struct piece_times *times = lc_calloc(kinds + 1, sizeof *times);
    struct moments all = {0};
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->items[i].late <= 0)
            add(&all, jobs->items[i].end - jobs->items[i].begin);
    for (size_t k = 0; k < kinds; k++) {
        struct moments own = {0};
        for (size_t i = 0; i < jobs->count; i++)
            if (jobs->items[i].kind == k && jobs->items[i].late <= 0)
                add(&own, jobs->items[i].end - jobs->items[i].begin);
        const struct moments *best = own.count >= LEAST ? &own : &all;
        times[k] = (struct piece_times){best->mean, variance_of(best)};
    }
    return times;
}

/* A lognormal time with this part of the mean and of the variance. */
static double part_of(const struct piece_times *times, double part, double normal)
{
    if (!(part > 1e-9))
        return 0;
    const double mean = part * times->mean, log_variance = log1p(part * times->variance / (mean * mean));
    return mean * exp(sqrt(log_variance) * normal - log_variance / 2);
}

static double normal_of(struct lc_random *random)
{
    return sqrt(-2 * log1p(-lci_random_uniform(random))) * cos(2 * M_PI * lci_random_uniform(random));
}

struct wanted {
    double ready;
    size_t job;
};

static int by_ready(const void *a, const void *b)
{
    const struct wanted *x = a, *y = b;
    return (x->ready > y->ready) - (x->ready < y->ready);
}

struct study {
    const struct jobs *jobs; /* by begin */
    struct jobs copy;
    struct piece_times *times;
    struct wanted *wanted;
    double *rest; /* per job: H, Q */
    uint32_t busiest;
};

/* The ends of the jobs when the lock is `share` of a piece, and `behind` of what is beside it lies behind. */
static void simulate(struct study *study, double share, double behind, uint64_t replicate)
{
    struct lc_random random;
    lc_random_init(&random, 1, replicate, "lock", "hold");
    const struct jobs *jobs = study->jobs;
    memcpy(study->copy.items, jobs->items, jobs->count * sizeof *jobs->items);
    for (size_t first = 0, next; first < jobs->count; first = next) {
        for (next = first; next < jobs->count && jobs->items[next].instance == jobs->items[first].instance; next++) {
            const struct piece_times *times = &study->times[jobs->items[next].kind];
            const double before = part_of(times, (1 - share) * (1 - behind), normal_of(&random));
            study->rest[2 * next] = part_of(times, share, normal_of(&random));
            study->rest[2 * next + 1] = part_of(times, (1 - share) * behind, normal_of(&random));
            study->wanted[next - first] = (struct wanted){jobs->items[next].begin + before, next};
        }
        qsort(study->wanted, next - first, sizeof *study->wanted, by_ready);
        double released = -INFINITY;
        for (size_t i = 0; i < next - first; i++) {
            const size_t job = study->wanted[i].job;
            released = fmax(released, study->wanted[i].ready) + study->rest[2 * job];
            study->copy.items[job].end = released + study->rest[2 * job + 1];
        }
    }
}

struct point { /* a hold and a place: statistics of each replicate, less their means */
    double x[REPLICATES][STATISTICS], mean[STATISTICS];
    bool known;
};

static void study_point(struct study *study, double share, double behind, struct point *point)
{
    *point = (struct point){.known = true};
    for (uint64_t r = 0; r < REPLICATES && point->known; r++) {
        simulate(study, share, behind, r);
        point->known = statistics(&study->copy, study->busiest, point->x[r]);
        for (int i = 0; i < STATISTICS; i++)
            point->mean[i] += point->x[r][i] / REPLICATES;
    }
    for (int r = 0; r < REPLICATES; r++)
        for (int i = 0; i < STATISTICS; i++)
            point->x[r][i] -= point->mean[i];
}

/* v⁻¹ x · x, of a symmetric matrix, by elimination. */
static double quadratic(const double v[STATISTICS][STATISTICS], const double *x)
{
    double a[STATISTICS][STATISTICS], y[STATISTICS], sum = 0;
    memcpy(a, v, sizeof a);
    memcpy(y, x, sizeof y);
    for (int p = 0; p < STATISTICS; p++) {
        for (int r = p + 1; r < STATISTICS; r++) {
            const double factor = a[r][p] / a[p][p];
            for (int c = p; c < STATISTICS; c++)
                a[r][c] -= factor * a[p][c];
            y[r] -= factor * y[p];
        }
        sum += y[p] * y[p] / a[p][p];
    }
    return sum;
}

/* The covariance of the statistics of a replicate, pooled over the shares around one; alone: their variances. */
static void covariance(struct point points[SHARES][PLACES], int around, bool alone, double v[STATISTICS][STATISTICS])
{
    double count = 0;
    memset(v, 0, sizeof(double) * STATISTICS * STATISTICS);
    for (int s = around > 2 ? around - 2 : 0; s <= around + 2 && s < SHARES; s++)
        for (int p = 0; p < PLACES; p++) {
            if (!points[s][p].known)
                continue;
            count += REPLICATES - 1;
            for (int r = 0; r < REPLICATES; r++)
                for (int i = 0; i < STATISTICS; i++)
                    for (int k = 0; k < STATISTICS; k++)
                        v[i][k] += alone && i != k ? 0 : points[s][p].x[r][i] * points[s][p].x[r][k];
        }
    for (int i = 0; i < STATISTICS; i++)
        for (int k = 0; k < STATISTICS; k++)
            v[i][k] *= (1 + 1.0 / REPLICATES) / fmax(1, count) * (i == k ? 1 + 1e-6 : 1);
    for (int i = 0; i < STATISTICS; i++)
        v[i][i] += 1e-12;
}

static int nearest(const double *distance)
{
    int best = 0;
    for (int s = 1; s < SHARES; s++)
        best = distance[s] < distance[best] ? s : best;
    return best;
}

/* How far what was recorded is from what is simulated with each share, at the best of the places, in χ²: first with
 * variances at each share, then with the covariances around the nearest one. */
static void find_distances(struct study *study, const double *x, double *distance)
{
    struct point points[SHARES][PLACES];
    for (int s = 0; s < SHARES; s++)
        for (int p = 0; p < PLACES; p++)
            study_point(study, (s + 1.0) / SHARES, (double)p / (PLACES - 1), &points[s][p]);
    for (int round = 0, best = 0; round < 2; round++, best = nearest(distance))
        for (int s = 0; s < SHARES; s++) {
            double v[STATISTICS][STATISTICS];
            covariance(points, round == 0 ? s : best, round == 0, v);
            distance[s] = INFINITY;
            for (int p = 0; p < PLACES; p++) {
                double off[STATISTICS];
                for (int i = 0; i < STATISTICS; i++)
                    off[i] = x[i] - points[s][p].mean[i];
                if (points[s][p].known)
                    distance[s] = fmin(distance[s], quadratic((const double(*)[STATISTICS])v, off));
            }
        }
}

/* Where the line through two neighbouring shares is at `level`. */
static double crossing(const double *distance, int s, int next, double level)
{
    const double part = (level - distance[s]) / (distance[next] - distance[s]);
    return (s + 1 + fmin(fmax(part, 0), 1) * (next - s)) / SHARES;
}

/* The share, and those that are not told from it: a worse fit than chance explains makes the interval longer. */
static double find_share(const double *distance, double *low, double *high)
{
    const int best = nearest(distance);
    if (!isfinite(distance[best]))
        return NAN;
    const double level = distance[best] + 3.84 * fmax(1, distance[best] / (STATISTICS - 2));
    int from = best, to = best;
    while (from > 0 && distance[from - 1] <= level)
        from--;
    while (to < SHARES - 1 && distance[to + 1] <= level)
        to++;
    *low = from > 0 && isfinite(distance[from - 1]) ? crossing(distance, from, from - 1, level) : (from + 1.0) / SHARES;
    *high = to < SHARES - 1 && isfinite(distance[to + 1]) ? crossing(distance, to, to + 1, level) : (to + 1.0) / SHARES;
    double step = 0; /* to the vertex of the parabola through the neighbours */
    if (best > 0 && best < SHARES - 1 && isfinite(distance[best - 1]) && isfinite(distance[best + 1])) {
        const double left = distance[best - 1] - distance[best], right = distance[best + 1] - distance[best];
        step = left + right > 0 ? (left - right) / (2 * (left + right)) : 0;
    }
    return (best + 1 + step) / SHARES;
}

void lci_size_lock(const struct lci_stays *stays, struct lci_calibrated_lock *lock)
{
    struct jobs jobs = jobs_of(stays, lock);
    double x[STATISTICS], distance[SHARES], low = NAN, high = NAN;
    struct study study = {.jobs = &jobs, .copy = jobs};
    struct moments free_ = {0};
    study.copy.items = lc_alloc((jobs.count + 1) * sizeof *jobs.items);
    study.wanted = lc_alloc((jobs.count + 1) * sizeof *study.wanted);
    study.rest = lc_alloc((2 * jobs.count + 1) * sizeof *study.rest);
    for (size_t i = 0; i < jobs.count; i++)
        study.busiest = jobs.items[i].level > study.busiest ? jobs.items[i].level : study.busiest;
    double share = NAN;
    if (statistics(&jobs, study.busiest, x)) {
        free_ = alone(&jobs);
        study.times = times_of(&jobs, stays->kinds);
        find_distances(&study, x, distance);
        share = find_share(distance, &low, &high);
    }
    if (!isnan(share)) {
        const double error = 1.96 * sqrt(variance_of(&free_) / free_.count) / free_.mean; /* of the whole piece */
        lock->piece = free_.mean;
        lock->hold = share * free_.mean;
        lock->low = lock->hold * (1 - sqrt(pow(1 - low / share, 2) + error * error));
        lock->high = lock->hold * (1 + sqrt(pow(high / share - 1, 2) + error * error));
        lock->variance = share * variance_of(&free_);
    }
    free(jobs.items);
    free(jobs.room);
    free(study.copy.items);
    free(study.wanted);
    free(study.rest);
    free(study.times);
}

void lci_try_lock(const struct lci_stays *stays, struct lci_calibrated_lock *lock)
{
    struct jobs jobs = jobs_of(stays, lock);
    const size_t size = sizeof *jobs.items;
    lock->hold = NAN;
    lock->likelihood = -INFINITY;
    lock->after = 0;
    /* What lies behind the lock hides the order in which they got it. */
    qsort(jobs.items, jobs.count, size, lock->behind > 0 ? by_begin : by_end);
    for (int round = 0; round < ROUNDS; round++) {
        find_late(&jobs, lock->behind, lock->after);
        find_hold(&jobs, lock);
        if (isnan(lock->hold))
            break;
    }
    if (!isnan(lock->hold)) {
        qsort(jobs.items, jobs.count, size, by_begin);
        find_late(&jobs, lock->behind, lock->after);
        lock->likelihood = others_likelihood(stays, lock, jobs.room);
        for (uint32_t k = 0; k < stays->kinds; k++)
            lock->likelihood += kind_likelihood(stays, &jobs, k);
    }
    free(jobs.items);
    free(jobs.room);
}
