/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Simulations side by side. Each worker takes the next piece of work until none is left; a thread that has nothing more
 * to do is one that the simulations under way may use for their replications. So no core rests while others have work,
 * whether that is many short simulations or a single long one. Other ranks are further workers, and what they have not
 * to do any more is given to replications in the same way. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "predict.h"
#include "sim/elsewhere.h"
#include "sim/spare.h"

struct lcp_work *lcp_work_new(const struct lc_question *question)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct lcp_work *work = lc_calloc(1, sizeof *work);
    work->threads = question->jobs > 0 ? question->jobs : cores > 0 ? (unsigned)cores : 1;
    work->spare = lci_spare_new(work->threads);
    work->bar.show = question->progress;
    work->bar.context = question->context;
    pthread_mutex_init(&work->bar.lock, NULL);
    return work;
}

void lcp_work_free(struct lcp_work *work)
{
    if (work == NULL)
        return;
    lci_spare_free(work->spare);
    pthread_mutex_destroy(&work->bar.lock);
    free(work);
}

struct team {
    struct lc_verdict *verdict;
    void (*work)(struct lc_verdict *verdict, size_t index, void *context);
    void *context;
    size_t count;
    atomic_size_t next;
};

static void *do_work(void *argument)
{
    struct team *team = argument;
    for (size_t i; (i = atomic_fetch_add(&team->next, 1)) < team->count;)
        team->work(team->verdict, i, team->context);
    lci_spare_add(team->verdict->work->spare, 1);
    return NULL;
}

/* The same with the simulations of each piece worked out by another rank; the thread here waits for it. */
struct other {
    struct team *team;
    unsigned rank;
    pthread_t thread;
};

static void *do_work_elsewhere(void *argument)
{
    const struct other *other = argument;
    struct team *team = other->team;
    lci_elsewhere_bind(other->rank);
    for (size_t i; (i = atomic_fetch_add(&team->next, 1)) < team->count;)
        team->work(team->verdict, i, team->context);
    lci_elsewhere_bind(0);
    lci_ranks_give(other->rank); /* its threads are free for the replications of what still goes on */
    return NULL;
}

static struct other *others_begin(struct team *team, unsigned *count)
{
    const unsigned all = lci_ranks_count() - 1, wanted = team->count > all ? all : (unsigned)team->count;
    unsigned *ranks = lc_calloc(wanted, sizeof *ranks);
    struct other *others = lc_calloc(wanted, sizeof *others);
    const unsigned taken = lci_ranks_take(wanted, ranks);
    *count = 0;
    for (unsigned i = 0; i < taken; i++) {
        others[*count] = (struct other){.team = team, .rank = ranks[i]};
        if (pthread_create(&others[*count].thread, NULL, do_work_elsewhere, &others[*count]) == 0)
            ++*count;
        else
            lci_ranks_give(ranks[i]);
    }
    free(ranks);
    return others;
}

void lcp_parallel(struct lc_verdict *verdict, size_t count,
                  void (*each)(struct lc_verdict *verdict, size_t index, void *context), void *context)
{
    struct team team = {.verdict = verdict, .work = each, .context = context, .count = count};
    atomic_init(&team.next, 0);
    const unsigned members = verdict->work->threads < count ? verdict->work->threads : (unsigned)count;
    pthread_t *threads = lc_calloc(members, sizeof *threads);
    bool *started = lc_calloc(members, sizeof *started);
    unsigned other_count;
    struct other *others = others_begin(&team, &other_count);
    if (members > 0)
        lci_spare_add(verdict->work->spare, -(int)members);
    for (unsigned i = 1; i < members; i++) {
        started[i] = pthread_create(&threads[i], NULL, do_work, &team) == 0;
        if (!started[i])
            lci_spare_add(verdict->work->spare, 1);
    }
    if (members > 0)
        do_work(&team); /* threads that could not be started leave more for the others */
    for (unsigned i = 1; i < members; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < other_count; i++)
        pthread_join(others[i].thread, NULL);
    free(others);
    free(threads);
    free(started);
}

/* ---- one progress over everything -------------------------------------------------------------------------------- */

void lcp_bar_end(struct lc_verdict *verdict)
{
    const struct lcp_bar *bar = &verdict->work->bar;
    if (bar->show != NULL)
        bar->show(bar->context, 1);
}

void lcp_bar_add(struct lc_verdict *verdict, double weight)
{
    verdict->work->bar.total += weight;
}

void lcp_show(void *context, double done, double precision)
{
    struct lcp_part *part = context;
    struct lcp_bar *bar = part->bar;
    (void)precision;
    if (bar == NULL || bar->show == NULL)
        return;
    pthread_mutex_lock(&bar->lock);
    if (done > part->done) {
        bar->done += part->weight * (done - part->done);
        part->done = done;
    }
    bar->part = fmin(fmax(bar->part, bar->done / bar->total), 1);
    bar->show(bar->context, bar->part);
    pthread_mutex_unlock(&bar->lock);
}
