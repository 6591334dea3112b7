/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "many.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#define HELPERS 7 /* threads besides the caller's */
#define ALONE   8 /* as few answers need no help */

struct job {
    size_t count;
    atomic_size_t next;
    atomic_bool failed;
    pull_fetch fetch;
    void *shared;
};

struct helper {
    struct job *job;
    struct pull pull;
    struct lc_diag diag;
    pthread_t thread;
    bool started;
};

static void work(struct job *job, struct pull *pull)
{
    for (size_t i; !atomic_load(&job->failed) && (i = atomic_fetch_add(&job->next, 1)) < job->count;)
        if (job->fetch(pull, job->shared, i) != 0)
            atomic_store(&job->failed, true);
}

static void *help(void *context)
{
    struct helper *h = context;
    work(h->job, &h->pull);
    return NULL;
}

static void show_nothing(void *context, uint64_t bytes)
{
    (void)context, (void)bytes;
}

/* Without it the work is done by fewer. */
static void start(struct helper *h, struct job *job, const struct pull *p)
{
    h->job = job;
    h->pull = *p;
    h->pull.pulled = (struct pulled){0};
    h->pull.most = UINT_MAX;
    h->pull.diag = &h->diag;
    h->pull.progress = show_nothing;
    h->pull.http = pull_http_copy(p->http);
    h->started = h->pull.http != NULL && pulled_open(&h->pull.pulled, p->pulled.file.path, &h->diag) == 0 &&
                 pthread_create(&h->thread, NULL, help, h) == 0;
}

static void finish(struct helper *h, struct pull *p)
{
    if (h->started) {
        pthread_join(h->thread, NULL);
        if (h->diag.errors == 0 || p->diag->errors == 0) /* of those that failed at a time, one tells */
            lc_diag_append(p->diag, &h->diag);
        if (pulled_append(&p->pulled, &h->pull.pulled, p->diag) != 0)
            atomic_store(&h->job->failed, true);
    }
    pull_http_free(h->pull.http);
    pulled_close(&h->pull.pulled);
    lc_diag_free(&h->diag);
}

int pull_many(struct pull *p, size_t count, pull_fetch fetch, void *shared)
{
    struct job job = {.count = count, .fetch = fetch, .shared = shared};
    struct helper helpers[HELPERS] = {0};
    const int wanted = count < ALONE ? 0 : HELPERS;
    for (int i = 0; i < wanted; i++)
        start(&helpers[i], &job, p);
    work(&job, p);
    for (int i = 0; i < wanted; i++)
        finish(&helpers[i], p);
    return atomic_load(&job.failed) ? -1 : 0;
}
