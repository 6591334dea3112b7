/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A known model → traces of its simulation → a learned model, which must be the known one: the same tasks and entries,
 * the same ways through every entry (calls, their kinds, numbers and order, forks, second phases), every probability
 * and every mean self time within two standard errors in 95 % of all cases. Standard errors are those of the known
 * distributions, not what the learner says.
 */
#include "support.h"

#include "fit/trace/symbols.h"
#include "loadcast/learn.h"
#include "loadcast/record.h"
#include "loadcast/traffic.h"
#include "model/dist/dist.h"
#include "model/random/generator.h"
#include "support/paths.h"

#include <ctype.h>
#include <unistd.h>

enum { RANDOM = LEISURELY ? 4 : 12 }; /* models */

/* ---- from model to model ----------------------------------------------------------------------------------------- */

struct trip {
    struct lc_symbols *symbols;
    struct lc_learner *learner;
    struct lc_extraction extraction;
    struct lc_learned learned;
};

/* `run`: the seed. */
static char *record(const struct lc_model *model, uint64_t run, const struct lc_record_options *options)
{
    char *file =
        lc_format("round-trip-%ld.%s", (long)getpid(), options->format == LC_RECORD_JAEGER ? "json" : "jsonl.gz");
    struct lc_sim_options simulation = lc_sim_defaults();
    struct lc_recorded recorded;
    struct lc_diag diag = {0};
    simulation.warmup = 0;
    simulation.seed = run;
    lc_record(model, &simulation, options, file, &recorded, &diag);
    require(&diag);
    assert_int_equal(recorded.traces, options->traces);
    assert_int_equal(recorded.unfinished, 0);
    lc_diag_free(&diag);
    return file;
}

static void learn_any(struct trip *trip, const char *file, const struct lc_learn_options *options, bool doubtful)
{
    struct lc_diag diag = {0};
    *trip = (struct trip){.symbols = lci_symbols_new()};
    trip->learner = lc_learner_new(options, trip->symbols);
    lc_learner_add_traces(trip->learner, &file, 1, &(struct lc_tree_options){0}, trip->symbols, &trip->extraction,
                          &diag);
    require(&diag);
    for (size_t i = 0; i < diag.count && !doubtful; i++)
        assert_int_equal(diag.messages[i].severity, LC_NOTE);
    lc_learner_finish(trip->learner, &trip->learned, &diag);
    require(&diag);
    lc_diag_free(&diag);
}

/* Nothing is doubtful about traces of simulations. */
static void learn(struct trip *trip, const char *file, const struct lc_learn_options *options)
{
    learn_any(trip, file, options, false);
}

static void end(struct trip *trip)
{
    lc_learned_free(&trip->learned);
    lc_learner_free(trip->learner);
    lc_extraction_free(&trip->extraction);
    lci_symbols_free(trip->symbols);
}

static void go_on_run(struct trip *trip, const struct lc_model *model, uint64_t run,
                      const struct lc_record_options *options)
{
    char *file = record(model, run, options);
    learn(trip, file, &(struct lc_learn_options){.rare = 0.01});
    unlink(file);
    free(file);
}

static void go(struct trip *trip, const struct lc_model *model, const struct lc_record_options *options)
{
    go_on_run(trip, model, 1, options);
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

struct tally { /* of values that were compared */
    size_t checked, off;
    double worst; /* in standard errors; under load relative */
};

/* The largest number of successes in n trials of 5 % that is not beyond belief (1 in 1000). */
static size_t binomial_limit(size_t n)
{
    double term = pow(0.95, (double)n), sum = term;
    size_t k = 0;
    while (sum < 0.999 && k < n) {
        term *= (double)(n - k) / (double)(k + 1) * 0.05 / 0.95;
        sum += term;
        k++;
    }
    return k;
}

static void judge(const struct tally *tally, const char *what)
{
    print_message("%s: %zu of %zu beyond two standard errors, the farthest %.1f\n", what, tally->off, tally->checked,
                  tally->worst);
    assert_true(tally->checked > 0);
    assert_true(tally->off <= binomial_limit(tally->checked));
    assert_true(tally->worst < 5);
}

static double tick = 1e-9; /* s: times are multiples of it, so that differences of them may be off by two */

static void compare_value(struct tally *tally, double learned, double known, double error, const char *where,
                          const char *path)
{
    const double apart = fmax(fabs(learned - known) - 2 * tick, 0);
    if (apart > 0 && !(error > 0))
        fail_msg("%s: %s: %.9g instead of exactly %.9g", where, path, learned, known);
    const double score = apart > 0 ? apart / error : 0;
    if (score > 4)
        print_message("%s: %s: %.6g instead of %.6g, %.1f standard errors away\n", where, path, learned, known, score);
    tally->checked++;
    tally->off += score > 2;
    tally->worst = fmax(tally->worst, score);
}

static double visits_of(const struct lc_learned *learned, int entry)
{
    for (size_t i = 0; i < learned->entry_count; i++)
        if (learned->entries[i].entry == entry)
            return (double)learned->entries[i].fitted;
    fail_msg("entry '%s' has no summary", learned->model->entries[entry].name);
    return 0;
}

static void print_paths(const char *whose, const struct paths *paths)
{
    print_message("%s%s:\n", whose, paths->good ? "" : " (not all)");
    for (size_t i = 0; i < paths->count; i++)
        print_message("  %.4f %s\n", paths->all[i].probability, paths->all[i].text);
}

static bool same_structure(const struct paths *a, const struct paths *b)
{
    if (!a->good || !b->good || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->all[i].text, b->all[i].text) != 0)
            return false;
    return true;
}

static void compare_entry(const struct paths *known, const struct paths *found, double visits, const char *name,
                          struct tally *means, struct tally *branches)
{
    if (!same_structure(known, found)) {
        print_paths("known", known);
        print_paths("learned", found);
        fail_msg("entry '%s' has another structure", name);
    }
    for (size_t i = 0; i < known->count; i++) {
        const struct path *k = &known->all[i], *f = &found->all[i];
        if (branches != NULL && known->count > 1)
            compare_value(branches, f->probability, k->probability,
                          sqrt(k->probability * (1 - k->probability) / visits), name, k->text);
        if (means == NULL)
            continue;
        for (size_t s = 0; s <= k->steps; s++)
            compare_value(means, f->mean[s], k->mean[s], sqrt(k->variance[s] / (visits * k->probability)), name,
                          k->text);
        if (!(fabs(f->hidden - k->hidden) < 10 * tick))
            fail_msg("%s: %s: a delay, or self time within a fork, of %g s", name, k->text, f->hidden);
    }
}

/* Every entry of the known model that is not a source's is found, and no other. Tallies may be NULL. */
static void compare(const struct lc_model *known, const struct lc_learned *learned, struct tally *means,
                    struct tally *branches)
{
    const struct lc_model *model = learned->model;
    size_t entries = 0, tasks = 0;
    for (size_t i = 0; i < known->task_count; i++) {
        if (lc_is_source(&known->tasks[i]))
            continue;
        tasks++;
        if (lc_find_task(model, known->tasks[i].name) == LC_NONE)
            fail_msg("task '%s' is missing", known->tasks[i].name);
    }
    for (size_t i = 0; i < known->entry_count; i++) {
        const char *name = known->entries[i].name;
        if (lc_is_source(&known->tasks[known->entries[i].task]))
            continue;
        entries++;
        const int found = lc_find_entry(model, name);
        if (found == LC_NONE)
            fail_msg("entry '%s' is missing", name);
        assert_string_equal(model->tasks[model->entries[found].task].name, known->tasks[known->entries[i].task].name);
        struct paths *a = paths_of(known, (int)i), *b = paths_of(model, found);
        compare_entry(a, b, visits_of(learned, found), name, means, branches);
        free(a);
        free(b);
    }
    assert_int_equal(model->task_count, tasks);
    assert_int_equal(model->entry_count, entries);
}

/* ---- models made by hand ----------------------------------------------------------------------------------------- */

/* Requests are so rare that they hardly ever meet. */
#define HEAD                                                                                                           \
    "loadcast: model/1\n"                                                                                              \
    "processors: {p: {}, q: {}, r: {}, s: {}, c: {scheduling: inf}}\n"                                                 \
    "tasks:\n"                                                                                                         \
    "  users: {processor: c, scheduling: open, arrivals: 1000 s, entries: {all: {calls: [web/page], deterministic: "   \
    "true}}}\n"

static const struct {
    const char *name, *text;
} models[] = {
    {"a sequence of services, one of them shared",
     HEAD "  web: {processor: p, entries: {web/page: {demand: 30 ms, calls: [auth/check, shop/list], deterministic: "
          "true}}}\n"
          "  auth: {processor: q, entries: {auth/check: {demand: 20 ms, calls: [db/user], deterministic: true}}}\n"
          "  shop: {processor: r, entries: {shop/list: {demand: 40 ms, calls: [db/list], deterministic: true}}}\n"
          "  db: {processor: s, entries: {db/user: {demand: {mean: 30 ms, cv2: 0.3}}, db/list: {demand: {mean: 50 ms, "
          "cv2: 0.3}}}}\n"},
    {"calls at the same time",
     HEAD "  web:\n    processor: p\n    entries: {web/page: {start: a}}\n"
          "    activities: {a: {demand: 20 ms}, b: {calls: [x/get], deterministic: true}, c: {calls: [y/get], "
          "deterministic: true}, d: {calls: [y/put], deterministic: true}, e: {demand: 30 ms, replies: [web/page]}}\n"
          "    flow: [a -> b & c & d, b & c & d -> e]\n"
          "  x: {processor: q, entries: {x/get: {demand: {mean: 60 ms, cv2: 0.1}}}}\n"
          "  y: {processor: c, multiplicity: infinite, entries: {y/get: {demand: {mean: 50 ms, cv2: 0.1}}, y/put: "
          "{demand: {mean: 70 ms, cv2: 0.1}}}}\n"},
    {"branches",
     HEAD "  web:\n    processor: p\n    entries: {web/page: {start: a}}\n"
          "    activities: {a: {demand: 20 ms}, hit: {demand: 10 ms, replies: [web/page]}, miss: {demand: 20 ms, "
          "calls: [x/get, x/put], deterministic: true, replies: [web/page]}, other: {demand: 60 ms, calls: [x/get], "
          "deterministic: true, replies: [web/page]}}\n"
          "    flow: [a -> (0.6) hit + (0.3) miss + (0.1) other]\n"
          "  x: {processor: q, entries: {x/get: {demand: {mean: 60 ms, cv2: 0.1}}, x/put: {demand: 50 ms}}}\n"},
    {"repeated calls",
     HEAD "  web: {processor: p, entries: {web/page: {demand: 80 ms, calls: {x/get: 3}, deterministic: true}}}\n"
          "  x: {processor: q, entries: {x/get: {demand: 20 ms, calls: {y/get: 2}, deterministic: true}}}\n"
          "  y: {processor: r, entries: {y/get: {demand: {mean: 40 ms, cv2: 0.2}}}}\n"},
    {"a job that nobody waits for",
     HEAD "  web: {processor: p, entries: {web/page: {demand: 60 ms, calls: [x/get, {to: mail/send, kind: async}], "
          "deterministic: true}}}\n"
          "  x: {processor: q, entries: {x/get: {demand: 20 ms}}}\n"
          "  mail: {processor: r, entries: {mail/send: {demand: 90 ms, calls: [smtp/put], deterministic: true}}}\n"
          "  smtp: {processor: s, entries: {smtp/put: {demand: {mean: 200 ms, cv2: 0.2}}}}\n"},
    {"work after the reply",
     HEAD "  web: {processor: p, entries: {web/page: {demand: 60 ms, calls: [x/get, y/get], deterministic: true}}}\n"
          "  x: {processor: q, entries: {x/get: {demand: {mean: 20 ms, cv2: 0.3}, phase2: {demand: {mean: 30 ms, cv2: "
          "0.3}}}}}\n"
          "  y: {processor: r, entries: {y/get: {demand: {mean: 20 ms, cv2: 0.3}}}}\n"},
};

static void hand_made_models_come_back(void **state)
{
    (void)state;
    struct tally means = {0}, branches = {0};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct lc_model *model = parse(models[i].text);
        struct lc_record_options options = lc_record_defaults();
        options.traces = 1500;
        struct trip trip;
        print_message("%s\n", models[i].name);
        go(&trip, model, &options);
        compare(model, &trip.learned, &means, &branches);
        end(&trip);
        lc_model_free(model);
    }
    judge(&means, "mean self times");
    judge(&branches, "probabilities");
}

/* ---- forwarding -------------------------------------------------------------------------------------------------- */

/* The one who was asked passes requests on, always or in part, once or twice: who asked waits for the last answer. Of
 * a job that is sent at the same place nobody waits. */
static const char *const forwarding[] = {
    HEAD "  web: {processor: p, entries: {web/page: {demand: 60 ms, calls: [x/get], deterministic: true}}}\n"
         "  x: {processor: q, entries: {x/get: {demand: {mean: 20 ms, cv2: 0.3}, forwards: {y/get: 1}}}}\n"
         "  y: {processor: r, entries: {y/get: {demand: {mean: 40 ms, cv2: 0.3}}}}\n",
    HEAD
    "  web: {processor: p, entries: {web/page: {demand: 60 ms, calls: [x/get, z/get], deterministic: true}}}\n"
    "  x: {processor: q, entries: {x/get: {demand: {mean: 20 ms, cv2: 0.3}, forwards: {y/get: 0.6, z/put: 0.3}}}}\n"
    "  y: {processor: r, entries: {y/get: {demand: {mean: 40 ms, cv2: 0.3}, forwards: {z/put: 1}}}}\n"
    "  z: {processor: s, entries: {z/get: {demand: 30 ms}, z/put: {demand: {mean: 50 ms, cv2: 0.3}}}}\n",
    HEAD "  web: {processor: p, entries: {web/page: {demand: 60 ms, calls: [x/get], deterministic: true}}}\n"
         "  x: {processor: q, entries: {x/get: {demand: 20 ms, calls: [y/get, {to: mail/send, kind: async}], "
         "deterministic: true}}}\n"
         "  y: {processor: r, entries: {y/get: {demand: {mean: 40 ms, cv2: 0.3}}}}\n"
         "  mail: {processor: s, entries: {mail/send: {demand: {mean: 90 ms, cv2: 0.3}}}}\n",
};

static void compare_forwards(const struct lc_model *known, const struct lc_learned *learned, struct tally *shares)
{
    const struct lc_model *model = learned->model;
    size_t listed = 0;
    for (size_t i = 0; i < learned->fact_count; i++)
        listed += strcmp(learned->facts[i].kind, "forwarding") == 0;
    for (size_t i = 0; i < known->entry_count; i++) {
        const struct lc_entry *k = &known->entries[i];
        if (lc_is_source(&known->tasks[k->task]))
            continue;
        const int found = lc_find_entry(model, k->name);
        const struct lc_entry *f = &model->entries[found];
        assert_int_equal(f->forward_count, k->forward_count);
        listed -= k->forward_count;
        for (size_t n = 0; n < k->forward_count; n++) {
            const double p = k->forwards[n].probability;
            size_t same = 0;
            while (same < f->forward_count &&
                   strcmp(known->entries[k->forwards[n].entry].name, model->entries[f->forwards[same].entry].name) != 0)
                same++;
            assert_true(same < f->forward_count);
            compare_value(shares, f->forwards[same].probability, p, sqrt(p * (1 - p) / visits_of(learned, found)),
                          k->name, "forwards");
        }
    }
    assert_int_equal(listed, 0);
}

static void forwarding_comes_back(void **state)
{
    (void)state;
    struct tally means = {0}, shares = {0};
    for (int skewed = 0; skewed < 2; skewed++)
        for (size_t i = 0; i < sizeof forwarding / sizeof *forwarding; i++) {
            struct lc_model *model = parse(forwarding[i]);
            struct lc_record_options options = lc_record_defaults();
            options.traces = 1000;
            options.skew = skewed ? 2e-3 : 0;
            struct trip trip;
            go(&trip, model, &options);
            compare(model, &trip.learned, skewed ? NULL : &means, NULL);
            compare_forwards(model, &trip.learned, &shares);
            end(&trip);
            lc_model_free(model);
        }
    judge(&means, "mean self times");
    judge(&shares, "shares that are passed on");
}

/* ---- policies ---------------------------------------------------------------------------------------------------- */

/* What failed, was given up, refused or answered by a cache: a share of the calls or visits that is known. Demands are
 * those of the servers whatever became of their answers. */
#define WEB                                                                                                            \
    HEAD "  web: {processor: c, multiplicity: infinite, entries: {web/page: {demand: 10 ms, calls: [photo/get], "      \
         "deterministic: true}}}\n"                                                                                    \
         "  photo: {processor: c, multiplicity: infinite, entries: {photo/get: {demand: 50 ms}}, policies: ["

static double fact(const struct lc_learned *learned, const char *kind, const char *subject)
{
    for (size_t i = 0; i < learned->fact_count; i++)
        if (strcmp(learned->facts[i].kind, kind) == 0 && strcmp(learned->facts[i].subject, subject) == 0)
            return strtod(learned->facts[i].value + strcspn(learned->facts[i].value, "0123456789"), NULL);
    return NAN;
}

static void compare_share(const struct lc_learned *learned, const char *kind, const char *subject, double known,
                          double of, struct tally *shares)
{
    compare_value(shares, fact(learned, kind, subject) / 100, known, sqrt(known * (1 - known) / of) + 0.0005, kind,
                  subject);
}

static double mean_demand(const struct lc_learned *learned, const char *entry)
{
    const int found = lc_find_entry(learned->model, entry);
    assert_int_not_equal(found, LC_NONE);
    assert_false(learned->model->entries[found].phases[1].present);
    return lc_dist_mean(&learned->model->entries[found].phases[0].demand);
}

/* The share of the visits with n calls of the same entry, one after the other. */
static double with_calls(const struct lc_learned *learned, const char *entry, const char *called, size_t n)
{
    struct paths *paths = paths_of(learned->model, lc_find_entry(learned->model, entry));
    double sum = 0;
    assert_true(paths->good);
    for (size_t i = 0; i < paths->count; i++) {
        size_t calls = 0;
        for (const char *at = paths->all[i].text; (at = strstr(at, called)) != NULL; at++)
            calls++;
        sum += calls == n ? paths->all[i].probability : 0;
    }
    free(paths);
    return sum;
}

static void retries_come_back(void **state)
{
    (void)state;
    /* An attempt is given up with probability p = exp(-60/50), and none waits. */
    static const char retried[] = WEB "{timeout: 60 ms, retries: {max: 2, backoff: 10 ms}}]}\n";
    const double p = exp(-1.2), attempts = 1 + p + p * p, visits = 3000;
    struct tally shares = {0};
    for (int jaeger = 0; jaeger < 2; jaeger++) {
        struct lc_model *model = parse(retried);
        struct lc_record_options options = lc_record_defaults();
        options.traces = (uint64_t)visits;
        options.format = jaeger ? LC_RECORD_JAEGER : LC_RECORD_OTLP;
        options.skew = jaeger ? 1e-3 : 0;
        struct trip trip;
        go(&trip, model, &options);
        const struct lc_learned *l = &trip.learned;
        compare_share(l, "retries", "web/page → photo/get", (p + p * p) / attempts, visits * attempts, &shares);
        compare_share(l, "errors", "web/page", p * p * p, visits, &shares);
        assert_true(fabs(fact(l, "given up", "web/page → photo/get") - 60) < 0.1);
        for (size_t n = 1; n <= 3; n++) {
            const double known = n < 3 ? pow(p, (double)n - 1) * (1 - p) : p * p;
            compare_value(&shares, with_calls(l, "web/page", "photo/get", n), known, sqrt(known * (1 - known) / visits),
                          "web/page", "numbers of calls");
        }
        compare_value(&shares, mean_demand(l, "photo/get"), 0.05, 0.05 / sqrt(visits * attempts), "photo/get", "mean");
        end(&trip);
        lc_model_free(model);
    }
    judge(&shares, "retries");
}

static void refused_calls_and_hits_come_back(void **state)
{
    (void)state;
    /* Erlang: of Poisson arrivals each 40 ms at 50 ms of service 5/9 find a request under way; these are no service. */
    static const char full[] = WEB "{bulkhead: 1}]}\n";
    static const char cached[] = WEB "{cache: {hit_ratio: 70 %, hit_time: 1 ms}}]}\n";
    const double visits = 3000, blocked = 1.25 / 2.25;
    struct tally shares = {0};
    struct lc_record_options options = lc_record_defaults();
    options.traces = (uint64_t)visits;
    struct trip trip;
    struct lc_model *model = parse(full);
    lc_dist_free(&model->tasks[lc_find_task(model, "users")].arrivals);
    model->tasks[lc_find_task(model, "users")].arrivals = lc_dist_exponential(0.04);
    go(&trip, model, &options);
    compare_share(&trip.learned, "refused calls", "web/page → photo/get", blocked, visits, &shares);
    compare_share(&trip.learned, "errors", "web/page", blocked, visits, &shares);
    compare_value(&shares, with_calls(&trip.learned, "web/page", "photo/get", 0), blocked,
                  sqrt(blocked * (1 - blocked) / visits), "web/page", "no call");
    compare_value(&shares, mean_demand(&trip.learned, "photo/get"), 0.05, 0.05 / sqrt(visits * (1 - blocked)),
                  "photo/get", "mean");
    assert_int_equal(trip.learned.model->entry_count, 2);
    end(&trip);
    lc_model_free(model);
    model = parse(cached);
    go(&trip, model, &options);
    compare_value(&shares, with_calls(&trip.learned, "web/page", "photo/get", 0), 0.7, sqrt(0.7 * 0.3 / visits),
                  "web/page", "hits");
    compare_share(&trip.learned, "cache hits", "web/page → photo cache/GET", 0.7, visits, &shares);
    compare_value(&shares, mean_demand(&trip.learned, "photo cache/GET"), 0.7e-3, 1e-3 * sqrt(0.7 * 0.3 / visits),
                  "photo cache/GET", "mean"); /* hits take 1 ms, misses nothing */
    end(&trip);
    lc_model_free(model);
    judge(&shares, "refused calls and cache hits");
}

/* ---- numbers of calls that vary ---------------------------------------------------------------------------------- */

/* A geometric number of calls and a loop: too many ways to list. Visits and times per request are compared. */
static const char repeating[] =
    HEAD "  web: {processor: p, entries: {web/page: {demand: 60 ms, calls: {x/get: 2}}}}\n"
         "  x:\n    processor: q\n    entries: {x/get: {start: a}}\n"
         "    activities: {a: {demand: 10 ms}, b: {demand: 10 ms, calls: [y/get], deterministic: true}, c: {demand: 20 "
         "ms, replies: [x/get]}}\n"
         "    flow: ['a -> 1.5 * b, c']\n"
         "  y: {processor: r, entries: {y/get: {demand: 30 ms}}}\n";

static struct lc_traffic traffic_of(const struct lc_model *model)
{
    struct lc_traffic traffic;
    struct lc_diag diag = {0};
    lc_traffic_solve(model, &traffic, &diag);
    require(&diag);
    lc_diag_free(&diag);
    return traffic;
}

static void numbers_of_calls_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {"web/page", "x/get", "y/get"};
    /* variances of the numbers per request: a geometric number of mean m has m + m²; a sum of N such numbers has
     * E[N] (m + m²) + Var[N] m² */
    const double variances[] = {0, 2 + 2 * 2, 2 * (1.5 + 1.5 * 1.5) + 6 * 1.5 * 1.5};
    const double requests = 3000;
    struct lc_model *model = parse(repeating);
    struct lc_record_options options = lc_record_defaults();
    options.traces = (uint64_t)requests;
    struct trip trip;
    go(&trip, model, &options);
    struct lc_model *learned = trip.learned.model;
    learned->entries[lc_find_entry(learned, "web/page")].open_rate = 1e-3;
    struct lc_traffic a = traffic_of(model), b = traffic_of(learned);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int known = lc_find_entry(model, names[i]), found = lc_find_entry(learned, names[i]);
        const double visits = b.entry_rate[found] * 1e3, expected = a.entry_rate[known] * 1e3;
        print_message("%s: %.4g visits of %.4g, %.4g s of %.4g s\n", names[i], visits, expected, b.entry_total[found],
                      a.entry_total[known]);
        assert_true(fabs(visits - expected) <= 4 * sqrt(variances[i] / requests) + 1e-9);
        assert_true(fabs(b.entry_total[found] / a.entry_total[known] - 1) < 0.1);
    }
    lc_traffic_free(&a);
    lc_traffic_free(&b);
    end(&trip);
    lc_model_free(model);
}

/* ---- random models ----------------------------------------------------------------------------------------------- */

/* Services call later ones, in ways that traces can tell apart: sequences, repeated calls, forks that call at once,
 * branches, jobs, work after the reply. Entries exist from when they are first called. */
enum { SERVICES = 5, OPERATIONS = 3, JOB = 2 }; /* the last operation of a service is a job */

struct maker {
    struct lc_model *model;
    struct lc_random random;
    int tasks[SERVICES], entries[SERVICES][OPERATIONS];
    int number; /* of activities */
};

static int below(struct maker *g, int n)
{
    return (int)lci_random_below(&g->random, (uint64_t)n);
}

static struct lc_dist self_time(struct maker *g)
{
    const double mean = 1e-3 * (5 + below(g, 50));
    switch (below(g, 4)) {
    case 0: return lc_dist_deterministic(mean);
    case 1: return lci_dist_moments(mean, 0.3);
    case 2: return lci_dist_moments(mean, 2);
    default: return lc_dist_exponential(mean);
    }
}

static int entry_of(struct maker *g, int service, int operation)
{
    if (g->tasks[service] == LC_NONE) {
        char *name = lc_format("service%d", service);
        const int processor = lc_add_processor(g->model, name);
        g->model->processors[processor].scheduling = LC_INF;
        g->tasks[service] = lc_add_task(g->model, name, processor);
        g->model->tasks[g->tasks[service]].multiplicity = LC_INFINITE;
        free(name);
    }
    if (g->entries[service][operation] == LC_NONE) {
        char *name = lc_format("service%d/%s%c", service, operation == JOB ? "job" : "get", 'A' + operation);
        g->entries[service][operation] = lc_add_entry(g->model, name, g->tasks[service]);
        free(name);
    }
    return g->entries[service][operation];
}

static int activity(struct maker *g, int task)
{
    char *name = lc_format("a%d", g->number++);
    const int index = lc_add_activity(g->model, task, name);
    free(name);
    return index;
}

static int self_activity(struct maker *g, int task)
{
    const int index = activity(g, task);
    g->model->tasks[task].activities[index].demand = self_time(g);
    return index;
}

static int call_activity(struct maker *g, int task, int service, int operation, double times)
{
    const int to = entry_of(g, service, operation), index = activity(g, task);
    struct lc_activity *a = &g->model->tasks[task].activities[index];
    a->deterministic = true;
    lc_add_call(a, operation == JOB ? LC_CALL_ASYNC : LC_CALL_SYNC, to, times);
    return index;
}

static void then(struct maker *g, int task, const int *from, size_t from_count, const int *to, size_t to_count)
{
    lc_add_precedence(&g->model->tasks[task], from_count > 1 ? LC_JOIN_AND : LC_JOIN_NONE, from, from_count,
                      to_count > 1 ? LC_FORK_AND : LC_FORK_NONE, to, NULL, to_count, LC_NONE);
}

/* One or two steps, each followed by self time; not two jobs, because the learner does not tell the time between two
 * sends. Returns the last activity. */
static int add_steps(struct maker *g, int service, int last)
{
    const int task = g->tasks[service], later = SERVICES - 1 - service;
    int kind = 0;
    for (int n = 1 + below(g, 2); n > 0; n--) {
        int calls[2], self = self_activity(g, task);
        const int to = service + 1 + below(g, later);
        kind = kind == 1 ? 2 : below(g, 4);
        const size_t count = kind == 0 ? 2 : 1;
        if (kind == 0) { /* at the same time */
            calls[0] = call_activity(g, task, to, 0, 1);
            calls[1] = call_activity(g, task, to, 1, 1);
        } else {
            calls[0] = call_activity(g, task, to, kind == 1 ? JOB : below(g, 2), kind == 2 ? 2 : 1);
        }
        then(g, task, &last, 1, calls, count);
        then(g, task, calls, count, &self, 1);
        last = self;
    }
    return last;
}

static void add_graph(struct maker *g, int service, int entry, bool branches, bool job)
{
    static const double weights[] = {0.5, 0.3, 0.2};
    const int task = g->tasks[service], first = self_activity(g, task);
    g->model->entries[entry].start = first;
    if (!branches) {
        const int last = add_steps(g, service, first);
        if (!job)
            lc_add_reply(&g->model->tasks[task].activities[last], entry);
        if (job || below(g, 4) > 0)
            return;
        const int after = self_activity(g, task);
        then(g, task, &last, 1, &after, 1);
        return;
    }
    int post[3];
    for (int i = 0; i < 3; i++) {
        post[i] = self_activity(g, task);
        const int last = i == 0 ? post[i] : add_steps(g, service, post[i]);
        lc_add_reply(&g->model->tasks[task].activities[last], entry);
    }
    lc_add_precedence(&g->model->tasks[task], LC_JOIN_NONE, &first, 1, LC_FORK_OR, post, weights, 3, LC_NONE);
}

static void add_leaf(struct maker *g, int entry, bool job)
{
    struct lc_entry *e = &g->model->entries[entry];
    e->phases[0].demand = self_time(g);
    e->phases[0].present = true;
    if (job || below(g, 4) > 0)
        return;
    e->phases[1].demand = self_time(g);
    e->phases[1].present = true;
}

static void add_users(struct maker *g)
{
    const int processor = lc_add_processor(g->model, "users");
    const int users = lc_add_task(g->model, "users", processor);
    g->model->processors[processor].scheduling = LC_INF;
    g->model->tasks[users].scheduling = LC_OPEN;
    g->model->tasks[users].arrivals = lc_dist_exponential(1);
    const int all = lc_add_entry(g->model, "all", users), root = entry_of(g, 0, 0);
    g->model->entries[all].phases[0].deterministic = true;
    lc_add_call(&g->model->entries[all].phases[0], LC_CALL_SYNC, root, 1);
}

static struct lc_model *random_services(uint64_t seed)
{
    struct maker g = {.model = lc_model_new("random")};
    lc_random_init(&g.random, seed, 0, "model", "test");
    for (int i = 0; i < SERVICES; i++) {
        g.tasks[i] = LC_NONE;
        for (int k = 0; k < OPERATIONS; k++)
            g.entries[i][k] = LC_NONE;
    }
    add_users(&g);
    for (int i = 0; i < SERVICES; i++)
        for (int k = 0; k < OPERATIONS; k++) {
            const int entry = g.entries[i][k];
            if (entry == LC_NONE)
                continue;
            if (i + 1 == SERVICES || (i > 0 && below(&g, 3) == 0))
                add_leaf(&g, entry, k == JOB);
            else
                add_graph(&g, i, entry, i == 0 || (i == 1 && k == 0), k == JOB);
        }
    struct lc_diag diag = {0};
    lc_model_check(g.model, &diag);
    require(&diag);
    lc_diag_free(&diag);
    return g.model;
}

static void random_model_comes_back(uint64_t seed, const struct lc_record_options *options, struct tally *means,
                                    struct tally *branches)
{
    struct lc_model *model = random_services(seed);
    struct trip trip;
    go_on_run(&trip, model, seed, options);
    compare(model, &trip.learned, means, branches);
    end(&trip);
    lc_model_free(model);
}

static void random_models_come_back(void **state)
{
    (void)state;
    struct tally means = {0}, branches = {0};
    struct lc_record_options options = lc_record_defaults();
    options.traces = 500;
    for (uint64_t seed = 1; seed <= RANDOM; seed++)
        random_model_comes_back(seed, &options, &means, &branches);
    judge(&means, "mean self times");
    judge(&branches, "probabilities");
}

/* Gives every service of a random model so many threads that they are 60 % busy at the most at the rate of the users,
 * and 40 % at the least. Returns the number of capacities. */
static size_t load_to_60(struct lc_model *model, double rate, struct lc_capacity *capacities)
{
    struct lc_traffic traffic;
    size_t count = 0;
    const int users = lc_find_task(model, "users");
    lc_dist_free(&model->tasks[users].arrivals);
    model->tasks[users].arrivals = lc_dist_exponential(1 / rate);
    traffic = traffic_of(model);
    for (size_t t = 0; t < model->task_count; t++) {
        if ((int)t == users)
            continue;
        struct lc_task *task = &model->tasks[t];
        task->multiplicity = (uint32_t)fmax(ceil(traffic.task_utilization[t] / 0.6), 1);
        capacities[count++] = (struct lc_capacity){task->name, 1, task->multiplicity, 0};
    }
    lc_traffic_free(&traffic);
    return count;
}

/* Of one visit, on all its ways. */
static double self_of(const struct lc_model *model, int entry)
{
    struct paths *paths = paths_of(model, entry);
    double sum = 0;
    for (size_t i = 0; i < paths->count; i++)
        for (size_t s = 0; s <= paths->all[i].steps; s++)
            sum += paths->all[i].probability * paths->all[i].mean[s];
    free(paths);
    return sum;
}

static void learn_loaded(struct trip *trip, const struct lc_model *model, const struct lc_record_options *recording,
                         const struct lc_learn_options *learning)
{
    char *file = record(model, 1, recording);
    learn_any(trip, file, learning, true);
    unlink(file);
    free(file);
}

/* Mean self times, what forks hide left aside: with waiting taken out they are those of the same run recorded without
 * waiting. Counts those that are off by more than 5 %. */
static void loaded_random_model_comes_back(uint64_t seed, size_t traces, struct tally *means)
{
    struct lc_capacity capacities[SERVICES];
    struct lc_model *model = random_services(seed);
    struct lc_record_options recording = lc_record_defaults();
    struct lc_learn_options learning = {.rare = 0.01};
    struct trip served, trip;
    recording.traces = traces;
    const size_t capacity_count = load_to_60(model, 40, capacities);
    recording.without_queues = true;
    learn_loaded(&served, model, &recording, &learning);
    recording.without_queues = false;
    learning.capacities = capacities;
    learning.capacity_count = capacity_count;
    learning.load = LC_LOAD_MEASURED;
    learn_loaded(&trip, model, &recording, &learning);
    for (size_t i = 0; i < model->entry_count; i++) {
        const struct lc_entry *entry = &model->entries[i];
        if (strcmp(model->tasks[entry->task].name, "users") == 0)
            continue;
        const int known = lc_find_entry(served.learned.model, entry->name);
        const int found = lc_find_entry(trip.learned.model, entry->name);
        assert_true(known != LC_NONE && found != LC_NONE);
        const double self = self_of(served.learned.model, known), learned = self_of(trip.learned.model, found);
        const double apart = fabs(learned / self - 1);
        means->checked++;
        means->off += apart > 0.05;
        means->worst = fmax(means->worst, apart);
        if (apart > 0.05)
            print_message("seed %u under load, %s: %.4g s of %.4g s\n", (unsigned)seed, entry->name, learned, self);
    }
    end(&trip);
    end(&served);
    lc_model_free(model);
}

static void loaded_random_models_come_back(void **state)
{
    (void)state;
    static const uint64_t seeds[] = {7, 8, 21}; /* requests behind jobs, requests sent together, waits that are rare */
    struct tally means = {0};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        loaded_random_model_comes_back(seeds[i], 1000, &means);
    print_message("%zu means are off by %.2f %% at the most\n", means.checked, 100 * means.worst);
    assert_int_equal(means.off, 0);
    assert_true(means.worst < 0.03);
}

/* Many more of them, each with good clocks, with clocks that are wrong and of whole µs, with coarse ones and a sample
 * of the requests, and under load; run by hand. */
static struct tally many_means[3], many_branches[3], many_loaded;

static void one_of_many_comes_back(void **state)
{
    const uint64_t *seed = *state;
    struct lc_record_options options = lc_record_defaults();
    options.traces = 500;
    tick = 1e-9;
    random_model_comes_back(*seed, &options, &many_means[0], &many_branches[0]);
    options.skew = 2e-3;
    options.tick = 1000;
    tick = 1e-6;
    random_model_comes_back(*seed, &options, &many_means[1], &many_branches[1]);
    options.tick = 1000000;
    options.sampling = 0.3;
    tick = 1e-3;
    random_model_comes_back(*seed, &options, NULL, &many_branches[2]);
    loaded_random_model_comes_back(*seed, 8000, &many_loaded);
}

static int run_many(uint64_t first, uint64_t last)
{
    static const char *const clocks[] = {"good clocks", "clocks of whole us that are wrong", "clocks of whole ms"};
    int failed = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        char *name = lc_format("random model %u", (unsigned)seed);
        const struct CMUnitTest test[] = {{.name = name, .test_func = one_of_many_comes_back, .initial_state = &seed}};
        failed += cmocka_run_group_tests(test, NULL, NULL);
        free(name);
    }
    for (int i = 0; i < 3; i++)
        print_message("%s: means %zu of %zu, probabilities %zu of %zu beyond two standard errors\n", clocks[i],
                      many_means[i].off, many_means[i].checked, many_branches[i].off, many_branches[i].checked);
    print_message("under load: means %zu of %zu are off by more than 5 %%, the farthest by %.1f %%\n", many_loaded.off,
                  many_loaded.checked, 100 * many_loaded.worst);
    print_message("%d models did not come back\n", failed);
    return failed;
}

/* ---- recorded traces as shapes ----------------------------------------------------------------------------------- */

/* Models learned from recordings are the known ones. Simulated traces hold no network: time between caller and callee
 * becomes self time before the call. Where several calls go out together it is left out, for whether they overlap would
 * depend on it. */

static const struct lc_precedence *before(const struct lc_task *task, int activity)
{
    for (size_t i = 0; i < task->precedence_count; i++)
        for (size_t k = 0; k < task->precedences[i].post_count; k++)
            if (task->precedences[i].post[k] == activity)
                return &task->precedences[i];
    return NULL;
}

static bool in_fork(const struct lc_task *task, int activity)
{
    const struct lc_precedence *p = before(task, activity);
    while (p != NULL && p->fork != LC_FORK_AND && p->pre_count == 1)
        p = before(task, p->pre[0]);
    return p != NULL && p->fork == LC_FORK_AND;
}

static void think_before(struct lc_model *model, int task, int activity)
{
    char *name = lc_format("%s_network", model->tasks[task].activities[activity].name);
    const int network = lc_add_activity(model, task, name);
    free(name);
    struct lc_task *t = &model->tasks[task];
    t->activities[network].demand = t->activities[activity].think;
    t->activities[activity].think = (struct lc_dist){0};
    for (size_t i = 0; i < t->precedence_count; i++)
        for (size_t k = 0; k < t->precedences[i].post_count; k++)
            if (t->precedences[i].post[k] == activity)
                t->precedences[i].post[k] = network;
    for (size_t i = 0; i < model->entry_count; i++)
        if (model->entries[i].task == task && model->entries[i].start == activity)
            model->entries[i].start = network;
    lc_add_precedence(t, LC_JOIN_NONE, &network, 1, LC_FORK_NONE, &activity, NULL, 1, LC_NONE);
}

static void make_known(const struct lc_learned *learned)
{
    struct lc_model *model = learned->model;
    for (size_t t = 0; t < model->task_count; t++) {
        model->tasks[t].service = true; /* what helpers do would be their callers' */
        for (int a = 0; a < (int)model->tasks[t].activity_count; a++) {
            struct lc_activity *activity = &model->tasks[t].activities[a];
            if (activity->think.family == NULL)
                continue;
            if (in_fork(&model->tasks[t], a)) {
                lc_dist_free(&activity->think);
                activity->think = (struct lc_dist){0};
            } else {
                think_before(model, (int)t, a);
            }
        }
    }
    for (size_t i = 0; learned->roots[i] != NULL; i++) {
        const int root = lc_find_entry(model, learned->roots[i]);
        if (root != LC_NONE)
            model->entries[root].open_rate = 1e-4;
    }
}

/* `state`: the file or folder. */
static void shape_comes_back(void **state)
{
    const char *recording = *state;
    struct trip seen, trip;
    struct tally means = {0}, branches = {0};
    learn_any(&seen, recording, &(struct lc_learn_options){.rare = 0.01}, true);
    const struct lc_model *known = seen.learned.model;
    make_known(&seen.learned);
    struct lc_record_options options = lc_record_defaults();
    options.traces = 500;
    char *file = record(known, 1, &options);
    learn(&trip, file, &(struct lc_learn_options){.rare = 0.002});
    unlink(file);
    free(file);
    compare(known, &trip.learned, &means, &branches);
    print_message("%s: %zu entries\n", recording, known->entry_count);
    judge(&means, "mean self times");
    if (branches.checked > 0)
        judge(&branches, "probabilities");
    end(&trip);
    end(&seen);
}

/* The recordings that come with the project; of a test recording with a request or two, the shape is what counts. */
static void recordings_come_back(void **state)
{
    (void)state;
    static const char *const recordings[] = {TEST_DATA "/../../scenarios/search/traces/full-seq-r1.otlp.jsonl.gz",
                                             TEST_DATA "/traces/equal.otlp.jsonl",
                                             TEST_DATA "/traces/jaeger-quirks.json",
                                             TEST_DATA "/traces/jaeger-v3.json",
                                             TEST_DATA "/traces/otlp-quirks.jsonl",
                                             TEST_DATA "/traces/pods.csv",
                                             TEST_DATA "/traces/tempo.json",
                                             TEST_DATA "/traces/zipkin-shared.json",
                                             TEST_DATA "/traces/zipkin-v1.json"};
    for (size_t i = 0; i < sizeof recordings / sizeof *recordings; i++)
        shape_comes_back((void **)&recordings[i]);
}

/* ---- what recordings do to traces -------------------------------------------------------------------------------- */

/* Clocks that are wrong and coarse, and a part of the requests, leave the structure as it is. */
static struct lc_record_options with_bad_clocks(uint64_t traces)
{
    struct lc_record_options options = lc_record_defaults();
    options.traces = traces;
    options.skew = 2e-3;
    options.tick = 1000000;
    options.sampling = 0.3;
    return options;
}

static void bad_clocks_and_sampling_leave_the_structure(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct lc_model *model = parse(models[i].text);
        const struct lc_record_options options = with_bad_clocks(200);
        struct trip trip;
        print_message("%s\n", models[i].name);
        go(&trip, model, &options);
        compare(model, &trip.learned, NULL, NULL);
        end(&trip);
        lc_model_free(model);
    }
}

/* Self times of a third of the clock's unit: their variance comes back from that of whole visits, and where nothing is
 * known but the mean, of what calls nobody, it is taken for exponential. */
static void times_below_the_clock_keep_their_variance(void **state)
{
    (void)state;
    static const struct {
        const char *demand;
        double cv2, error; /* standard */
    } truths[] = {{"{deterministic: 0.3}", 0, 0.18},
                  {"{erlang: {shape: 4, mean: 0.3}}", 0.25, 0.18},
                  {"{mean: 0.3, cv2: 4}", 4, 0.4}};
    struct lc_record_options options = lc_record_defaults();
    options.traces = 4000;
    options.tick = 1000000;
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        const char *demand = truths[i].demand;
        char *text = lc_format(
            "loadcast: model/1\ntime_unit: ms\n"
            "processors: {client: {scheduling: inf}, p: {scheduling: inf}}\n"
            "tasks:\n"
            "  users: {processor: client, scheduling: ref, think_time: 7.3 ms, entries: {go: {calls: [page]}}}\n"
            "  web: {processor: p, scheduling: inf, entries: {page: {start: a}}, flow: [a -> b, b -> c, c -> d, d -> "
            "e],\n"
            "        activities: {a: {demand: %s}, b: {calls: [read]}, c: {demand: %s}, d: {calls: [write]},\n"
            "                     e: {demand: %s, replies: [page]}}}\n"
            "  db: {processor: p, scheduling: inf, entries: {read: {demand: 3, calls: [log]}, write: {demand: 2}}}\n"
            "  disk: {processor: p, scheduling: inf, entries: {log: {demand: %s}}}\n",
            demand, demand, demand, demand);
        struct lc_model *model = parse(text);
        struct trip trip;
        go(&trip, model, &options);
        const struct lc_model *learned = trip.learned.model;
        const struct lc_task *web = &learned->tasks[lc_find_task(learned, "web")];
        double cv2 = 0;
        for (size_t a = 0; a < web->activity_count; a++)
            if (web->activities[a].demand.family != NULL)
                cv2 += lc_dist_cv2(&web->activities[a].demand) / 3;
        print_message("%s: c² %.2f\n", demand, cv2);
        assert_true(fabs(cv2 - truths[i].cv2) < 3 * truths[i].error);
        const struct lc_entry *log = &learned->entries[lc_find_entry(learned, "disk/log")];
        assert_string_equal(log->phases[0].demand.family->name, "exponential");
        end(&trip);
        lc_model_free(model);
        free(text);
    }
}

/* These call the same operations at the same time and one after the other, with less than a millisecond between. */
static void bad_clocks_leave_the_structure_of_random_models(void **state)
{
    (void)state;
    static const uint64_t seeds[] = {9, 17, 43, 51};
    struct tally branches = {0};
    const struct lc_record_options options = with_bad_clocks(100);
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        random_model_comes_back(seeds[i], &options, NULL, &branches);
    judge(&branches, "probabilities");
}

/* ---- the same traces in two formats ------------------------------------------------------------------------------ */

struct dump { /* a line per node */
    const struct lc_symbols *symbols;
    char *text;
    size_t length;
    FILE *out;
};

static int dump_tree(void *context, const struct lc_tree *tree)
{
    const struct dump *dump = context;
    fprintf(dump->out, "%016llx%016llx\n", (unsigned long long)tree->trace->high, (unsigned long long)tree->trace->low);
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *n = &tree->nodes[i];
        fprintf(dump->out, "%llx %llx %d %s %s %s %d %d %lld %lld %lld %lld %lld %lld %lld %lld\n",
                (unsigned long long)n->id, (unsigned long long)n->client_id, n->parent,
                lci_symbol_text(dump->symbols, n->task), lci_symbol_text(dump->symbols, n->entry),
                lci_symbol_text(dump->symbols, n->instance), n->edge, n->group, (long long)n->start, (long long)n->end,
                (long long)n->request, (long long)n->response, (long long)n->self, (long long)n->relative,
                (long long)n->network_latency, (long long)n->queue_delay);
    }
    return 0;
}

static char *trees_of(const struct lc_model *model, const struct lc_record_options *options)
{
    char *file = record(model, 1, options);
    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_extraction extraction;
    struct lc_diag diag = {0};
    struct dump dump = {.symbols = symbols};
    dump.out = open_memstream(&dump.text, &dump.length);
    lc_trees_read((const char *const *)&file, 1, &(struct lc_tree_options){0}, symbols, dump_tree, &dump, &extraction,
                  &diag);
    require(&diag);
    fclose(dump.out);
    for (int kind = 0; kind < LC_REPAIR_KINDS; kind++) /* nothing about the spans is wrong */
        assert_int_equal(extraction.reading.repairs.count[kind], 0);
    assert_int_equal(extraction.trees, options->traces);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
    unlink(file);
    free(file);
    return dump.text;
}

static void both_formats_give_the_same_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        for (int variant = 0; variant < 3; variant++) {
            struct lc_model *model = parse(models[i].text);
            struct lc_record_options options = lc_record_defaults();
            options.traces = 100;
            options.tick = variant == 1 ? 1000000 : 1000; /* what Jaeger can hold */
            options.skew = variant == 1 ? 2e-3 : 0;
            options.servers_only = variant == 2;
            char *otlp = trees_of(model, &options);
            options.format = LC_RECORD_JAEGER;
            char *jaeger = trees_of(model, &options);
            assert_true(strlen(otlp) > 1000);
            assert_string_equal(otlp, jaeger);
            free(otlp);
            free(jaeger);
            lc_model_free(model);
        }
}

/* ---- under load -------------------------------------------------------------------------------------------------- */

/* Every service is 60 % busy: cores that are shared, one thread, several threads, threads that wait for others, and
 * consumers of a queue. */
static const char loaded[] =
    "loadcast: model/1\n"
    "processors: {p: {scheduling: ps, multiplicity: 2}, q: {}, c: {scheduling: inf}}\n"
    "tasks:\n"
    "  users: {processor: c, scheduling: open, arrivals: 50 ms, entries: {all: {calls: [web/page], deterministic: "
    "true}}}\n"
    "  web: {processor: p, multiplicity: infinite, entries: {web/page: {demand: 60 ms, calls: [auth/check, shop/list, "
    "{to: mail/send, kind: async}], deterministic: true}}}\n"
    "  auth: {processor: q, entries: {auth/check: {demand: 30 ms}}}\n"
    "  shop: {processor: c, multiplicity: 6, entries: {shop/list: {demand: 20 ms, calls: [db/list], deterministic: "
    "true}}}\n"
    "  db: {processor: c, multiplicity: 4, entries: {db/list: {demand: 120 ms}}}\n"
    "  mail: {processor: c, multiplicity: 2, entries: {mail/send: {demand: 60 ms}}}\n";

static void waiting_is_taken_out_of_loaded_traces(void **state)
{
    (void)state;
    static const struct lc_capacity capacities[] = {
        {"web", 1, 0, 2}, {"auth", 1, 1, 0}, {"shop", 1, 6, 0}, {"db", 1, 4, 0}, {"mail", 1, 2, 0}};
    struct lc_model *model = parse(loaded);
    struct lc_record_options options = lc_record_defaults();
    options.traces = 8000;
    char *file = record(model, 1, &options);
    struct trip trip;
    const struct lc_learn_options learning = {.rare = 0.01,
                                              .load = LC_LOAD_MEASURED,
                                              .capacities = capacities,
                                              .capacity_count = sizeof capacities / sizeof *capacities};
    learn(&trip, file, &learning);
    compare(model, &trip.learned, NULL, NULL);
    for (size_t i = 0; i < model->entry_count; i++) {
        const int found = lc_find_entry(trip.learned.model, model->entries[i].name);
        if (found == LC_NONE)
            continue;
        struct paths *a = paths_of(model, (int)i), *b = paths_of(trip.learned.model, found);
        for (size_t s = 0; s <= a->all[0].steps; s++) {
            print_message("%s, self time %zu: %.4g s of %.4g s\n", model->entries[i].name, s, b->all[0].mean[s],
                          a->all[0].mean[s]);
            assert_true(fabs(b->all[0].mean[s] / a->all[0].mean[s] - 1) < 0.05);
        }
        free(a);
        free(b);
    }
    end(&trip);
    lc_model_free(model);
    unlink(file);
    free(file);
}

/* With names of recordings: whether these come back. With two numbers: random models from the one to the other. */
static int run_recordings(char **files, size_t count)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        const struct CMUnitTest test[] = {{.name = files[i], .test_func = shape_comes_back, .initial_state = files[i]}};
        failed += cmocka_run_group_tests(test, NULL, NULL);
    }
    return failed;
}

int main(int argc, char **argv)
{
    if (argc == 3 && isdigit((unsigned char)*argv[1]))
        return run_many(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
    if (argc > 1)
        return run_recordings(argv + 1, (size_t)argc - 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_models_come_back),
        cmocka_unit_test(forwarding_comes_back),
        cmocka_unit_test(retries_come_back),
        cmocka_unit_test(refused_calls_and_hits_come_back),
        cmocka_unit_test(numbers_of_calls_come_back),
        cmocka_unit_test(random_models_come_back),
        cmocka_unit_test(recordings_come_back),
        cmocka_unit_test(bad_clocks_and_sampling_leave_the_structure),
        cmocka_unit_test(bad_clocks_leave_the_structure_of_random_models),
        cmocka_unit_test(times_below_the_clock_keep_their_variance),
        cmocka_unit_test(both_formats_give_the_same_trees),
        cmocka_unit_test(waiting_is_taken_out_of_loaded_traces),
        cmocka_unit_test(loaded_random_models_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
