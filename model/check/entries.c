/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entries, phases and the numbers of activities. */
#include "check/check.h"
#include "model/dist/dist.h"

#include <math.h>
#include <stdlib.h>

#define MOST_BINS 100000

/* ---- phases and activities --------------------------------------------------------------------------------------- */

static void check_histogram(struct lci_check *c, const struct lc_activity *a, const struct lc_place *place,
                            const char *what)
{
    const struct lc_histogram *h = &a->histogram;
    if (h->bins == 0)
        return;
    if (!(h->minimum >= 0) || !(h->maximum > h->minimum) || isinf(h->maximum))
        LCI_WRONG(c, place, "%s: a histogram from %g to %g; expected a minimum of 0 or more and a larger maximum", what,
                  h->minimum, h->maximum);
    if (h->bins > MOST_BINS)
        LCI_WRONG(c, place, "%s: a histogram of %u bins; expected %d at the most", what, h->bins, MOST_BINS);
}

static void check_call(struct lci_check *c, const struct lc_activity *a, const struct lc_call *call, const char *what)
{
    const char *to = c->model->entries[call->entry].name;
    if (!(call->mean >= 0) || isinf(call->mean))
        LCI_WRONG(c, &call->place, "%s calls '%s' %g times; expected 0 or more", what, to, call->mean);
    else if (a->deterministic && !call->random && call->mean != floor(call->mean))
        LCI_WRONG(c, &call->place, "%s calls '%s' exactly %g times; expected a whole number, or a 'mean'", what, to,
                  call->mean);
    else if (a->deterministic && !call->random && call->mean > LC_MOST_CALLS)
        LCI_WRONG(c, &call->place, "%s calls '%s' exactly %g times; expected %d at most", what, to, call->mean,
                  LC_MOST_CALLS);
    else if (call->mean == 0)
        lc_warn(c->diag, &call->place, "%s calls '%s' zero times", what, to);
}

void lci_check_activity(struct lci_check *c, const struct lc_activity *a, const struct lc_place *place,
                        const char *what)
{
    struct lc_diag inner = {0};
    if (a->demand.family != NULL && lci_dist_check(&a->demand, &inner, NULL) != 0)
        LCI_WRONG(c, place, "%s: the demand cannot be: %s", what, inner.count ? inner.messages[0].text : "?");
    lc_diag_free(&inner);
    if (a->think.family != NULL && lci_dist_check(&a->think, &inner, NULL) != 0)
        LCI_WRONG(c, place, "%s: the think time cannot be: %s", what, inner.count ? inner.messages[0].text : "?");
    lc_diag_free(&inner);
    if (!(a->max_service_time >= 0) || isinf(a->max_service_time))
        LCI_WRONG(c, place, "%s: a maximum service time of %g; expected 0 or more", what, a->max_service_time);
    check_histogram(c, a, place, what);
    for (size_t i = 0; i < a->call_count; i++)
        check_call(c, a, &a->calls[i], what);
}

static bool does_something(const struct lc_activity *a)
{
    return a->present && (a->demand.family != NULL || a->think.family != NULL || a->call_count > 0);
}

static void check_phases(struct lci_check *c, const struct lc_entry *e)
{
    bool something = false, any = false;
    for (int i = 0; i < LC_PHASES; i++) {
        const struct lc_activity *phase = &e->phases[i];
        any = any || phase->present;
        something = something || does_something(phase);
        if (!phase->present)
            continue;
        char *what = lc_format("entry '%s', phase %d", e->name, i + 1);
        lci_check_activity(c, phase, phase->place.file != NULL ? &phase->place : &e->place, what);
        if (phase->reply_count > 0)
            LCI_WRONG(c, &e->place, "%s: phases do not name replies; the first phase ends with it", what);
        free(what);
    }
    if (any && e->start != LC_NONE)
        LCI_WRONG(c, &e->place, "entry '%s' has both phases and a start activity; one of them must go", e->name);
    else if (!something && e->start == LC_NONE)
        lc_warn(c->diag, &e->place, "entry '%s' has neither demand nor calls", e->name);
}

/* ---- roles ------------------------------------------------------------------------------------------------------- */

static bool is_lock_role(enum lc_entry_role role)
{
    return role >= LC_ROLE_READ_LOCK;
}

static void check_role(struct lci_check *c, const struct lc_entry *e, unsigned reached)
{
    static const char *const names[] = {"none",        "signal",     "wait",        "read_lock",
                                        "read_unlock", "write_lock", "write_unlock"};
    const struct lc_task *t = &c->model->tasks[e->task];
    const bool semaphore = e->role == LC_ROLE_SIGNAL || e->role == LC_ROLE_WAIT;
    if (semaphore && t->scheduling != LC_SEMAPHORE)
        LCI_WRONG(c, &e->place, "entry '%s' has the role '%s', but its task '%s' is no semaphore", e->name,
                  names[e->role], t->name);
    else if (is_lock_role(e->role) && t->scheduling != LC_RWLOCK)
        LCI_WRONG(c, &e->place, "entry '%s' has the role '%s', but its task '%s' is no rwlock", e->name, names[e->role],
                  t->name);
    const bool takes = e->role == LC_ROLE_WAIT || e->role == LC_ROLE_READ_LOCK || e->role == LC_ROLE_WRITE_LOCK;
    if (takes && (reached & (LCI_ASYNC | LCI_OPEN)))
        LCI_WRONG(c, &e->place, "entry '%s' (%s) is called without waiting for it; only synchronous calls can take it",
                  e->name, names[e->role]);
}

/* A semaphore has signal and wait, a lock its four entries, each once. */
static void check_roles(struct lci_check *c, const struct lc_task *t)
{
    static const char *const all[] = {"signal and wait", "read_lock, read_unlock, write_lock and write_unlock"};
    const bool lock = t->scheduling == LC_RWLOCK;
    if (t->scheduling != LC_SEMAPHORE && !lock)
        return;
    const size_t wanted = lock ? 4 : 2;
    unsigned seen = 0;
    bool twice = false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const unsigned bit = 1u << c->model->entries[t->entries[i]].role;
        twice = twice || (seen & bit);
        seen |= bit;
    }
    const unsigned right = lock ? 1u << LC_ROLE_READ_LOCK | 1u << LC_ROLE_READ_UNLOCK | 1u << LC_ROLE_WRITE_LOCK |
                                      1u << LC_ROLE_WRITE_UNLOCK
                                : 1u << LC_ROLE_SIGNAL | 1u << LC_ROLE_WAIT;
    if (t->entry_count != wanted)
        LCI_WRONG(c, &t->place, "%s '%s' has %zu entries; expected %zu: %s", lock ? "rwlock" : "semaphore", t->name,
                  t->entry_count, wanted, all[lock]);
    else if (twice || seen != right)
        LCI_WRONG(c, &t->place, "%s '%s' has entries of other roles than it needs; expected one of each: %s",
                  lock ? "rwlock" : "semaphore", t->name, all[lock]);
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void check_arrivals(struct lci_check *c, const struct lc_entry *e)
{
    const struct lc_task *t = &c->model->tasks[e->task];
    if (!(e->open_rate >= 0) || isinf(e->open_rate))
        LCI_WRONG(c, &e->place, "entry '%s' has open arrivals at a rate of %g; expected 0 or more", e->name,
                  e->open_rate);
    if (e->open_arrivals.family != NULL && lci_dist_check_alone(&e->open_arrivals, c->diag, &e->place) == 0 &&
        lc_dist_mean(&e->open_arrivals) <= 0)
        LCI_WRONG(c, &e->place, "entry '%s' has no time between its open arrivals; expected a mean above 0", e->name);
    if (e->open_arrivals.family != NULL && e->open_rate > 0)
        LCI_WRONG(c, &e->place, "entry '%s' has both a rate and a distribution of open arrivals; one of them must go",
                  e->name);
    if (lc_is_source(t) && (e->open_rate > 0 || e->open_arrivals.family != NULL))
        LCI_WRONG(c, &e->place, "entry '%s' has open arrivals, but its task '%s' makes load itself", e->name, t->name);
}

/* The steps of a session. */
static void check_next(struct lci_check *c, const struct lc_entry *e)
{
    const struct lc_task *t = &c->model->tasks[e->task];
    double sum = 0;
    if (!lc_is_source(t) && (e->next_count > 0 || e->pause.family != NULL))
        LCI_WRONG(c, &e->place, "entry '%s' is followed by others, but only those of a source of load are", e->name);
    for (size_t i = 0; i < e->next_count; i++) {
        const struct lc_entry *to = &c->model->entries[e->next[i].entry];
        sum += e->next[i].probability;
        if (!(e->next[i].probability >= 0))
            LCI_WRONG(c, &e->next[i].place, "entry '%s' follows '%s' with probability %g; expected 0 to 1", to->name,
                      e->name, e->next[i].probability);
        if (to->task != e->task)
            LCI_WRONG(c, &e->next[i].place, "entry '%s' follows '%s' and is not of the same source '%s'", to->name,
                      e->name, t->name);
    }
    if (sum > 1 + LCI_ROUNDING)
        LCI_WRONG(c, &e->place,
                  "entry '%s' is followed by others with probabilities of %g in all; expected 1 at the most", e->name,
                  sum);
    if (e->pause.family != NULL)
        lci_dist_check_alone(&e->pause, c->diag, &e->place);
}

static void check_forwards(struct lci_check *c, const struct lc_entry *e)
{
    double sum = 0;
    for (size_t i = 0; i < e->forward_count; i++) {
        const double p = e->forwards[i].probability;
        if (!(p >= 0 && p <= 1))
            LCI_WRONG(c, &e->forwards[i].place, "entry '%s' forwards to '%s' with probability %g; expected 0 to 1",
                      e->name, c->model->entries[e->forwards[i].entry].name, p);
        sum += p;
    }
    if (sum > 1 + LCI_ROUNDING)
        LCI_WRONG(c, &e->place, "entry '%s' forwards with probabilities of %g in all; expected 1 at the most", e->name,
                  sum);
}

/* The entries of a source are chosen by probabilities, or all alike. */
static void check_probabilities(struct lci_check *c, const struct lc_task *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &c->model->entries[t->entries[i]];
        if (!(e->probability >= 0 && e->probability <= 1 + LCI_ROUNDING))
            LCI_WRONG(c, &e->place, "entry '%s' is chosen with probability %g; expected 0 to 1", e->name,
                      e->probability);
        sum += e->probability;
    }
    if (lc_is_source(t) && sum > 0 && fabs(sum - 1) > LCI_ROUNDING)
        LCI_WRONG(c, &t->place, "the entries of '%s' are chosen with probabilities of %g in all; expected 1", t->name,
                  sum);
}

void lci_check_entries(struct lci_check *c)
{
    const struct lc_model *m = c->model;
    for (size_t i = 0; i < m->entry_count; i++) {
        const struct lc_entry *e = &m->entries[i];
        check_phases(c, e);
        check_role(c, e, c->reached[i]);
        check_arrivals(c, e);
        check_next(c, e);
        check_forwards(c, e);
        if (!lc_is_source(&m->tasks[e->task]) && c->reached[i] == 0)
            lc_warn(c->diag, &e->place, "entry '%s' has no callers", e->name);
    }
    for (size_t i = 0; i < m->task_count; i++) {
        check_roles(c, &m->tasks[i]);
        check_probabilities(c, &m->tasks[i]);
    }
}
