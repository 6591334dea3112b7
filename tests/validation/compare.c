/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compare MEASURED.csv ATTEMPTS.csv VERDICT.json [MISSES THAT ARE ALLOWED [STEADY.json]]: prints the predictions of a
 * verdict beside what was measured, as Markdown, and marks what lies outside the bounds. Exit status 1 when more does
 * than is allowed. The points of the verdict are labelled with the levels of the measurement, and each is simulated as
 * it was measured; STEADY.json holds the same points without an end of time, for one more table. */
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
#define UNDISTURBED       0.02 /* share of the machine that others took, below which an attempt counts */

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

/* ---- attempts: every measurement of a level, the one that was kept and others -------------------------------------
 */

struct spread {
    double low, high;
    int count;
};

struct attempts {
    char names[64][32]; /* of the columns */
    double values[64][64];
    size_t rows, columns;
};

static void read_attempts(const char *file, struct attempts *a)
{
    FILE *f = fopen(file, "r");
    char line[2048];
    if (f == NULL || fgets(line, sizeof line, f) == NULL) {
        fprintf(stderr, "compare: %s cannot be read\n", file);
        exit(2);
    }
    char *at = line;
    for (char *name; a->columns < 64 && (name = strsep(&at, ",\n")) != NULL && *name != 0; a->columns++)
        snprintf(a->names[a->columns], sizeof a->names[0], "%s", name);
    for (; a->rows < 64 && fgets(line, sizeof line, f) != NULL; a->rows++) {
        at = line;
        for (size_t c = 0; c < a->columns; c++) {
            const char *text = strsep(&at, ",\n");
            a->values[a->rows][c] = text != NULL && *text != 0 ? strtod(text, NULL) : NAN;
        }
    }
    fclose(f);
}

static size_t column_of(const struct attempts *a, const char *name)
{
    for (size_t c = 0; c < a->columns; c++)
        if (strcmp(a->names[c], name) == 0)
            return c;
    fprintf(stderr, "compare: the attempts have no column '%s'\n", name);
    exit(2);
}

/* Of the attempts at a level that nobody disturbed. */
static struct spread spread_of(const struct attempts *a, int level, const char *metric, const char *of)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", metric, of);
    const size_t value = column_of(a, name), levels_at = column_of(a, "level_pct"),
                 foreign = column_of(a, "foreign_cpu");
    struct spread s = {INFINITY, -INFINITY, 0};
    for (size_t r = 0; r < a->rows; r++) {
        const double *row = a->values[r];
        if (row[levels_at] != level || !(row[foreign] < UNDISTURBED) || isnan(row[value]))
            continue;
        s.low = fmin(s.low, row[value]);
        s.high = fmax(s.high, row[value]);
        s.count++;
    }
    return s;
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

/* An estimate of a named element of a result: its mean, the range of single windows, and the interval of the mean with
 * what the number of recorded requests leaves open. NaN when the point was not simulated. */
struct prediction {
    double mean, low, high, open_low, open_high;
};

/* An end of an interval: null where nothing ends it. */
static double end_of(const json_t *interval, size_t which)
{
    const json_t *end = json_array_get(interval, which);
    return json_is_null(end) ? (which == 0 ? -INFINITY : INFINITY) : end != NULL ? json_number_value(end) : NAN;
}

static struct prediction predicted(const json_t *point, const char *list, const char *name, const char *metric)
{
    const json_t *result = json_object_get(point, "result"), *element;
    size_t i;
    if (!json_is_object(result))
        return (struct prediction){NAN, NAN, NAN, NAN, NAN};
    json_array_foreach(json_object_get(result, list), i, element)
    {
        if (strcmp(json_string_value(json_object_get(element, "name")), name) != 0)
            continue;
        const json_t *estimate = json_object_get(element, metric), *range = json_object_get(estimate, "range95"),
                     *interval = json_object_get(estimate, "interval95");
        return (struct prediction){json_number_value(json_object_get(estimate, "mean")), end_of(range, 0),
                                   end_of(range, 1), end_of(interval, 0), end_of(interval, 1)};
    }
    fprintf(stderr, "compare: the prediction has no '%s' among its %s\n", name, list);
    exit(2);
}

/* ---- one cell --------------------------------------------------------------------------------------------------- */

struct cell {
    struct prediction p;
    double measured;
    bool checked, inside; /* is there a bound at this level, and does the prediction keep it? */
    bool among;           /* within what repeated measurements of the level gave */
    bool window;          /* the measured value lies where 95 % of single windows do */
    bool open;            /* within what the number of samples leaves open */
};

struct tally {
    int checked, missed, among, window, open; /* of the missed ones */
    int in_window;                            /* of the checked ones */
};

static struct cell cell_of(struct prediction p, double measured, double bound, bool checked)
{
    return (struct cell){.p = p,
                         .measured = measured,
                         .checked = checked && !isnan(p.mean),
                         .inside = fabs(p.mean - measured) <= bound,
                         .window = measured >= p.low && measured <= p.high,
                         .open = measured >= p.open_low && measured <= p.open_high};
}

static void add(struct tally *t, const struct cell *c)
{
    const bool missed = c->checked && !c->inside;
    t->checked += c->checked;
    t->missed += missed;
    t->among += missed && c->among;
    t->window += missed && c->window;
    t->open += missed && c->open;
    t->in_window += c->checked && c->window;
}

static const char *mark(const struct cell *c)
{
    static char text[32];
    if (!c->checked || c->inside)
        return "";
    snprintf(text, sizeof text, " **!**%s%s%s", c->among ? " *a*" : "", c->window ? " *w*" : "", c->open ? " *s*" : "");
    return text;
}

/* ---- what is compared ---------------------------------------------------------------------------------------------
 */

struct inputs {
    struct measured measured;
    struct attempts attempts;
    json_t *verdict, *steady; /* steady: NULL without */
};

static struct cell utilization(const struct inputs *in, size_t c, int level)
{
    const struct prediction p = predicted(find_point(in->verdict, level), "tasks", components[c].model, "load");
    struct cell cell = cell_of(p, find_row(&in->measured, level, "utilization", components[c].measured)->value,
                               UTILIZATION_BOUND, level <= UTILIZATION_LEVEL);
    const struct spread s = spread_of(&in->attempts, level, "U", components[c].measured);
    cell.among = s.count > 1 && p.mean >= s.low && p.mean <= s.high;
    return cell;
}

static struct cell throughput(const struct inputs *in, size_t c, int level)
{
    const double v = find_row(&in->measured, level, "throughput", components[c].measured)->value;
    return cell_of(predicted(find_point(in->verdict, level), "tasks", components[c].model, "throughput"), v,
                   THROUGHPUT_BOUND * v, level <= UTILIZATION_LEVEL);
}

static const struct row *response_row(const struct inputs *in, size_t t, int level)
{
    char name[64];
    snprintf(name, sizeof name, "request:%s", types[t]);
    return find_row(&in->measured, level, "latency_mean_ms", name);
}

static struct prediction in_ms(struct prediction p)
{
    return (struct prediction){1e3 * p.mean, 1e3 * p.low, 1e3 * p.high, 1e3 * p.open_low, 1e3 * p.open_high};
}

static struct cell response(const struct inputs *in, size_t t, int level)
{
    const struct row *r = response_row(in, t, level);
    const struct prediction p =
        in_ms(predicted(find_point(in->verdict, level), "workloads", types[t], "response_time"));
    struct cell cell =
        cell_of(p, r->value, fmax(RESPONSE_BOUND * r->value, isnan(r->ci) ? 0 : r->ci), level <= RESPONSE_LEVEL);
    const struct spread s = spread_of(&in->attempts, level, "mean_ms", types[t]);
    cell.among = s.count > 1 && p.mean >= s.low && p.mean <= s.high;
    return cell;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static void header(const char *first, size_t from)
{
    printf("\n| %s |", first);
    for (size_t i = from; i < LEVELS; i++)
        printf(" %d %% |", levels[i]);
    printf("\n|---|");
    for (size_t i = from; i < LEVELS; i++)
        printf("---|");
    printf("\n");
}

static struct tally utilizations(const struct inputs *in)
{
    struct tally tally = {0};
    printf("Utilization, predicted / measured (within %.2f up to %d %%):\n", UTILIZATION_BOUND, UTILIZATION_LEVEL);
    header("component", 0);
    for (size_t c = 0; c < COMPONENTS; c++) {
        printf("| %s |", components[c].measured);
        for (size_t i = 0; i < LEVELS; i++) {
            const struct cell cell = utilization(in, c, levels[i]);
            add(&tally, &cell);
            if (isnan(cell.p.mean))
                printf(" – / %.3f |", cell.measured);
            else
                printf(" %.3f / %.3f%s |", cell.p.mean, cell.measured, mark(&cell));
        }
        printf("\n");
    }
    return tally;
}

static struct tally throughputs(const struct inputs *in)
{
    struct tally tally = {0};
    printf("\nRequests per second, predicted / measured (within %.0f %% up to %d %%):\n", 100 * THROUGHPUT_BOUND,
           UTILIZATION_LEVEL);
    header("component", 0);
    for (size_t c = 0; c < COMPONENTS; c++) {
        if (components[c].not_counted)
            continue;
        printf("| %s |", components[c].measured);
        for (size_t i = 0; i < LEVELS; i++) {
            const struct cell cell = throughput(in, c, levels[i]);
            add(&tally, &cell);
            if (isnan(cell.p.mean))
                printf(" – / %.2f |", cell.measured);
            else
                printf(" %.2f / %.2f%s |", cell.p.mean, cell.measured, mark(&cell));
        }
        printf("\n");
    }
    return tally;
}

static struct tally responses(const struct inputs *in)
{
    struct tally tally = {0};
    printf("\nMean response in ms, predicted / measured with its 95 %% interval (within %.0f %% or the interval up to "
           "%d %%):\n",
           100 * RESPONSE_BOUND, RESPONSE_LEVEL);
    header("request", 0);
    for (size_t t = 0; t < TYPES; t++) {
        printf("| %s |", types[t]);
        for (size_t i = 0; i < LEVELS; i++) {
            const struct cell cell = response(in, t, levels[i]);
            const double ci = response_row(in, t, levels[i])->ci;
            add(&tally, &cell);
            if (isnan(cell.p.mean))
                printf(" – / %.0f ± %.0f |", cell.measured, ci);
            else
                printf(" %.1f / %.1f ± %.1f%s |", cell.p.mean, cell.measured, ci, mark(&cell));
        }
        printf("\n");
    }
    return tally;
}

static struct tally overload(const json_t *verdict)
{
    struct tally tally = {.checked = 1};
    const json_t *found = json_object_get(find_point(verdict, OVERLOAD_LEVEL), "overload");
    const char *name = json_string_value(json_object_get(found, "component"));
    tally.missed = name == NULL || strcmp(name, "photo") != 0;
    printf("\nAt %d %% photo was overloaded. Predicted: %s%s.\n", OVERLOAD_LEVEL, name != NULL ? name : "no overload",
           tally.missed ? " **!**" : "");
    return tally;
}

/* What one window may show, and what repeated measurements did show, where chance is largest. */
static void windows(const struct inputs *in)
{
    const size_t from = 4; /* 75 % */
    printf("\nWhere chance is largest: range of 95 %% of single windows [steady state] / measured, all undisturbed "
           "attempts:\n");
    printf("\n| | 75 %% | 85 %% | 92 %% |\n|---|---|---|---|\n");
    for (size_t c = 0; c < COMPONENTS; c++) {
        printf("| %s |", components[c].measured);
        for (size_t i = from; levels[i] <= UTILIZATION_LEVEL; i++) {
            const struct cell cell = utilization(in, c, levels[i]);
            const struct prediction steady =
                predicted(find_point(in->steady, levels[i]), "tasks", components[c].model, "load");
            const struct spread s = spread_of(&in->attempts, levels[i], "U", components[c].measured);
            printf(" %.3f–%.3f [%.3f] / %.3f–%.3f |", cell.p.low, cell.p.high, steady.mean, s.low, s.high);
        }
        printf("\n");
    }
    for (size_t t = 0; t < TYPES; t++) {
        printf("| %s, ms |", types[t]);
        for (size_t i = from; levels[i] <= UTILIZATION_LEVEL; i++) {
            const struct cell cell = response(in, t, levels[i]);
            const struct prediction steady =
                in_ms(predicted(find_point(in->steady, levels[i]), "workloads", types[t], "response_time"));
            const struct spread s = spread_of(&in->attempts, levels[i], "mean_ms", types[t]);
            printf(" %.0f–%.0f [%.0f] / %.0f–%.0f |", cell.p.low, cell.p.high, steady.mean, s.low, s.high);
        }
        printf("\n");
    }
}

static json_t *load(const char *file)
{
    json_error_t error;
    json_t *value = json_load_file(file, 0, &error);
    if (value == NULL) {
        fprintf(stderr, "compare: %s:%d: %s\n", file, error.line, error.text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static struct inputs in;
    if (argc < 4 || argc > 6) {
        fprintf(stderr,
                "usage: compare MEASURED.csv ATTEMPTS.csv VERDICT.json [MISSES THAT ARE ALLOWED [STEADY.json]]\n");
        return 2;
    }
    read_measured(argv[1], &in.measured);
    read_attempts(argv[2], &in.attempts);
    in.verdict = load(argv[3]);
    in.steady = argc == 6 ? load(argv[5]) : NULL;
    const struct tally all[] = {utilizations(&in), throughputs(&in), responses(&in), overload(in.verdict)};
    static const char *const names[] = {"utilizations", "throughputs", "response times", "overloads"};
    printf("\nWithin the bounds:");
    struct tally sum = {0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        printf("%s %d of %d %s", i > 0 ? "," : "", all[i].checked - all[i].missed, all[i].checked, names[i]);
        sum.missed += all[i].missed;
        sum.among += all[i].among;
        sum.window += all[i].window;
        sum.open += all[i].open;
    }
    printf(".\n");
    if (sum.missed > 0)
        printf(
            "Of the %d others (**!**), %d lie among what repeated measurements gave (*a*), for %d the measured value "
            "lies where 95 %% of single windows do (*w*), and %d lie in the 95 %% interval that the number of recorded "
            "requests leaves (*s*).\n",
            sum.missed, sum.among, sum.window, sum.open);
    printf("Measured where 95 %% of single windows lie:");
    for (size_t i = 0; i < 3; i++)
        printf("%s %d of %d %s", i > 0 ? "," : "", all[i].in_window, all[i].checked, names[i]);
    printf(".\n");
    if (in.steady != NULL)
        windows(&in);
    json_decref(in.verdict);
    json_decref(in.steady);
    const int allowed = argc >= 5 ? atoi(argv[4]) : 0;
    return sum.missed > allowed || all[3].missed > 0;
}
