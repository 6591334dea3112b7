/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compare MEASURED.csv VERDICT.json: prints the predictions of a verdict beside what was measured, as Markdown, and
 * marks what lies outside the bounds. Exit status 1 when something does. The points of the verdict are labelled with
 * the levels of the measurement. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UTILIZATION_BOUND 0.03 /* absolute, up to the level … */
#define UTILIZATION_LEVEL 92
#define THROUGHPUT_BOUND  0.02 /* relative */
#define RESPONSE_BOUND    0.15 /* relative, or the measured interval where that is wider, up to the level … */
#define RESPONSE_LEVEL    85
#define OVERLOAD_LEVEL    110

static const int levels[] = {5, 20, 40, 60, 75, 85, 92, 110};
#define LEVELS (sizeof levels / sizeof *levels)

/* The measured name of a component, and the model's. The requests of the pool are not compared: the traces have a span
 * for taking a connection and one for the query, and the model counts both. */
static const struct {
    const char *measured, *model;
    bool not_counted;
} components[] = {
    {"gateway", "gateway", false}, {"search", "search", false},   {"search.pgpool", "search>postgresql", true},
    {"auth", "auth", false},       {"profile", "profile", false}, {"cache", "cache", false},
    {"stats", "stats", false},     {"photo", "photo", false},     {"worker", "worker", false},
};
#define COMPONENTS (sizeof components / sizeof *components)

static const char *const types[] = {"login", "location", "keyword"};
#define TYPES (sizeof types / sizeof *types)

/* ---- measured ---------------------------------------------------------------------------------------------------- */

struct row {
    int level;
    char metric[40], component[40];
    double value, ci;
};

struct measured {
    struct row rows[4000];
    size_t count;
};

static void read_measured(const char *file, struct measured *m)
{
    FILE *f = fopen(file, "r");
    char line[512];
    if (f == NULL || fgets(line, sizeof line, f) == NULL) {
        fprintf(stderr, "compare: %s cannot be read\n", file);
        exit(2);
    }
    while (fgets(line, sizeof line, f) != NULL && m->count < sizeof m->rows / sizeof *m->rows) {
        struct row *r = &m->rows[m->count];
        char *at = line, *fields[7] = {NULL};
        for (int i = 0; i < 7 && at != NULL; i++)
            fields[i] = strsep(&at, ",\n");
        if (fields[6] == NULL || strlen(fields[3]) >= sizeof r->metric || strlen(fields[4]) >= sizeof r->component)
            continue;
        r->level = atoi(fields[0]);
        strcpy(r->metric, fields[3]);
        strcpy(r->component, fields[4]);
        r->value = strtod(fields[5], NULL);
        r->ci = fields[6][0] != 0 ? strtod(fields[6], NULL) : NAN;
        m->count++;
    }
    fclose(f);
}

static const struct row *find_row(const struct measured *m, int level, const char *metric, const char *component)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->rows[i].level == level && strcmp(m->rows[i].metric, metric) == 0 &&
            strcmp(m->rows[i].component, component) == 0)
            return &m->rows[i];
    fprintf(stderr, "compare: %s of %s at %d %% was not measured\n", metric, component, level);
    exit(2);
}

/* ---- predicted --------------------------------------------------------------------------------------------------- */

static const json_t *find_point(const json_t *verdict, int level)
{
    char label[16];
    size_t i;
    const json_t *point;
    snprintf(label, sizeof label, "%d %%", level);
    json_array_foreach(json_object_get(verdict, "points"), i,
                       point) if (strcmp(json_string_value(json_object_get(point, "label")), label) == 0) return point;
    fprintf(stderr, "compare: the verdict has no point '%s'\n", label);
    exit(2);
}

/* An estimate of a named element of a result; NaN when the point was not simulated. */
static double predicted(const json_t *point, const char *list, const char *name, const char *metric)
{
    const json_t *result = json_object_get(point, "result"), *element;
    size_t i;
    if (!json_is_object(result))
        return NAN;
    json_array_foreach(
        json_object_get(result, list), i,
        element) if (strcmp(json_string_value(json_object_get(element, "name")), name) ==
                     0) return json_number_value(json_object_get(json_object_get(element, metric), "mean"));
    fprintf(stderr, "compare: the prediction has no '%s' among its %s\n", name, list);
    exit(2);
}

/* Half-width of the 95 % interval of a component's load, relative, because its times come from samples. */
static double sample_interval(const json_t *verdict, const char *name)
{
    const json_t *limits = json_object_get(json_object_get(verdict, "saturation"), "limits"), *limit;
    size_t i;
    json_array_foreach(limits, i, limit) if (strcmp(json_string_value(json_object_get(limit, "component")), name) ==
                                             0) return json_number_value(json_object_get(limit, "ci95")) /
        json_number_value(json_object_get(limit, "factor"));
    return 0;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

struct tally {
    int checked, missed, open; /* open: missed, but within what the samples leave open */
};

static const char *mark(struct tally *tally, bool checked, bool inside, const char *text)
{
    tally->checked += checked;
    tally->missed += checked && !inside;
    return checked && !inside ? text : "";
}

static void header(const char *first)
{
    printf("\n| %s |", first);
    for (size_t i = 0; i < LEVELS; i++)
        printf(" %d %% |", levels[i]);
    printf("\n|---|");
    for (size_t i = 0; i < LEVELS; i++)
        printf("---|");
    printf("\n");
}

static struct tally utilizations(const struct measured *m, const json_t *verdict)
{
    struct tally tally = {0};
    printf("Utilization, predicted / measured (within %.2f up to %d %%):\n", UTILIZATION_BOUND, UTILIZATION_LEVEL);
    header("component");
    for (size_t c = 0; c < COMPONENTS; c++) {
        const double interval = sample_interval(verdict, components[c].model);
        printf("| %s |", components[c].measured);
        for (size_t i = 0; i < LEVELS; i++) {
            const double p = predicted(find_point(verdict, levels[i]), "tasks", components[c].model, "load");
            const double v = find_row(m, levels[i], "utilization", components[c].measured)->value;
            if (isnan(p)) {
                printf(" – / %.3f |", v);
                continue;
            }
            const bool inside = fabs(p - v) <= UTILIZATION_BOUND, checked = levels[i] <= UTILIZATION_LEVEL;
            const bool open = checked && !inside && fabs(p - v) <= interval * p;
            tally.open += open;
            printf(" %.3f / %.3f%s |", p, v, mark(&tally, checked, inside, open ? " *s*" : " **!**"));
        }
        printf("\n");
    }
    return tally;
}

static struct tally throughputs(const struct measured *m, const json_t *verdict)
{
    struct tally tally = {0};
    printf("\nRequests per second, predicted / measured (within %.0f %% up to %d %%):\n", 100 * THROUGHPUT_BOUND,
           UTILIZATION_LEVEL);
    header("component");
    for (size_t c = 0; c < COMPONENTS; c++) {
        if (components[c].not_counted)
            continue;
        printf("| %s |", components[c].measured);
        for (size_t i = 0; i < LEVELS; i++) {
            const double p = predicted(find_point(verdict, levels[i]), "tasks", components[c].model, "throughput");
            const double v = find_row(m, levels[i], "throughput", components[c].measured)->value;
            if (isnan(p))
                printf(" – / %.2f |", v);
            else
                printf(" %.2f / %.2f%s |", p, v,
                       mark(&tally, levels[i] <= UTILIZATION_LEVEL, fabs(p - v) <= THROUGHPUT_BOUND * v, " **!**"));
        }
        printf("\n");
    }
    return tally;
}

static struct tally responses(const struct measured *m, const json_t *verdict)
{
    struct tally tally = {0};
    printf("\nMean response in ms, predicted / measured with its 95 %% interval (within %.0f %% or the interval up to "
           "%d %%):\n",
           100 * RESPONSE_BOUND, RESPONSE_LEVEL);
    header("request");
    for (size_t t = 0; t < TYPES; t++) {
        char name[64];
        snprintf(name, sizeof name, "request:%s", types[t]);
        printf("| %s |", types[t]);
        for (size_t i = 0; i < LEVELS; i++) {
            const double p = 1e3 * predicted(find_point(verdict, levels[i]), "workloads", types[t], "response_time");
            const struct row *r = find_row(m, levels[i], "latency_mean_ms", name);
            const bool inside = fabs(p - r->value) <= fmax(RESPONSE_BOUND * r->value, isnan(r->ci) ? 0 : r->ci);
            if (isnan(p))
                printf(" – / %.0f ± %.0f |", r->value, r->ci);
            else
                printf(" %.1f / %.1f ± %.1f%s |", p, r->value, r->ci,
                       mark(&tally, levels[i] <= RESPONSE_LEVEL, inside, " **!**"));
        }
        printf("\n");
    }
    return tally;
}

static struct tally overload(const json_t *verdict)
{
    struct tally tally = {1, 0, 0};
    const json_t *found = json_object_get(find_point(verdict, OVERLOAD_LEVEL), "overload");
    const char *name = json_string_value(json_object_get(found, "component"));
    tally.missed = name == NULL || strcmp(name, "photo") != 0;
    printf("\nAt %d %% photo was overloaded. Predicted: %s%s.\n", OVERLOAD_LEVEL, name != NULL ? name : "no overload",
           tally.missed ? " **!**" : "");
    return tally;
}

int main(int argc, char **argv)
{
    static struct measured m;
    json_error_t error;
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: compare MEASURED.csv VERDICT.json [MISSES THAT ARE ALLOWED]\n");
        return 2;
    }
    read_measured(argv[1], &m);
    json_t *verdict = json_load_file(argv[2], 0, &error);
    if (verdict == NULL) {
        fprintf(stderr, "compare: %s:%d: %s\n", argv[2], error.line, error.text);
        return 2;
    }
    const struct tally all[] = {utilizations(&m, verdict), throughputs(&m, verdict), responses(&m, verdict),
                                overload(verdict)};
    static const char *const names[] = {"utilizations", "throughputs", "response times", "overloads"};
    printf("\nWithin the bounds:");
    int missed = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        printf("%s %d of %d %s", i > 0 ? "," : "", all[i].checked - all[i].missed, all[i].checked, names[i]);
        missed += all[i].missed;
    }
    printf(".\n");
    if (all[0].open > 0)
        printf("Of the others, %d utilizations (*s*) lie in the 95 %% interval that the number of recorded requests "
               "leaves "
               "for them.\n",
               all[0].open);
    json_decref(verdict);
    const int allowed = argc == 4 ? atoi(argv[3]) : 0;
    return missed > allowed || all[3].missed > 0;
}
