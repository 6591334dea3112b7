/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waiting taken out of visits that were recorded under load, where the deployment says how much a service can do at a
 * time.
 *
 * Threads (`concurrency`): a span begins when the request arrives; with c threads and a first-come, first-served queue,
 * arrivals and departures tell when each request got its thread. The time before that is cut off the visit. The span of
 * a job begins when it gets a thread.
 *
 * Cores (`cores`): complete information for processor sharing (Perez, Casale and Pacheco-Sanchez, "Estimating
 * computational requirements in multi-threaded applications", IEEE TSE 2015): while n requests work on p cores, each
 * advances at the rate min(1, p/n). Only self time counts as work; times blocked in calls do not.
 */
#include "network/patterns/waiting.h"
#include "fit/trace/symbols.h"
#include "network/patterns/demand_estimators.h"
#include "network/patterns/waiting_estimators.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- visits ------------------------------------------------------------------------------------------------------ */

struct member { /* a visit of the service, wherever it is kept */
    struct lci_variant *variant;
    struct lci_visit *visit;
    size_t number; /* in the order of operations and classes */
    size_t kind;   /* operation and class */
};

struct members {
    struct member *items;
    size_t count, capacity;
    int64_t origin;         /* ns: times below are seconds after it */
    size_t operation_count; /* of the visits */
};

static int by_instance(const void *a, const void *b, void *visits)
{
    const struct member *p = a, *q = b;
    const struct lci_visit *x = p->visit, *y = q->visit;
    if (x->instance != y->instance)
        return strcmp(lci_text(visits, x->instance), lci_text(visits, y->instance));
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (p->number > q->number) - (p->number < q->number);
}

/* Visits of the service, those of one instance together. */
static void find_members(struct lci_visits *visits, lc_symbol name, struct members *members)
{
    const struct lci_task *task = lci_task_find(visits, name);
    for (size_t o = task->first_operation; o < task->end_operation; o++)
        for (size_t c = 0; !visits->operations[o].around && c < visits->class_count; c++) {
            struct lci_variant *variant = &visits->operations[o].variants[c];
            lci_variant_own(variant);
            for (size_t v = 0; v < variant->visit_count; v++) {
                LC_GROW(members->items, members->count, members->capacity);
                members->items[members->count] =
                    (struct member){variant, &variant->visits[v], members->count, o * visits->class_count + c};
                members->count++;
            }
        }
    if (members->count > 1)
        qsort_r(members->items, members->count, sizeof *members->items, by_instance, visits);
    members->operation_count = visits->operation_count;
    members->origin = members->count > 0 ? members->items[0].visit->start : 0;
    for (size_t i = 0; i < members->count; i++)
        if (members->items[i].visit->start < members->origin)
            members->origin = members->items[i].visit->start;
}

static double seconds(const struct members *members, const struct lci_visit *visit)
{
    return (double)(visit->start - members->origin) * 1e-9;
}

/* The same double as the beginning of what begins in the same nanosecond. */
static double ending(const struct members *members, const struct lci_visit *visit)
{
    return (double)(visit->start - members->origin + llround(visit->duration * 1e9)) * 1e-9;
}

/* What the visit does first, which shows that it has a thread; NULL when it calls nobody. */
static const struct lci_call *first_call(const struct member *member)
{
    return lci_calls_of(member->variant, member->visit);
}

/* The visit begins later; whatever happened before happens at its beginning. */
static void cut_beginning(const struct member *member, double time)
{
    member->visit->start += llround(time * 1e9);
    member->visit->duration -= time;
    for (uint32_t i = 0; i < member->visit->call_count; i++) {
        struct lci_call *call = &member->variant->calls[member->visit->first_call + i];
        call->sent = fmax(0, call->sent - time);
        call->answered = fmax(0, call->answered - time);
    }
}

/* `unit`, s: of the clock. A job that follows another one at once may seem to begin before the other's end, by less. */
static void take_thread_waiting(const struct members *members, size_t first, size_t count, uint32_t threads,
                                double unit, struct lci_waited *taken)
{
    double *begin = lc_alloc(5 * count * sizeof *begin), *end = begin + count, *start = end + count;
    double *shown = start + count, *left = shown + count;
    size_t *kind = lc_alloc(count * sizeof *kind);
    bool *jobs = lc_alloc(count * sizeof *jobs);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = &members->items[first + i];
        const struct lci_call *call = first_call(member);
        jobs[i] = member->variant->queue_delays > 0;
        begin[i] = seconds(members, member->visit);
        end[i] = ending(members, member->visit);
        shown[i] = call != NULL ? fmin(begin[i] + fmax(call->sent, 0), end[i]) : end[i];
        left[i] = jobs[i] ? fmax(end[i] - unit, begin[i]) : end[i];
        if (jobs[i]) /* before requests that came when it got its thread */
            shown[i] = begin[i];
        kind[i] = member->kind * (members->operation_count + 1) + (call != NULL ? call->operation + (size_t)1 : 0);
    }
    taken->contradictions += lci_fifo_starts(begin, left, shown, jobs, count, threads, start);
    lci_draw_turns(begin, shown, kind, jobs, count, start);
    const double unhindered = lci_response_time_approximation(begin, end, count, threads);
    for (size_t i = 0; i < count; i++) {
        taken->before += end[i] - begin[i];
        taken->after += end[i] - start[i];
        if (start[i] > begin[i])
            cut_beginning(&members->items[first + i], start[i] - begin[i]);
        taken->waited += start[i] > begin[i];
    }
    taken->servers += threads;
    taken->visits += count;
    taken->unhindered += (double)count * unhindered;
    free(jobs);
    free(kind);
    free(begin);
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

struct work { /* intervals of self time of all visits of an instance */
    double *begin, *end, *demand;
    double *saved; /* by what those of the visit before it become shorter, once `demand` is known */
    size_t *visit;
    uint32_t *kind; /* of its entry's processor work */
    size_t count, capacity;
};

static void add_work(struct work *work, double begin, double end, size_t visit, uint32_t kind)
{
    if (work->count == work->capacity) {
        work->capacity = work->capacity ? 2 * work->capacity : 64;
        work->begin = lc_realloc(work->begin, work->capacity, sizeof(double));
        work->end = lc_realloc(work->end, work->capacity, sizeof(double));
        work->demand = lc_realloc(work->demand, work->capacity, sizeof(double));
        work->saved = lc_realloc(work->saved, work->capacity, sizeof(double));
        work->visit = lc_realloc(work->visit, work->capacity, sizeof(size_t));
        work->kind = lc_realloc(work->kind, work->capacity, sizeof(uint32_t));
    }
    work->begin[work->count] = begin;
    work->end[work->count] = end;
    work->kind[work->count] = kind;
    work->visit[work->count++] = visit;
}

/* The parts of the visit in which it waits for no call; times relative to the visit when `origin` is 0. */
static void add_self_times(struct work *work, const struct member *member, double origin, size_t index, uint32_t kind)
{
    double time = 0;
    const double duration = member->visit->duration;
    for (uint32_t i = 0; i < member->visit->call_count; i++) {
        const struct lci_call *call = &member->variant->calls[member->visit->first_call + i];
        if (call->forget)
            continue;
        if (call->sent > time)
            add_work(work, origin + time, origin + fmin(call->sent, duration), index, kind);
        time = fmax(time, fmin(call->answered, duration));
    }
    if (duration > time)
        add_work(work, origin + time, origin + duration, index, kind);
}

/* Every time of the visit moves to where it would be had the work before it taken its demand only. */
static double moved(const struct work *work, size_t first, size_t last, double origin, double time)
{
    size_t low = first, high = last; /* pieces from `low` on begin after the time */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (work->begin[middle] - origin <= time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == first)
        return time;
    const size_t w = low - 1;
    const double length = work->end[w] - work->begin[w], part = fmin(time - (work->begin[w] - origin), length);
    return time - work->saved[w] - (length > 0 ? part * (1 - work->demand[w] / length) : 0);
}

/* ---- processor work of entries ----------------------------------------------------------------------------------- */

struct stated {          /* processor work by kind: 0 of what is stated of the service, then of its entries */
    double *share, *cpu; /* cpu > 0: s of each visit, of which the share follows */
    double *visits, *demand;
    size_t count;
};

static struct stated stated_of(const struct lc_capacity *capacity)
{
    const size_t count = 1 + capacity->entry_count;
    double *all = lc_calloc(4 * count, sizeof *all);
    const struct stated stated = {all, all + count, all + 2 * count, all + 3 * count, count};
    for (size_t k = 0; k < count; k++) {
        const double share = k > 0 ? capacity->entries[k - 1].cpu_share : capacity->cpu_share;
        stated.share[k] = share > 0 ? share : 1;
        stated.cpu[k] = share > 0 ? 0 : k > 0 ? capacity->entries[k - 1].cpu : capacity->cpu;
    }
    return stated;
}

/* "ENTRY", "ENTRY@CLASS+CLASS": whether these are the entry and, if there are classes, the class. */
static bool is_entry(const char *text, const char *entry, const char *class_)
{
    const size_t length = strlen(entry);
    if (strncmp(text, entry, length) != 0)
        return false;
    text += length;
    if (*text != '@' || class_ == NULL)
        return *text == 0;
    for (size_t part; *text != 0; text += part) {
        part = strcspn(++text, "+");
        if (part == strlen(class_) && strncmp(text, class_, part) == 0)
            return true;
    }
    return false;
}

/* Whether the text names the operation of requests of the class as lci_entry_name() does, with or without the task. */
static bool names_entry(const char *text, const struct lci_visits *visits, const struct lci_operation *operation,
                        size_t class_)
{
    const char *task = lci_text(visits, operation->task), *entry = lci_text(visits, operation->entry);
    const char *name = class_ < visits->options.class_count ? visits->options.classes[class_].name : NULL;
    const size_t before = strlen(task);
    if (operation->inside > 0 || operation->level > 0)
        return false;
    return is_entry(text, entry, name) ||
           (strncmp(text, task, before) == 0 && text[before] == '/' && is_entry(text + before + 1, entry, name));
}

static uint32_t work_kind(const struct lci_visits *visits, const struct lc_capacity *capacity, size_t kind)
{
    for (size_t i = 0; i < capacity->entry_count; i++)
        if (names_entry(capacity->entries[i].entry, visits, &visits->operations[kind / visits->class_count],
                        kind % visits->class_count))
            return (uint32_t)(i + 1);
    return 0;
}

/* Takes the waiting out of pieces of own time, and returns the share of what is left that is processor work. Of a
 * stated work the share follows from the time, which follows from the share. */
static double take_core_share(struct work *work, struct stated *stated, double cores)
{
    enum { ROUNDS = 50 };
    double all = 0, busy = 0, change = 1;
    for (int round = 0; round < ROUNDS && change > 1e-3; round++) {
        lci_complete_information(work->begin, work->end, work->kind, work->count, cores, stated->share, stated->count,
                                 work->demand);
        memset(stated->demand, 0, stated->count * sizeof *stated->demand);
        for (size_t w = 0; w < work->count; w++)
            stated->demand[work->kind[w]] += work->demand[w];
        all = busy = change = 0;
        for (size_t k = 0; k < stated->count; k++) {
            all += stated->demand[k];
            busy += stated->share[k] * stated->demand[k];
            if (!(stated->cpu[k] > 0) || !(stated->demand[k] > 0))
                continue;
            const double next = fmin(1, stated->cpu[k] * stated->visits[k] / stated->demand[k]);
            change = fmax(change, fabs(next / stated->share[k] - 1));
            stated->share[k] = next;
        }
    }
    return all > 0 ? busy / all : 1;
}

static void take_core_waiting(const struct lci_visits *visits, const struct members *members, size_t first,
                              size_t count, const struct lc_capacity *capacity, double cores, struct lci_waited *taken)
{
    struct work work = {0};
    struct stated stated = stated_of(capacity);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = &members->items[first + i];
        const uint32_t kind = work_kind(visits, capacity, member->kind);
        add_self_times(&work, member, seconds(members, member->visit), i, kind);
        stated.visits[kind]++;
    }
    if (work.count > 0) {
        taken->share = take_core_share(&work, &stated, cores);
        if (taken->share >= 1)
            taken->regressed += (double)work.count * lci_regressed_demand(work.begin, work.end, work.count, cores);
    }
    for (size_t w = 0, next; w < work.count; w = next) {
        double saved = 0;
        for (next = w; next < work.count && work.visit[next] == work.visit[w]; next++) {
            work.saved[next] = saved;
            saved += work.end[next] - work.begin[next] > 0 ? work.end[next] - work.begin[next] - work.demand[next] : 0;
            taken->before += work.end[next] - work.begin[next];
            taken->after += work.demand[next];
        }
        const struct member *member = &members->items[first + work.visit[w]];
        const double origin = seconds(members, member->visit);
        for (uint32_t i = 0; i < member->visit->call_count; i++) {
            struct lci_call *call = &member->variant->calls[member->visit->first_call + i];
            call->sent = moved(&work, w, next, origin, call->sent);
            call->answered = moved(&work, w, next, origin, call->answered);
        }
        member->visit->duration = moved(&work, w, next, origin, member->visit->duration);
    }
    taken->visits += count;
    taken->servers += cores;
    free(work.begin);
    free(work.end);
    free(work.demand);
    free(work.saved);
    free(work.visit);
    free(work.kind);
    free(stated.share); /* and the others */
}

/* ---- locks ------------------------------------------------------------------------------------------------------- */

#define LEAST_ALONE 30 /* visits that found nobody, to learn from them alone */

/* Who waited how long for a lock within the handler cannot be told visit by visit. Those that found nobody there did
 * not wait, unless somebody who came later overtook them on the way to it: their times count, and those of no others.
 */
static void keep_alone(const struct members *members, struct lci_alone *locks)
{
    double latest = 0, all = 0, own = 0;
    bool *alone = lc_calloc(members->count + 1, sizeof *alone);
    locks->visits = members->count;
    for (size_t i = 0; i < members->count; i++) {
        const struct lci_visit *visit = members->items[i].visit;
        const double begin = seconds(members, visit), end = ending(members, visit);
        const bool first = i == 0 || members->items[i - 1].visit->instance != visit->instance;
        alone[i] = first || begin >= latest;
        latest = first ? end : fmax(latest, end);
        all += visit->duration;
        own += alone[i] ? visit->duration : 0;
        locks->alone += alone[i];
    }
    locks->all = locks->visits > 0 ? all / (double)locks->visits : 0;
    locks->own = locks->alone > 0 ? own / (double)locks->alone : 0;
    for (size_t i = 0; i < members->count && locks->alone >= LEAST_ALONE; i++)
        members->items[i].visit->fit &= alone[i];
    free(alone);
}

static void warn_of_locks(const struct lc_capacity *capacity, const struct lci_alone *locks, struct lc_diag *diag)
{
    if (locks->visits > 0 && locks->alone < LEAST_ALONE)
        lc_warn(diag, NULL,
                "only %zu of %zu visits of '%s' found nobody else there, so that what they waited for its locks stays "
                "in its times; recordings at a lower load beside these tell it",
                locks->alone, locks->visits, capacity->task);
}

/* ---- services ---------------------------------------------------------------------------------------------------- */

#define ODD 0.1 /* part of the visits that waited which were served out of turn, from which the limit is doubted */

static double recorded_seconds(const struct lci_visits *visits)
{
    size_t count;
    struct lci_stretch *stretches = lci_stretches_of(visits, &count);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lci_stretch_seconds(&stretches[i]);
    free(stretches);
    return sum;
}

double lci_part_before(const struct lci_before *before)
{
    return before->response > 0 ? before->waited / before->response : 0;
}

double lci_part_waited(const struct lci_waited *waited)
{
    return waited->before > 0 ? 1 - waited->after / waited->before : 0;
}

double lci_kept_busy(const struct lci_waited *waited, double seconds)
{
    return seconds > 0 ? waited->share * waited->after / (seconds * waited->servers) : NAN;
}

/* More were served at a time than the deployment states. */
static void warn_of_limit(const struct lci_visits *visits, const struct lc_capacity *capacity, lc_symbol task,
                          const struct lci_waited *taken, struct lc_diag *diag)
{
    const size_t waits = taken->waited + taken->contradictions;
    if ((double)taken->contradictions <= ODD * (double)waits || taken->contradictions < 3)
        return;
    const struct lci_peak peak = lci_peak_of(visits, lci_task_find(visits, task));
    lc_warn(diag, NULL,
            "deployment.services.%s.concurrency is %u, but up to %ld requests at a time were seen at an instance, and "
            "%zu of the %zu that should have waited for a thread ended while those before them held all of them: "
            "either it serves more at a time, or it does not serve them in their order; its times are not reliable",
            capacity->task, capacity->threads, peak.most, taken->contradictions, waits);
}

static void warn_of_full(const struct lc_capacity *capacity, const struct lci_before *before, struct lc_diag *diag)
{
    if (isnan(lci_part_before(before)))
        lc_warn(diag, NULL,
                "each of %zu calls found all %u threads of '%s' busy: what they waited for them before its spans "
                "cannot be told from the network latency, and counts as that",
                before->calls, capacity->threads, capacity->task);
}

/* A sample of a service's visits does not tell who waited for whom: summaries of parts may hold no more. */
static bool all_kept(const struct lci_visits *visits, const struct lci_task *task)
{
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        for (size_t c = 0; c < visits->class_count; c++)
            if (visits->operations[o].variants[c].visit_count < visits->operations[o].variants[c].seen)
                return false;
    return true;
}

/* Without instances all replicas look like one. */
static uint32_t capacity_copies(const struct lc_capacity *capacity)
{
    return capacity->replicas > 1 ? capacity->replicas : 1;
}

static uint32_t copies_of(const struct lc_capacity *capacity, const struct lci_task *known)
{
    return known->instance_count > 0 ? 1 : capacity_copies(capacity);
}

/* Returns the part of the service's times that was waiting. */
static double take_waiting(const struct lci_visits *recorded, struct lci_visits *served,
                           const struct lc_capacity *capacity, lc_symbol task, struct lci_waiting *waiting,
                           struct lc_diag *diag)
{
    struct members members = {0};
    struct lci_service_waiting w = {
        .capacity = capacity, .threads = {.share = 1}, .cores = {.unhindered = NAN, .share = 1}};
    if (capacity->threads > 0)
        w.before = lci_mark_full(served, task, capacity->threads * copies_of(capacity, lci_task_find(served, task)));
    find_members(served, task, &members);
    for (size_t first = 0, next; first < members.count; first = next) {
        next = first;
        while (next < members.count && members.items[next].visit->instance == members.items[first].visit->instance)
            next++;
        const uint32_t copies = members.items[first].visit->instance == 0 ? capacity_copies(capacity) : 1;
        if (capacity->threads > 0)
            take_thread_waiting(&members, first, next - first, capacity->threads * copies,
                                lci_clock_unit(served, lci_task_find(served, task)->first_operation), &w.threads);
        if (capacity->cores > 0)
            take_core_waiting(served, &members, first, next - first, capacity, capacity->cores * copies, &w.cores);
    }
    if (capacity->locks) {
        keep_alone(&members, &w.locks);
        warn_of_locks(capacity, &w.locks, diag);
    }
    free(members.items);
    if (w.threads.visits > 0)
        warn_of_limit(recorded, capacity, task, &w.threads, diag);
    warn_of_full(capacity, &w.before, diag);
    LC_GROW(waiting->services, waiting->count, waiting->capacity);
    waiting->services[waiting->count++] = w;
    const struct lci_waited *most = w.threads.servers > 0 ? &w.threads : &w.cores;
    if (waiting->recorded > 0 && most->servers > 0)
        waiting->load = fmax(waiting->load, lci_kept_busy(most, waiting->recorded) / lci_sampled(served));
    const double before = lci_part_before(&w.before);
    const double locks = w.locks.all > 0 ? 1 - w.locks.own / w.locks.all : 0;
    return fmax(fmax(before >= LCI_LOADED ? before : 0, locks),
                fmax(lci_part_waited(&w.threads), lci_part_waited(&w.cores)));
}

/* Returns the part of the calls' times that was waiting for the service's connections. */
static double take_pools(struct lci_visits *served, const struct lc_capacity *capacity, const struct lci_task *known,
                         struct lci_waiting *waiting)
{
    double most = 0;
    for (size_t i = 0; i < capacity->pool_count; i++) {
        const lc_symbol name = lci_symbol_find(served->symbols, capacity->pools[i].target);
        const struct lci_task *target = name != 0 ? lci_task_find(served, name) : NULL;
        if (target == NULL || !all_kept(served, known))
            continue;
        const struct lci_pool_waiting pool = {
            capacity->task, capacity->pools[i].target,
            lci_take_pool_waiting(served, known, target, capacity->pools[i].connections * copies_of(capacity, known))};
        waiting->limited++;
        LC_GROW(waiting->pools, waiting->pool_count, waiting->pool_capacity);
        waiting->pools[waiting->pool_count++] = pool;
        most = fmax(most, lci_part_waited(&pool.waited));
    }
    return most;
}

/* Under load, times of other releases hold other waiting. */
static void drop_other_releases(struct lci_visits *served, struct lc_diag *diag)
{
    bool any = false;
    for (size_t o = 0; o < served->operation_count; o++) {
        any |= served->operations[o].elsewhere_count > 0;
        lci_served_drop_releases(served, &served->operations[o]);
    }
    if (any)
        lc_note(diag, NULL, "traces of other releases are left out: under load, their times hold other waiting");
}

int lci_take_waiting_out(const struct lci_visits *recorded, struct lci_visits *served, struct lci_waiting *waiting,
                         struct lc_diag *diag)
{
    if (served->options.load == LC_LOAD_LOW) {
        lci_check_low(served, diag);
        return 0;
    }
    waiting->contended = lci_warn_of_contention(served, &waiting->where, diag);
    waiting->recorded = recorded_seconds(served);
    double most = 0;
    for (size_t i = 0; i < served->options.capacity_count; i++) {
        const struct lc_capacity *capacity = &served->options.capacities[i];
        const lc_symbol task = lci_symbol_find(served->symbols, capacity->task);
        const struct lci_task *known = task != 0 ? lci_task_find(served, task) : NULL;
        if (known == NULL)
            continue;
        most = fmax(most, take_pools(served, capacity, known, waiting));
        if (capacity->threads == 0 && !(capacity->cores > 0) && !capacity->locks)
            continue;
        waiting->limited++;
        if (all_kept(served, known))
            most = fmax(most, take_waiting(recorded, served, capacity, task, waiting, diag));
        else
            lc_warn(
                diag, NULL,
                "whether requests waited at '%s' cannot be told, because the summaries hold a sample of its visits; "
                "make them with --deployment and --assume-load measured",
                capacity->task);
    }
    if (most >= LCI_LOADED)
        drop_other_releases(served, diag);
    if (waiting->limited > 0 || served->options.load == LC_LOAD_AUTO)
        return 0;
    lc_error(diag, LC_INPUT, NULL,
             "waiting can be taken out of samples measured under load only where the deployment states concurrency, "
             "cores, a lock or connections of a service in the traces; state them, or say that the load was low");
    return -1;
}
