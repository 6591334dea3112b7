/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was learned of traces → the text of a scenario. */
#include "base/utc.h"
#include "first_scenario.h"

#include "base/quoted.h"

#include <ctype.h>
#include <gsl/gsl_cdf.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NO_RECORDING  SIZE_MAX
#define LOOKS_LIMITED "seen so often, and never more: it looks like a limit"
#define MOST_SEEN     "the most at a time that were seen"
#define REGULAR       0.5 /* squared coefficient of variation of gaps that is far from a Poisson process's … */
#define BURSTY        2.0
#define ENOUGH_GAPS   100  /* … of so many requests */
#define RARE          30   /* requests of a recording, below which they hardly tell a rate */
#define SHARES_DIFFER 0.01 /* probability below which a share is another one elsewhere */
#define BY_CHANCE     1e-3 /* probability below which hours of the day differ */
#define DAY_SWING     1.5  /* and by so much at the least */

struct first_workload {
    const struct lc_entrance *entrance;
    char *name;
    double rate;                   /* per second; NaN: not known */
    double share;                  /* of all requests, which the rate comes from; NaN: it is that of its own requests */
    size_t recording;              /* that it comes from; NO_RECORDING: hours of the day, or none */
    const struct lc_arrivals *day; /* NULL: no time of day is evident */
};

struct writing {
    const struct lc_learned *learned;
    struct first_workload *workloads;
    size_t count, busiest; /* recording */
    struct lci_buffer out;
};

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Small letters and digits with a '-' between words. */
static char *word_of(const char *text)
{
    struct lci_buffer word = {0};
    bool gap = false;
    for (; *text != 0; text++) {
        if (!isalnum((unsigned char)*text)) {
            gap = word.length > 0;
            continue;
        }
        const char c = (char)tolower((unsigned char)*text);
        lci_buffer_add(&word, "%s", gap ? "-" : "");
        lci_buffer_put(&word, &c, 1);
        gap = false;
    }
    return lci_buffer_take(&word);
}

static bool is_taken(const struct writing *w, const char *name)
{
    bool taken = *name == 0;
    for (size_t i = 0; i < w->count; i++)
        taken |= w->workloads[i].name != NULL && strcmp(w->workloads[i].name, name) == 0;
    for (size_t i = 0; i < w->learned->pool_count; i++) {
        const struct lc_seen_pool *pool = &w->learned->pools[i];
        taken |= strcmp(pool->service, name) == 0 || (pool->server != NULL && strcmp(pool->server, name) == 0);
    }
    return taken;
}

/* "GET /browse" is browse, or get-browse, web-get-browse, web-get-browse-2 where that is taken. */
static char *name_of(const struct writing *w, const struct lc_entrance *entrance)
{
    const char *slash = strstr(entrance->operation, " /");
    char *service = word_of(entrance->service), *operation = word_of(entrance->operation);
    char *both = lc_format("%s%s%s", service, *service && *operation ? "-" : "", operation);
    char *name = word_of(slash != NULL ? slash : "");
    const char *longer[] = {operation, both};
    for (size_t i = 0; i < 2 && is_taken(w, name); i++) {
        free(name);
        name = lc_strdup(longer[i]);
    }
    for (int i = 2; is_taken(w, name); i++) {
        free(name);
        name = lc_format("%s-%d", *both ? both : "requests", i);
    }
    free(service);
    free(operation);
    free(both);
    return name;
}

/* ---- rates ------------------------------------------------------------------------------------------------------- */

/* Requests under way on the average: what tells a busy recording from a quiet one. */
static double under_way(const struct lc_learned *learned, size_t recording)
{
    double sum = 0;
    for (size_t i = 0; i < learned->entrance_count; i++) {
        const struct lc_recorded_class *r = &learned->entrances[i].recorded[recording];
        sum += r->requests > 0 && r->rate > 0 ? r->rate * r->mean : 0;
    }
    return sum;
}

static size_t busiest_of(const struct lc_learned *learned)
{
    size_t best = NO_RECORDING;
    for (size_t s = 0; s < learned->recording_count; s++) {
        const struct lc_recording *r = &learned->recordings[s];
        if (best == NO_RECORDING || (learned->recordings[best].one_by_one && !r->one_by_one) ||
            (learned->recordings[best].one_by_one == r->one_by_one && under_way(learned, s) > under_way(learned, best)))
            best = s;
    }
    return best;
}

static void day_rates(const struct lc_arrivals *day, double *low, double *high)
{
    *low = INFINITY;
    *high = 0;
    for (size_t h = 0; h < LC_HOURS; h++)
        if (!isnan(day->rates[h])) {
            *low = fmin(*low, day->rates[h]);
            *high = fmax(*high, day->rates[h]);
        }
}

/* The time of day of an operation's requests, where one is evident. */
static const struct lc_arrivals *day_of(const struct lc_learned *learned, const struct lc_entrance *entrance)
{
    const struct lc_arrivals *found = NULL;
    char *name = lc_format("%s/%s", entrance->service, entrance->operation);
    for (size_t i = 0; i < learned->arrival_count; i++) {
        const struct lc_arrivals *day = &learned->arrivals[i];
        double low, high;
        day_rates(day, &low, &high);
        if (day->pattern != NULL && day->p < BY_CHANCE && high >= DAY_SWING * low && strcmp(day->operation, name) == 0)
            found = day;
    }
    free(name);
    return found;
}

/* Requests of a recording: of one operation, or of all (NULL); estimated where the traces are a sample. */
static double count_of(const struct lc_learned *learned, const struct lc_entrance *entrance, size_t recording)
{
    const struct lc_recording *r = &learned->recordings[recording];
    const double seconds = (double)(r->end - r->begin) * 1e-9;
    double rate = 0;
    for (size_t i = 0; i < learned->entrance_count; i++)
        if (entrance == NULL || entrance == &learned->entrances[i])
            rate += fmax(learned->entrances[i].recorded[recording].rate, 0);
    return rate * seconds;
}

/* A rare operation has few requests in the busiest recording, or none: its share of the requests of all recordings
 * tells more, unless a binomial test says that it is another one there. NaN: it is not rare, or its share differs. */
static double pooled_share(const struct writing *w, const struct lc_entrance *entrance)
{
    const struct lc_learned *learned = w->learned;
    if (w->busiest == NO_RECORDING || learned->recordings[w->busiest].one_by_one ||
        entrance->recorded[w->busiest].requests >= RARE)
        return NAN;
    double own = 0, all = 0;
    unsigned requests = 0;
    for (size_t s = 0; s < learned->recording_count; s++) {
        if (learned->recordings[s].one_by_one)
            continue;
        own += count_of(learned, entrance, s);
        all += count_of(learned, NULL, s);
        requests += (unsigned)entrance->recorded[s].requests;
    }
    const unsigned here = (unsigned)entrance->recorded[w->busiest].requests;
    const double part = fmin(count_of(learned, NULL, w->busiest) / all, 1);
    const double fewer = gsl_cdf_binomial_P(here, part, requests);
    const double more = here > 0 ? gsl_cdf_binomial_Q(here - 1, part, requests) : 1;
    return own > 0 && 2 * fmin(fewer, more) >= SHARES_DIFFER ? own / all : NAN;
}

/* That of the busiest hour, or of the busiest recording, or of the one in which most of them came. */
static void find_rate(const struct writing *w, struct first_workload *load)
{
    const struct lc_recorded_class *recorded = load->entrance->recorded;
    load->day = day_of(w->learned, load->entrance);
    load->recording = NO_RECORDING;
    load->rate = load->share = NAN;
    if (load->day != NULL) {
        double low;
        day_rates(load->day, &low, &load->rate);
        return;
    }
    if (w->learned->recording_count > 1)
        load->share = pooled_share(w, load->entrance);
    if (!isnan(load->share)) {
        const struct lc_recording *r = &w->learned->recordings[w->busiest];
        load->recording = w->busiest;
        load->rate = load->share * count_of(w->learned, NULL, w->busiest) / ((double)(r->end - r->begin) * 1e-9);
        return;
    }
    for (size_t s = 0; s < w->learned->recording_count; s++)
        if (recorded[s].rate > 0 && (load->recording == NO_RECORDING || s == w->busiest ||
                                     (load->recording != w->busiest && recorded[s].rate > load->rate))) {
            load->recording = s;
            load->rate = recorded[s].rate;
        }
}

static void find_workloads(struct writing *w)
{
    w->workloads = lc_calloc(w->learned->entrance_count + 1, sizeof *w->workloads);
    w->busiest = busiest_of(w->learned);
    for (size_t i = 0; i < w->learned->entrance_count; i++) {
        struct first_workload *load = &w->workloads[w->count];
        load->entrance = &w->learned->entrances[i];
        load->name = name_of(w, load->entrance);
        find_rate(w, load);
        w->count++;
    }
}

/* ---- comments ---------------------------------------------------------------------------------------------------- */

/* How many windows of load a recording was cut into: more than one where its load varies. */
static size_t windows_within(const struct lc_learned *learned, size_t recording, double *low, double *high)
{
    size_t count = 0;
    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < learned->bins.window_count; i++) {
        const struct lc_load_window *window = &learned->bins.windows[i];
        if (window->time.begin < learned->recordings[recording].begin ||
            window->time.begin > learned->recordings[recording].end)
            continue;
        count++;
        *low = fmin(*low, window->rate);
        *high = fmax(*high, window->rate);
    }
    return count;
}

static void put_rate_comment(struct writing *w, const struct first_workload *load)
{
    const struct lc_recorded_class *recorded = load->entrance->recorded;
    const size_t here = load->recording;
    double low, high;
    lci_buffer_add(&w->out, "  # %llu requests; ", (unsigned long long)load->entrance->requests);
    if (load->day != NULL) {
        day_rates(load->day, &low, &high);
        lci_buffer_add(&w->out,
                       "the rate is that of the busiest hour of the day; the quietest has %.3g/s\n"
                       "  # with 'simulation: {mode: transient, duration: 24 h}' and without the rate, "
                       "arrivals: %s\n",
                       low, load->day->pattern);
        return;
    }
    if (here == NO_RECORDING) {
        lci_buffer_add(&w->out, "too few to know the rate: state it\n");
        return;
    }
    if (!isnan(load->share))
        lci_buffer_add(&w->out,
                       "%llu in the busiest of %zu recordings: its share of all, %.2g %%, of the requests there\n",
                       (unsigned long long)recorded[here].requests, w->learned->recording_count, 100 * load->share);
    else if (w->learned->recordings[here].one_by_one)
        lci_buffer_add(&w->out, "recorded one request at a time: that is a test's rate, state the users'\n");
    else if (w->learned->recording_count > 1) {
        lci_buffer_add(&w->out, "%s of %zu recordings:", here == w->busiest ? "the busiest" : "one",
                       w->learned->recording_count);
        for (size_t s = 0; s < w->learned->recording_count; s++)
            lci_buffer_add(&w->out, " %.3g/s", fmax(recorded[s].rate, 0));
        lci_buffer_add(&w->out, "\n");
    } else if (windows_within(w->learned, here, &low, &high) > 1) {
        lci_buffer_add(&w->out, "the mean; all requests together came at %.3g to %.3g/s\n", low, high);
    } else {
        lci_buffer_add(&w->out, "as recorded\n");
    }
}

/* Of gaps that are no Poisson process's: with gaps of a gamma distribution. */
static void put_arrivals(struct writing *w, const struct first_workload *load)
{
    double low, high;
    if (load->recording == NO_RECORDING)
        return;
    const struct lc_recorded_class *r = &load->entrance->recorded[load->recording];
    const struct lc_recording *recording = &w->learned->recordings[load->recording];
    const double seconds = (double)(recording->end - recording->begin) * 1e-9;
    if (recording->one_by_one || r->requests < ENOUGH_GAPS || !(r->gap_cv2 > BURSTY || r->gap_cv2 < REGULAR) ||
        r->rate * seconds > 1.05 * (double)r->requests || windows_within(w->learned, load->recording, &low, &high) > 1)
        return; /* of a sample, or where the rate varies, gaps tell nothing */
    lci_buffer_add(&w->out, ", arrivals: {gamma: {shape: %.3g, scale: 1 s}}", 1 / fmax(r->gap_cv2, 0.01));
}

static void put_workloads(struct writing *w)
{
    lci_buffer_add(&w->out, "\n# Who asks for what, at the rates that were recorded.\nworkloads:\n");
    for (size_t i = 0; i < w->count; i++) {
        const struct first_workload *load = &w->workloads[i];
        char *entry = lc_format("%s/%s", load->entrance->service, load->entrance->operation);
        put_rate_comment(w, load);
        lci_buffer_add(&w->out, "  - {name: ");
        lci_buffer_json(&w->out, load->name);
        lci_buffer_add(&w->out, ", entry: ");
        lci_buffer_json(&w->out, entry);
        lci_buffer_add(&w->out, ", rate: %.4g/s", isnan(load->rate) ? 1 : load->rate);
        put_arrivals(w, load);
        lci_buffer_add(&w->out, "}\n");
        free(entry);
    }
    lci_buffer_add(&w->out, "\n# Multiples of that load to look at.\nload: {factors: [1, 2, 4]}\nsimulation: "
                            "{precision: 5 %%, max_time: 1 min}\n");
}

/* ---- the deployment ---------------------------------------------------------------------------------------------- */

static const struct lc_seen_pool *pool_of(const struct lc_learned *learned, const char *service, const char *server)
{
    for (size_t i = 0; i < learned->pool_count; i++) {
        const struct lc_seen_pool *pool = &learned->pools[i];
        if (strcmp(pool->service, service) == 0 &&
            (server == NULL ? pool->server == NULL : pool->server != NULL && strcmp(pool->server, server) == 0))
            return pool;
    }
    return NULL;
}

/* Any pool of the service that looks like a limit, or what a source tells of its deployment: what is stated then stands
 * without '#'. */
static bool has_limit(const struct lc_learned *learned, const char *service)
{
    bool limit = false;
    char *prefix = lc_format("deployment.services.%s%s", service != NULL ? service : "", service != NULL ? "." : "");
    for (size_t i = 0; i < learned->assumption_count; i++)
        limit |= learned->assumptions[i].stated && strncmp(learned->assumptions[i].key, prefix, strlen(prefix)) == 0;
    free(prefix);
    for (size_t i = 0; i < learned->pool_count; i++)
        limit |= learned->pools[i].limit && (service == NULL || strcmp(learned->pools[i].service, service) == 0);
    return limit;
}

/* The rest of an assumption's key: "deployment.services.NAME.concurrency" → concurrency; NULL: it is about something
 * else. */
static const char *attribute_of(const struct lc_assumption *a, const char *service)
{
    static const char prefix[] = "deployment.services.";
    const size_t length = strlen(service);
    if (strncmp(a->key, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *rest = a->key + sizeof prefix - 1;
    return strncmp(rest, service, length) == 0 && rest[length] == '.' && strchr(rest + length + 1, '.') == NULL
               ? rest + length + 1
               : NULL;
}

static void put_suggestion(struct writing *w, const char *attribute, const char *value, bool live, const char *why)
{
    lci_buffer_add(&w->out, "%s      %s: %s  # %s\n", live ? "" : "#", attribute, value, why);
}

static void put_concurrency(struct writing *w, const struct lc_seen_pool *pool)
{
    char *value = lc_format("%ld", pool->most);
    put_suggestion(w, "concurrency", value, pool->limit, pool->limit ? LOOKS_LIMITED : MOST_SEEN);
    free(value);
}

/* Those that look like a limit; without any, all of them. */
static void put_connections(struct writing *w, const char *service)
{
    struct lci_buffer list = {0}, limits = {0};
    for (size_t i = 0; i < w->learned->pool_count; i++) {
        const struct lc_seen_pool *pool = &w->learned->pools[i];
        if (pool->server == NULL || strcmp(pool->service, service) != 0)
            continue;
        char *server = lci_json_quoted(pool->server);
        lci_buffer_join(pool->limit ? &limits : &list, ", ", "%s: %ld", server, pool->most);
        free(server);
    }
    const bool live = limits.length > 0;
    char *text = live ? lci_buffer_take(&limits) : lci_buffer_take(&list);
    char *value = lc_format("{%s}", text);
    if (*text != 0)
        put_suggestion(w, "connections", value, live, live ? LOOKS_LIMITED : MOST_SEEN);
    free(list.text);
    free(text);
    free(value);
}

/* That the number of requests at a time has no limit is told by the pools. */
static bool is_about_threads(const struct lc_assumption *a, const char *attribute)
{
    return attribute != NULL && strcmp(attribute, "concurrency") == 0 &&
           (strcmp(a->value, "unlimited") == 0 || strcmp(a->value, "infinite") == 0);
}

static void put_service(struct writing *w, const char *service)
{
    char *name = lci_json_quoted(service);
    const struct lc_seen_pool *threads = pool_of(w->learned, service, NULL);
    lci_buffer_add(&w->out, "%s    %s:\n", has_limit(w->learned, service) ? "" : "#", name);
    free(name);
    if (threads != NULL && threads->most > 0)
        put_concurrency(w, threads);
    put_connections(w, service);
    for (size_t i = 0; i < w->learned->assumption_count; i++) {
        const struct lc_assumption *a = &w->learned->assumptions[i];
        const char *attribute = attribute_of(a, service);
        if (attribute == NULL || strcmp(attribute, "concurrency") == 0)
            continue;
        char *why = lc_format("%s: %s (%s)", a->what, a->value, a->evidence);
        put_suggestion(w, attribute, a->value, a->stated, why);
        free(why);
    }
}

/* Whether all services of the pools before `at` are others. */
static bool is_first(const struct lc_learned *learned, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(learned->pools[i].service, learned->pools[at].service) == 0)
            return false;
    return true;
}

/* Servers without spans: only their callers' are there. */
static void put_servers(struct writing *w)
{
    for (size_t i = 0; i < w->learned->pool_count; i++) {
        const char *server = w->learned->pools[i].server;
        long most = 0;
        bool first = server != NULL && pool_of(w->learned, server, NULL) == NULL;
        for (size_t k = 0; k < w->learned->pool_count && first; k++) {
            const struct lc_seen_pool *other = &w->learned->pools[k];
            const bool same = other->server != NULL && strcmp(other->server, server) == 0;
            first = !same || k >= i;
            most += same ? other->most : 0;
        }
        if (!first)
            continue;
        char *name = lci_json_quoted(server);
        lci_buffer_add(
            &w->out,
            "#    %s:\n#      concurrency: %ld  # it has no spans of its own; its callers had so many requests "
            "under way; taken as without limit\n",
            name, most);
        free(name);
    }
}

static void put_deployment(struct writing *w)
{
    const char *mark = has_limit(w->learned, NULL) ? "" : "#";
    lci_buffer_add(
        &w->out,
        "\n# How many requests each service handles at a time, connections of its pools, … Take the '#' away where you "
        "know it\n# (of 'deployment' and 'services' too), and put the right number: what stands here was seen, "
        "the limit may be higher.\n# What stays behind a '#' has no limit, and nothing saturates there. 'loadcast "
        "calibrate' finds limits "
        "that left their\n# signs in recordings at two loads or more.\n"
        "%sdeployment:\n%s  services:\n",
        mark, mark);
    for (size_t i = 0; i < w->learned->pool_count; i++)
        if (is_first(w->learned, i))
            put_service(w, w->learned->pools[i].service);
    put_servers(w);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void put_head(struct writing *w, const struct first_scenario *first, uint64_t traces)
{
    lci_buffer_add(&w->out, "# What %llu traces say, and what they do not", (unsigned long long)traces);
    if (w->learned->recording_count > 0) {
        char *begin = lci_utc_text(w->learned->recordings[0].begin, LCI_UTC_SHOWN),
             *end = lci_utc_text(w->learned->recordings[w->learned->recording_count - 1].end, LCI_UTC_SHOWN);
        lci_buffer_add(&w->out, "; recorded from %s to %s UTC", begin, end);
        free(begin);
        free(end);
    }
    lci_buffer_add(&w->out,
                   ".\n# It answers as it stands: loadcast run FILE. Lines with a '#' are yours to complete.\n"
                   "traces:\n%s",
                   first->utilization != NULL ? "  files:\n" : "");
    for (size_t i = 0; i < first->count; i++) {
        lci_buffer_add(&w->out, "  - ");
        lci_buffer_json(&w->out, first->traces[i]);
        lci_buffer_add(&w->out, "\n");
    }
    if (first->utilization != NULL) {
        lci_buffer_add(&w->out, "  utilization: ");
        lci_buffer_json(&w->out, first->named != NULL ? first->named : first->utilization);
        lci_buffer_add(&w->out, "\n");
    }
}

static void put_goals(struct writing *w)
{
    lci_buffer_add(&w->out, "\n# What must hold; 'run' ends with status 1 where it does not.\n"
                            "#goals:\n#  load: 80 %%  # of every component that has a limit\n#  response_time:\n");
    for (size_t i = 0; i < w->count; i++) {
        const struct first_workload *load = &w->workloads[i];
        const size_t s = load->recording != NO_RECORDING ? load->recording : w->busiest;
        const struct lc_recorded_class *r = s != NO_RECORDING ? &load->entrance->recorded[s] : NULL;
        if (r == NULL || r->requests == 0)
            continue;
        char *name = lci_json_quoted(load->name);
        lci_buffer_add(&w->out, "#    %s: {mean: %.3g ms, p95: %.3g ms}  # as recorded\n", name, r->mean * 1e3,
                       r->p95 * 1e3);
        free(name);
    }
}

/* Whether an assumption stands under the service that it is about. */
static bool stands_there(const struct lc_learned *learned, const struct lc_assumption *a)
{
    bool there = false;
    for (size_t i = 0; i < learned->pool_count; i++) {
        const struct lc_seen_pool *pool = &learned->pools[i];
        const char *own = attribute_of(a, pool->service),
                   *other = pool->server != NULL ? attribute_of(a, pool->server) : NULL;
        there |=
            (own != NULL && strcmp(own, "concurrency") != 0) || is_about_threads(a, own) || is_about_threads(a, other);
    }
    return there;
}

static void put_other_assumptions(struct writing *w)
{
    bool any = false;
    for (size_t i = 0; i < w->learned->assumption_count; i++) {
        const struct lc_assumption *a = &w->learned->assumptions[i];
        if (stands_there(w->learned, a))
            continue;
        lci_buffer_add(&w->out, "%s# - %s: %s (%s)%s%s\n", any ? "" : "\n# Assumed besides:\n", a->what, a->value,
                       a->evidence,
                       a->key[0]           ? "; the key is "
                       : a->no_key != NULL ? "; no key: "
                                           : "",
                       a->key[0]           ? a->key
                       : a->no_key != NULL ? a->no_key
                                           : "");
        any = true;
    }
}

static char *assumed_loads(const struct writing *w)
{
    enum { SHOWN = 6 };
    struct lci_buffer list = {0};
    for (size_t i = 0; i < w->count && i < SHOWN; i++)
        lci_buffer_join(&list, ", ", "%s %.3g/s%s", w->workloads[i].name,
                        isnan(w->workloads[i].rate) ? 1 : w->workloads[i].rate,
                        isnan(w->workloads[i].rate) ? " (not in the traces)" : "");
    if (w->count > SHOWN)
        lci_buffer_add(&list, " and %zu more", w->count - SHOWN);
    return lci_buffer_take(&list);
}

void first_scenario_write(struct first_scenario *first, const struct lc_learned *learned, uint64_t traces)
{
    struct writing w = {.learned = learned};
    find_workloads(&w);
    put_head(&w, first, traces);
    put_deployment(&w);
    put_workloads(&w);
    put_goals(&w);
    put_other_assumptions(&w);
    first->text = lci_buffer_take(&w.out);
    first->assumed = assumed_loads(&w);
    for (size_t i = 0; i < w.count; i++)
        free(w.workloads[i].name);
    free(w.workloads);
}
