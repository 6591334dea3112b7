/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is assumed of waiting: how much of it was taken out, or that it was not, because nobody states a limit.
 */
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>

/* ---- limits that are stated ---------------------------------------------------------------------------------------
 */

static void say_waiting(struct lc_learned *learned, const char *task, const char *limit, const struct lci_waited *taken,
                        double seconds)
{
    const double visits = (double)taken->visits;
    char *check = isfinite(taken->unhindered) && taken->unhindered > 0
                      ? lc_format("; %.3g ms for those that met no queue", taken->unhindered / visits * 1e3)
                  : taken->regressed > 0 ? lc_format("; %.3g ms left by regression over the requests found",
                                                     taken->regressed / visits * 1e3)
                                         : lc_strdup("");
    char *odd =
        taken->contradictions > 0 ? lc_format("; %zu were served out of turn", taken->contradictions) : lc_strdup("");
    char *busy = seconds > 0
                     ? lc_format(", which kept %.3g %% of the %s busy", 100 * lci_kept_busy(taken, seconds), limit)
                     : lc_strdup("");
    lci_assume(learned, lc_format("waiting for %s of %s was taken out", limit, task),
               lc_format("%.3g ms of %.3g ms on the average", (taken->before - taken->after) / visits * 1e3,
                         taken->before / visits * 1e3),
               lc_format("%zu visits%s%s%s", taken->visits, busy, check, odd), lc_strdup("traces.assume_load"));
    free(busy);
    free(check);
    free(odd);
}

/* Limits that hardly anybody waited for: one line is enough for all of them. */
struct calm {
    size_t count, others;       /* those, and the limits that were waited for */
    const char *service, *what; /* the busiest of them; threads or cores */
    double busy;                /* part of it that was; NaN: not known */
};

static void note_limit(struct lc_learned *learned, const char *task, const char *limit, const struct lci_waited *taken,
                       double seconds, struct calm *calm)
{
    if (taken->visits == 0)
        return;
    if (lci_part_waited(taken) >= LCI_LOADED) {
        calm->others++;
        say_waiting(learned, task, limit, taken, seconds);
        return;
    }
    const double busy = lci_kept_busy(taken, seconds);
    if (calm->count++ == 0 || busy > calm->busy) {
        calm->busy = busy;
        calm->service = task;
        calm->what = limit;
    }
}

static void say_calm(struct lc_learned *learned, const struct calm *calm)
{
    if (calm->count == 0)
        return;
    char *busiest = isfinite(calm->busy) ? lc_format("; the busiest of them is %s, with %.3g %% of its %s busy",
                                                     calm->service, 100 * calm->busy, calm->what)
                                         : lc_strdup("");
    lci_assume(learned,
               calm->others == 0
                   ? lc_strdup("the traces were taken at low load")
                   : lc_format("requests hardly waited for the other limits that are stated (%zu)", calm->count),
               lc_format("waiting was less than %g %% of the times; it was taken out", 100 * LCI_LOADED),
               lc_format("%zu limit%s stated for services of the traces%s", calm->count + calm->others,
                         calm->count + calm->others == 1 ? " is" : "s are", busiest),
               lc_strdup("traces.assume_load"));
    free(busiest);
}

/* What calls waited for a thread before the server's span. */
static void say_before(struct lc_learned *learned, const struct lci_service_waiting *w, double seconds)
{
    const double busy = lci_kept_busy(&w->threads, seconds);
    char *kept = isfinite(busy) ? lc_format("; %.3g %% of the threads were busy", 100 * busy) : lc_strdup("");
    lci_assume(learned,
               lc_format("waiting for threads of %s before its spans is no network latency", w->capacity->task),
               lc_format("%.3g ms of %.3g ms on the average", w->before.waited * 1e3, w->before.response * 1e3),
               lc_format("%zu of %zu calls found every thread busy; the others give the network latency%s",
                         w->before.full, w->before.calls, kept),
               lc_strdup("traces.assume_load"));
    free(kept);
}

/* Whose times tell those of a service with locks. */
static void say_locks(struct lc_learned *learned, const char *task, const struct lci_alone *locks)
{
    if (locks->visits == 0 || locks->alone == 0)
        return;
    lci_assume(learned, lc_format("waiting for locks of %s is in none of its times", task),
               lc_format("%.3g ms on the average, of %.3g ms", locks->own * 1e3, locks->all * 1e3),
               lc_format("%zu of %zu visits found nobody there when they came; its times are learned from them alone",
                         locks->alone, locks->visits),
               lc_strdup("traces.assume_load"));
}

/* ---- limits that nobody states ----------------------------------------------------------------------------------- */

/* "db", or "db and 2 others". */
static char *places_text(const struct lci_visits *visits, lc_symbol first, size_t count)
{
    const char *name = lci_text(visits, first);
    return count > 1 ? lc_format("%s and %zu other%s", name, count - 1, count > 2 ? "s" : "") : lc_strdup(name);
}

static void assume_low(const struct lci_visits *visits, size_t waited, lc_symbol where, struct lc_learned *learned)
{
    lc_symbol busiest = 0;
    struct lci_peak most = {0};
    for (size_t t = 0; t < visits->task_count; t++) {
        const struct lci_peak peak = lci_peak_of(visits, &visits->tasks[t]);
        if (!visits->tasks[t].external && peak.most > most.most) {
            most = peak;
            busiest = visits->tasks[t].name;
        }
    }
    if (busiest == 0)
        return;
    char *places = places_text(visits, where, waited);
    lci_assume(learned,
               waited > 0 ? lc_format("what requests waited for at %s counts as service or network latency", places)
                          : lc_strdup("no time of the traces is waiting for threads or cores"),
               lc_strdup("times are taken as they are"),
               lc_format("no service of the traces has a stated concurrency or cores; the most requests at a time, "
                         "%ld, were seen at %s",
                         most.most, lci_text(visits, busiest)),
               lc_format("deployment.services.%s.concurrency", lci_text(visits, waited > 0 ? where : busiest)));
    free(places);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

void lci_tell_waiting(const struct lci_behaviour *behaviour, struct lc_learned *learned)
{
    const struct lci_waiting *waiting = &behaviour->waiting;
    struct calm calm = {0};
    for (size_t i = 0; i < waiting->count; i++) {
        const struct lci_service_waiting *w = &waiting->services[i];
        const bool before = lci_part_before(&w->before) >= LCI_LOADED;
        calm.others += before;
        if (before)
            say_before(learned, w, waiting->recorded);
        if (!before || lci_part_waited(&w->threads) >= LCI_LOADED)
            note_limit(learned, w->capacity->task, "threads", &w->threads, waiting->recorded, &calm);
        note_limit(learned, w->capacity->task, "cores", &w->cores, waiting->recorded, &calm);
        say_locks(learned, w->capacity->task, &w->locks);
    }
    for (size_t i = 0; i < waiting->pool_count; i++) {
        const struct lci_pool_waiting *pool = &waiting->pools[i];
        char *name = lc_format("%s>%s", pool->owner, pool->target);
        if (lci_part_waited(&pool->waited) >= LCI_LOADED)
            say_waiting(learned, name, "connections", &pool->waited, waiting->recorded);
        free(name);
    }
    say_calm(learned, &calm);
    if (waiting->limited == 0 && behaviour->visits.options.load == LC_LOAD_AUTO)
        assume_low(&behaviour->visits, waiting->contended, waiting->where, learned);
}
