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
#include "calibrate/jobs.h"
#include "calibrate/running.h"

#include <math.h>
#include <stdlib.h>

#define LEAST  10 /* pieces that waited, and that did not, for their distributions to be known */
#define ROUNDS 8

static int by_begin(const void *a, const void *b)
{
    const struct lci_job *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static int by_end(const void *a, const void *b)
{
    const struct lci_job *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static bool wants(const struct lci_piece *piece, bool last_pieces)
{
    return last_pieces ? piece->last : piece->first;
}

struct lci_jobs lci_jobs_of(const struct lci_stays *stays, bool last_pieces)
{
    struct lci_jobs jobs = {lc_alloc((stays->count + 1) * sizeof *jobs.items), 0,
                            lc_alloc((stays->piece_count + 1) * sizeof(double))};
    for (size_t i = 0; i < stays->piece_count; i++) {
        const struct lci_piece *piece = &stays->pieces[i];
        if (wants(piece, last_pieces))
            jobs.items[jobs.count++] = (struct lci_job){piece->begin,
                                                        piece->end,
                                                        stays->items[piece->stay].instance,
                                                        piece->kind,
                                                        stays->items[piece->stay].level,
                                                        -INFINITY};
    }
    if (jobs.count > 1)
        qsort(jobs.items, jobs.count, sizeof *jobs.items, by_begin);
    return jobs;
}

void lci_jobs_free(struct lci_jobs *jobs)
{
    free(jobs->items);
    free(jobs->room);
}

size_t lci_next_instance(const struct lci_jobs *jobs, size_t first)
{
    size_t next = first;
    while (next < jobs->count && jobs->items[next].instance == jobs->items[first].instance)
        next++;
    return next;
}

/* When each could have had the lock, if they get it in the order in which they are. `after`: the part of what a waiting
 * piece takes from then on that lies behind the lock. */
static void find_late(const struct lci_jobs *jobs, double behind, double after)
{
    double released = -INFINITY;
    for (size_t i = 0; i < jobs->count; i++) {
        struct lci_job *job = &jobs->items[i];
        if (i == 0 || job->instance != job[-1].instance)
            released = -INFINITY;
        job->late = released - job->begin;
        const double own =
            job->late > 0 && job->end > released ? after * (job->end - released) : behind * (job->end - job->begin);
        released = fmax(released, job->end - own);
    }
}

/* ---- the hold ---------------------------------------------------------------------------------------------------- */

/* Of exponential P with this mean, what is still to come when the lock is let go: the mean over those that waited. */
static double still_to_come(const struct lci_jobs *jobs, double before)
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
static void find_hold(const struct lci_jobs *jobs, struct lci_calibrated_lock *lock)
{
    struct lci_running free_ = {0}, waited = {0};
    for (size_t i = 0; i < jobs->count; i++) {
        const struct lci_job *job = &jobs->items[i];
        if (job->late <= 0)
            lci_running_add(&free_, job->end - job->begin);
        else if (job->end > job->begin + job->late)
            lci_running_add(&waited, job->end - job->begin - job->late);
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
    lock->variance =
        fmax(0, lci_running_variance(&waited) - lock->behind * lock->behind * lci_running_variance(&free_));
    const double error = 1.96 * sqrt(lci_running_variance(&waited) / waited.count +
                                     lock->behind * lock->behind * lci_running_variance(&free_) / free_.count);
    lock->low = fmax(0, hold - error);
    lock->high = hold + error;
    lock->after = waited.mean > 0 ? fmin(1, behind / fmax(waited.mean, behind)) : 0;
}

/* ---- likelihood -------------------------------------------------------------------------------------------------- */

static double gap(const struct lci_job *job)
{
    return job->end - job->begin - job->late;
}

/* How many pieces of a kind found the lock free (or did not, and ended behind L); their times go to jobs->room. */
static size_t gather(const struct lci_jobs *jobs, uint32_t kind, bool waited)
{
    size_t count = 0;
    for (size_t i = 0; i < jobs->count; i++) {
        const struct lci_job *job = &jobs->items[i];
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
static double overtaking(const struct lci_jobs *jobs, uint32_t kind, double *sorted, size_t count)
{
    double seen = 0, possible = 0;
    lci_sort_doubles(sorted, count);
    for (size_t i = 0; i < jobs->count; i++) {
        const struct lci_job *job = &jobs->items[i];
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

static double kind_likelihood(const struct lci_stays *stays, const struct lci_jobs *jobs, uint32_t kind)
{
    size_t count = gather(jobs, kind, true);
    struct lci_density *held = count >= LEAST ? lci_density_new(jobs->room, count, stays->unit, stays->longest) : NULL;
    count = gather(jobs, kind, false);
    struct lci_density *whole = count >= LEAST ? lci_density_new(jobs->room, count, stays->unit, stays->longest) : NULL;
    double sum = 0;
    const double past = whole != NULL ? overtaking(jobs, kind, jobs->room, count) : 1;
    for (size_t i = 0; whole != NULL && i < jobs->count; i++) {
        const struct lci_job *job = &jobs->items[i];
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
            if (stays->pieces[i].kind == k && !wants(&stays->pieces[i], lock->last_pieces))
                room[count++] = stays->pieces[i].end - stays->pieces[i].begin;
        sum += count >= LCI_LEAST_OF_KIND ? lci_density_likelihood(room, count, stays->unit, stays->longest) : 0;
    }
    return sum;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

void lci_try_lock(const struct lci_stays *stays, struct lci_calibrated_lock *lock)
{
    struct lci_jobs jobs = lci_jobs_of(stays, lock->last_pieces);
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
    lci_jobs_free(&jobs);
}
