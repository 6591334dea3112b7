/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Speed and size of the simulation. CPU time, medians of seven runs; machines differ and are shared, so figures come
 * with ratios to yardsticks of the same run: a bare M/M/1 loop without engine, model or statistics, and for the
 * calendar a plain binary heap.
 *
 *   bench_sim             everything
 *   bench_sim coverage N  how often 95 % intervals cover the exact value in N runs under the 5 % stopping rule
 */
#include "calendar.h"
#include "engine.h"
#include "loadcast/format.h"
#include "loadcast/sim.h"
#include "model/random/variates.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RUNS = 7 };

static double bare; /* the yardstick, ns a customer */

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, RUNS, sizeof *values, ascending);
    return values[RUNS / 2];
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static int add_server(struct lc_model *m, const char *name, uint32_t threads, double demand)
{
    const int processor = lc_add_processor(m, name);
    const int task = lc_add_task(m, name, processor);
    m->processors[processor].multiplicity = threads == LC_INFINITE ? 1 : threads;
    m->tasks[task].multiplicity = threads;
    if (threads == LC_INFINITE)
        m->tasks[task].scheduling = LC_INF;
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].deterministic = true;
    m->entries[entry].phases[0].demand = lc_dist_exponential(demand);
    return entry;
}

static struct lc_activity *add_customers(struct lc_model *m, uint32_t count, double think)
{
    const int processor = lc_add_processor(m, "users"), task = lc_add_task(m, "users", processor);
    m->processors[processor].scheduling = LC_INF;
    m->tasks[task].scheduling = LC_REF;
    m->tasks[task].multiplicity = count;
    if (think > 0)
        m->tasks[task].think_time = lc_dist_exponential(think);
    const int entry = lc_add_entry(m, "users", task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].deterministic = true;
    return &m->entries[entry].phases[0];
}

static struct lc_model *mm1(double rho)
{
    struct lc_model *m = lc_model_new("M/M/1");
    const int entry = add_server(m, "server", 1, 1);
    m->entries[entry].open_rate = rho;
    return m;
}

static struct lc_model *closed(int stations, uint32_t customers)
{
    struct lc_model *m = lc_model_new("closed");
    int *entries = lc_calloc((size_t)stations, sizeof *entries);
    for (int i = 0; i < stations; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        entries[i] = add_server(m, name, 1, 1);
    }
    struct lc_activity *users = add_customers(m, customers, 0);
    for (int i = 0; i < stations; i++)
        lc_add_call(users, LC_CALL_SYNC, entries[i], 1);
    free(entries);
    return m;
}

static struct lc_model *layers(void)
{
    struct lc_model *m = lc_model_new("layers");
    const int bottom = add_server(m, "bottom", 4, 0.2), middle = add_server(m, "middle", 8, 0.3),
              top = add_server(m, "top", 16, 0.5);
    lc_add_call(&m->entries[middle].phases[0], LC_CALL_SYNC, bottom, 2);
    lc_add_call(&m->entries[top].phases[0], LC_CALL_SYNC, middle, 2);
    lc_add_call(add_customers(m, 30, 2), LC_CALL_SYNC, top, 1);
    return m;
}

/* ---- measurements ------------------------------------------------------------------------------------------------ */

static double yardstick(void)
{
    double times[RUNS];
    for (int run = 0; run < RUNS; run++) {
        struct lc_random r;
        lc_random_init(&r, 1, (uint64_t)run, "yardstick", "");
        const double started = cpu_seconds();
        double now = 0, arrival = 0, departure = INFINITY, area = 0;
        long present = 0, left = 1000000;
        while (left > 0) {
            const double next = arrival < departure ? arrival : departure;
            area += (double)present * (next - now);
            now = next;
            if (arrival < departure) {
                arrival = now + lci_ziggurat_exponential(&r) / 0.9;
                if (present++ == 0)
                    departure = now + lci_ziggurat_exponential(&r);
            } else {
                left--;
                departure = --present > 0 ? now + lci_ziggurat_exponential(&r) : INFINITY;
            }
        }
        times[run] = cpu_seconds() - started + (area < 0);
    }
    return 1e3 * median(times);
}

typedef unsigned __int128 event_key; /* time, sequence */

static event_key heap_key(double time, uint32_t sequence)
{
    uint64_t bits;
    memcpy(&bits, &time, sizeof bits);
    return (event_key)bits << 64 | sequence;
}

static void sift_up(event_key *heap, uint32_t at, event_key event)
{
    for (; at > 1 && event < heap[at / 2]; at /= 2)
        heap[at] = heap[at / 2];
    heap[at] = event;
}

/* `event` takes the place of the first. */
static void replace_first(event_key *heap, uint32_t count, event_key event)
{
    uint32_t at = 1, child;
    while ((child = 2 * at) <= count) {
        child += child < count && heap[child + 1] < heap[child];
        if (event <= heap[child])
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = event;
}

/* The calendar's yardstick: a binary heap of the same keys, whose top is replaced. */
static double hold_heap(uint32_t pending)
{
    double times[RUNS];
    const long holds = 1000000;
    event_key *heap = lc_alloc((pending + 2) * sizeof *heap);
    for (int run = 0; run < RUNS; run++) {
        struct lc_random r;
        lc_random_init(&r, 1, (uint64_t)run, "hold", "");
        for (uint32_t i = 1; i <= pending; i++)
            sift_up(heap, i, heap_key(lci_ziggurat_exponential(&r), i));
        const double started = cpu_seconds();
        for (uint32_t i = 0; i < holds; i++) {
            const uint64_t bits = (uint64_t)(heap[1] >> 64);
            double time;
            memcpy(&time, &bits, sizeof time);
            replace_first(heap, pending, heap_key(time + lci_ziggurat_exponential(&r), pending + i));
        }
        times[run] = cpu_seconds() - started;
    }
    free(heap);
    return 1e9 * median(times) / (double)holds;
}

static double hold(uint32_t pending)
{
    double times[RUNS];
    const long holds = 1000000;
    for (int run = 0; run < RUNS; run++) {
        struct lci_calendar c;
        struct lc_random r;
        lci_calendar_init(&c);
        lc_random_init(&r, 1, (uint64_t)run, "hold", "");
        for (uint32_t i = 0; i < pending; i++)
            lci_schedule(&c, lci_ziggurat_exponential(&r), i);
        double started = 0;
        for (long i = -holds / 2; i < holds; i++) {
            if (i == 0)
                started = cpu_seconds();
            lci_calendar_settle(&c);
            const uint32_t leaf = lci_calendar_take(&c);
            const double time = lci_calendar_time(&c, leaf);
            lci_schedule(&c, time + lci_ziggurat_exponential(&r), c.pending[leaf].what);
        }
        times[run] = cpu_seconds() - started;
        lci_calendar_free(&c);
    }
    return 1e9 * median(times) / (double)holds;
}

/* One replication of a fixed number of events, model compiled and warm. */
static void speed(const char *name, struct lc_model *m, uint64_t events, bool calls)
{
    struct lc_diag diag = {0};
    struct lci_program *program = lci_compile(m, &diag);
    struct lci_engine *e = lci_engine_new(program);
    double times[RUNS], rate = 0;
    lci_engine_reset(e, 1, 0);
    lci_engine_run(e, INFINITY, events / 10);
    for (int run = 0; run < RUNS; run++) {
        const uint64_t first = e->completions;
        const double started = cpu_seconds();
        lci_engine_run(e, INFINITY, e->events + events);
        times[run] = (cpu_seconds() - started) / (double)(e->completions - first);
    }
    double called = 0, completed = (double)e->completions;
    for (uint32_t i = 0; i < program->call_statistics; i++)
        called += e->calls[i].count;
    rate = 1e-6 / median(times);
    rate = calls ? rate * called / completed : rate;
    printf("%-34s %6.2f million %s/s, %.2f yardsticks each\n", name, rate, calls ? "calls" : "completions",
           1e3 / rate / bare);
    lci_engine_free(e);
    lci_program_free(program);
    lc_model_free(m);
    lc_diag_free(&diag);
}

static void speed_of_file(const char *name)
{
    struct lc_diag diag = {0};
    char *path = lc_format("%s/tests/data/lqn/%s.lqnx", SOURCE_DIR, name);
    struct lc_model *m = lc_model_read(path, &diag);
    if (m != NULL)
        speed(name, m, 4000000, false);
    free(path);
    lc_diag_free(&diag);
}

/* `bench_sim events NAME COUNT`: nothing but the event loop, for callgrind --toggle-collect=lci_engine_run. */
static void events_of_file(const char *name, uint64_t events)
{
    struct lc_diag diag = {0};
    char *path = lc_format("%s/tests/data/lqn/%s.lqnx", SOURCE_DIR, name);
    struct lc_model *m = strcmp(name, "mm1") == 0 ? mm1(0.9) : lc_model_read(path, &diag);
    struct lci_program *program = m == NULL ? NULL : lci_compile(m, &diag);
    if (program == NULL) {
        fprintf(stderr, "%s: cannot be simulated\n", name);
        exit(1);
    }
    struct lci_engine *e = lci_engine_new(program);
    lci_engine_reset(e, 1, 0);
    lci_engine_run(e, INFINITY, events);
    printf("%s: %" PRIu64 " events, %" PRIu64 " completions\n", name, e->events, e->completions);
    lci_engine_free(e);
    lci_program_free(program);
    lc_model_free(m);
    free(path);
    lc_diag_free(&diag);
}

/* The whole way: compile, simulate, results. */
static void whole(const char *name, struct lc_model *m, double customers, double rate, unsigned replications)
{
    double times[RUNS];
    for (int run = 0; run < RUNS; run++) {
        struct lc_diag diag = {0};
        struct lc_sim_options options = lc_sim_defaults();
        options.replications = replications;
        options.run_time = customers / rate;
        options.warmup = 0;
        const double started = cpu_seconds();
        lc_result_free(lc_simulate(m, &options, &diag));
        times[run] = cpu_seconds() - started;
        lc_diag_free(&diag);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double seconds = median(times);
    printf("%-34s %6.3f s CPU, %.2f yardsticks, %.1f MB resident at the most so far\n", name, seconds,
           1e9 * seconds / (customers * replications) / bare, (double)usage.ru_maxrss / 1024);
    lc_model_free(m);
}

/* 100 replications on two threads, by the clock. */
static void replications(void)
{
    struct lc_model *m = mm1(0.9);
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.replications = 100;
    options.run_time = 1e6 / 0.9;
    options.warmup = 0;
    options.jobs = 2;
    const double started = cpu_seconds();
    struct lc_result *r = lc_simulate(m, &options, &diag);
    printf("M/M/1, 100 times 1,000,000         %6.2f s on two threads, %.2f s CPU\n", r->elapsed_s,
           cpu_seconds() - started);
    lc_result_free(r);
    lc_diag_free(&diag);
    lc_model_free(m);
}

static void size(int tasks, uint32_t customers)
{
    struct lc_model *m = lc_model_new("large");
    int previous = LC_NONE;
    for (int i = 0; i < tasks; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", i);
        const int entry = add_server(m, name, LC_INFINITE, 1e-3);
        if (previous != LC_NONE && i % 10 != 0)
            lc_add_call(&m->entries[entry].phases[0], LC_CALL_SYNC, previous, 1);
        previous = entry;
    }
    struct lc_activity *users = add_customers(m, customers, 200);
    lc_add_call(users, LC_CALL_SYNC, previous, 1);
    struct lc_diag diag = {0};
    struct lci_program *program = lci_compile(m, &diag);
    struct lci_engine *e = lci_engine_new(program);
    lci_engine_reset(e, 1, 0);
    const double started = cpu_seconds();
    lci_engine_run(e, INFINITY, 4000000);
    printf("%d tasks, %u customers: %.0f bytes a customer, %.2f million events/s\n", tasks, customers,
           (double)(e->thread_capacity * sizeof *e->threads + e->calendar.capacity * LCI_BYTES_A_LEAF) / customers,
           4 / (cpu_seconds() - started));
    lci_engine_free(e);
    lci_program_free(program);
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* A simulation that must have a result. */
static struct lc_result *simulate(const struct lc_model *m, const struct lc_sim_options *options)
{
    struct lc_diag diag = {0};
    struct lc_result *r = lc_simulate(m, options, &diag);
    for (size_t i = 0; i < diag.count; i++)
        fprintf(stderr, "%s\n", diag.messages[i].text);
    if (r == NULL)
        exit(1);
    lc_diag_free(&diag);
    return r;
}

static bool covers(struct lc_estimate e, double exact)
{
    return fabs(e.mean - exact) <= e.ci95;
}

/* At one load, or (0) at three. */
static void coverage(unsigned runs, double only)
{
    const double loads[] = {0.5, 0.8, 0.9};
    for (int i = 0; i < 3; i++) {
        if (only > 0 && loads[i] != only)
            continue;
        struct lc_model *m = mm1(loads[i]);
        unsigned response = 0, queue = 0, busy = 0;
        double events = 0;
        for (unsigned run = 0; run < runs; run++) {
            struct lc_sim_options options = lc_sim_defaults();
            options.precision = 0.05;
            options.seed = run + 1;
            options.jobs = 1;
            struct lc_result *r = simulate(m, &options);
            response += covers(r->workloads[0].response_time, 1 / (1 - loads[i]));
            queue += covers(r->tasks[0].queue_length, loads[i] * loads[i] / (1 - loads[i]));
            busy += covers(r->processors[0].utilization, loads[i]);
            events += (double)r->events;
            lc_result_free(r);
            if ((run + 1) % 100 == 0)
                fprintf(stderr, "load %.1f, %u runs: response %u, queue %u, utilization %u\n", loads[i], run + 1,
                        response, queue, busy);
        }
        printf("coverage at load %.1f in %u runs: response %.1f %%, queue %.1f %%, utilization %.1f %%; %.2f million "
               "events a run\n",
               loads[i], runs, 100.0 * response / runs, 100.0 * queue / runs, 100.0 * busy / runs,
               1e-6 * events / runs);
        lc_model_free(m);
    }
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 2 && strcmp(argv[1], "coverage") == 0) {
        coverage((unsigned)atoi(argv[2]), argc > 3 ? atof(argv[3]) : 0);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "events") == 0) {
        events_of_file(argv[2], strtoull(argv[3], NULL, 10));
        return 0;
    }
    bare = yardstick();
    printf("%-34s %6.1f ns a customer\n", "yardstick: bare M/M/1 loop", bare);
    whole("M/M/1, load 0.9, 1,000,000 customers", mm1(0.9), 1e6, 0.9, 1);
    const uint32_t pending[] = {2, 16, 64, 128, 1024, 16384, 131072};
    for (size_t i = 0; i < sizeof pending / sizeof *pending; i++)
        printf("hold, %6u pending                %6.1f ns, binary heap %.1f ns\n", pending[i], hold(pending[i]),
               hold_heap(pending[i]));
    speed("closed, 10 stations, 100 customers", closed(10, 100), 4000000, false);
    speed("three layers, synchronous", layers(), 4000000, true);
    static const char *const files[] = {"closed-1", "closed-think", "multiserver", "web-shop", "layers-3", "nested"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        speed_of_file(files[i]);
    replications();
    size(10, 100000);
    size(5000, 1000);
    return 0;
}
