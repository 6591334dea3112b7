/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Simulations side by side. Each worker takes the next piece of work until none is left; a thread that has nothing more
 * to do is one that the simulations under way may use for their replications. So no core rests while others have work,
 * whether that is many short simulations or a single long one. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "run.h"

void run_start(struct run *run)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    run->threads = run->common->jobs > 0 ? run->common->jobs : cores > 0 ? (unsigned)cores : 1;
    run->spare = lc_spare_new(run->threads);
}

struct team {
    struct run *run;
    void (*work)(struct run *run, size_t index, void *context);
    void *context;
    size_t count;
    atomic_size_t next;
};

static void *work(void *argument)
{
    struct team *team = argument;
    for (size_t i; (i = atomic_fetch_add(&team->next, 1)) < team->count;)
        team->work(team->run, i, team->context);
    lc_spare_add(team->run->spare, 1);
    return NULL;
}

void run_parallel(struct run *run, size_t count, void (*each)(struct run *run, size_t index, void *context),
                  void *context)
{
    struct team team = {.run = run, .work = each, .context = context, .count = count};
    atomic_init(&team.next, 0);
    const unsigned members = run->threads < count ? run->threads : (unsigned)count;
    pthread_t *threads = lc_calloc(members, sizeof *threads);
    bool *started = lc_calloc(members, sizeof *started);
    if (members > 0)
        lc_spare_add(run->spare, -(int)members);
    for (unsigned i = 1; i < members; i++) {
        started[i] = pthread_create(&threads[i], NULL, work, &team) == 0;
        if (!started[i])
            lc_spare_add(run->spare, 1);
    }
    if (members > 0)
        work(&team); /* threads that could not be started leave more for the others */
    for (unsigned i = 1; i < members; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
    free(threads);
    free(started);
}

/* ---- one progress bar over everything ---------------------------------------------------------------------------- */

struct run_bar {
    struct cli_progress progress;
    pthread_mutex_t lock;
    double done, total;
    double part; /* the most that was shown: what is added later does not take it back */
};

void run_bar_start(struct run *run)
{
    run->bar = lc_calloc(1, sizeof *run->bar);
    pthread_mutex_init(&run->bar->lock, NULL);
    cli_progress_start(&run->bar->progress, "simulating", "", run->common);
}

/* Work that turned out not to be needed is done as well. */
void run_bar_end(struct run *run)
{
    if (run->bar->progress.shown) {
        run->bar->progress.last = 0;
        cli_progress_show(&run->bar->progress, 1, 1);
    }
    cli_progress_end(&run->bar->progress);
    pthread_mutex_destroy(&run->bar->lock);
    free(run->bar);
    run->bar = NULL;
}

void run_bar_add(struct run *run, double weight)
{
    if (run->bar != NULL)
        run->bar->total += weight;
}

void run_show(void *context, double done, double precision)
{
    struct run_part *part = context;
    struct run_bar *bar = part->bar;
    (void)precision;
    if (bar == NULL)
        return;
    pthread_mutex_lock(&bar->lock);
    if (done > part->done) {
        bar->done += part->weight * (done - part->done);
        part->done = done;
    }
    bar->part = fmin(fmax(bar->part, bar->done / bar->total), 1);
    cli_progress_show(&bar->progress, bar->part, 1);
    pthread_mutex_unlock(&bar->lock);
}
