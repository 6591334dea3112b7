/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loadcast history: what is kept of releases. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/output.h"
#include "base/text.h"
#include "base/utc.h"
#include "commands.h"
#include "history/exchange.h"
#include "history/store.h"
#include "render/json.h"
#include "render/table.h"

#define NONE UINT32_MAX

struct request {
    struct cli_common common;
    const char *csv;
    struct cli_texts columns;
    const char *unit;
    unsigned releases, days; /* to keep; NONE: all */
    const char *file;        /* of the history */
    char *const *operands;   /* after it */
    size_t operand_count;
    struct history *history;
};

static const char *verdict_word(int status)
{
    switch (status) {
    case -1: return "–";
    case LC_OK: return "goals met";
    case LC_MISSED: return "missed";
    case LC_UNDECIDED: return "undecided";
    default: return "failed";
    }
}

/* ---- list -------------------------------------------------------------------------------------------------------- */

static void list_text(const struct history_runs *runs)
{
    static const char *const headers[] = {"release", "run", "recorded (UTC)", "measures", "loadcast", "verdict"};
    struct table table = table_new(6, headers);
    table.ends_with_words = true;
    for (const struct history_run *r = runs->items; (size_t)(r - runs->items) < runs->count; r++) {
        char *cells[] = {lc_strdup(r->release),         lc_strdup(r->run),     lci_utc_text(r->time, LCI_UTC_MINUTES),
                         lc_format("%zu", r->measures), lc_strdup(r->program), lc_strdup(verdict_word(r->status))};
        table_add(&table, cells);
    }
    table_print(&table, stdout, "");
    table_free(&table);
}

static int list(struct request *q, struct lc_diag *diag)
{
    struct history_runs runs;
    if (history_runs(q->history, &runs, diag) != 0)
        return -1;
    if (!cli_is_stdout(q->common.json))
        list_text(&runs);
    if (q->common.json != NULL) {
        json_t *items = json_array();
        for (const struct history_run *r = runs.items; (size_t)(r - runs.items) < runs.count; r++)
            json_array_append_new(items,
                                  json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:i}", "release", r->release, "run", r->run,
                                            "time_ns", (json_int_t)r->time, "measures", (json_int_t)r->measures,
                                            "program", r->program, "options", r->options, "status", r->status));
        cli_json_write(json_pack("{s:s, s:o}", "schema", "loadcast.history.list/1", "runs", items), CLI_JSON_ALL,
                       q->common.json, diag);
    }
    history_runs_free(&runs);
    return 0;
}

/* ---- export and show --------------------------------------------------------------------------------------------- */

/* Of runs of a release (NULL: all), and of one run (NULL: all of it). */
static bool is_wanted(const struct history_run *r, const char *release, const char *run)
{
    return (release == NULL || strcmp(r->release, release) == 0) && (run == NULL || strcmp(r->run, run) == 0);
}

static int read_records(struct request *q, const char *release, const char *run, struct history_records *records,
                        struct lc_diag *diag)
{
    struct history_runs runs;
    int status = history_runs(q->history, &runs, diag);
    for (size_t i = 0; i < runs.count && status == 0; i++)
        if (is_wanted(&runs.items[i], release, run)) {
            LC_GROW(records->items, records->count, records->room);
            status = history_read(q->history, &runs.items[i], &records->items[records->count], diag);
            records->count += status == 0;
        }
    history_runs_free(&runs);
    return status;
}

static json_t *records_json(const struct history_records *records)
{
    json_t *items = json_array();
    for (size_t i = 0; i < records->count; i++)
        json_array_append_new(items, history_record_json(&records->items[i]));
    return json_pack("{s:s, s:o}", "schema", "loadcast.history/1", "runs", items);
}

static void write_csv(const struct history_records *records, const char *file, struct lc_diag *diag)
{
    struct lci_measure_table all = {0};
    for (size_t i = 0; i < records->count; i++)
        for (size_t k = 0; k < records->items[i].measures.count; k++)
            lci_measure_table_add(&all, &records->items[i].measures.items[k]);
    lci_measure_table_sort(&all);
    struct lci_output *output = lci_output_open(file, diag);
    if (output != NULL) {
        lci_measure_table_write(lci_output_stream(output), &all);
        lci_output_close(output, diag);
    }
    lci_measure_table_free(&all);
}

static int export(struct request *q, struct lc_diag *diag)
{
    struct history_records records = {0};
    const char *const json = q->common.json != NULL ? q->common.json : q->csv == NULL ? "-" : NULL;
    const int status = read_records(q, NULL, NULL, &records, diag);
    if (status == 0 && json != NULL)
        cli_json_write(records_json(&records), CLI_JSON_ALL, json, diag);
    if (status == 0 && q->csv != NULL)
        write_csv(&records, q->csv, diag);
    history_records_free(&records);
    return status;
}

static void show_loads(const struct history_record *r)
{
    static const char *const headers[] = {"predicted", "at load", "utilization", "95 % interval"};
    struct table table = table_new(4, headers);
    for (const struct history_load *l = r->loads; (size_t)(l - r->loads) < r->load_count; l++) {
        char *low = percent_text(l->low), *high = percent_text(l->high);
        char *cells[] = {lc_format("%s%s", l->component, l->processor ? " (processor)" : ""), lc_strdup(l->label),
                         percent_text(l->load), lc_format("%s to %s", low, high)};
        table_add(&table, cells);
        free(high);
        free(low);
    }
    if (r->load_count > 0)
        table_print(&table, stdout, "  ");
    table_free(&table);
}

static void show_measures(const struct history_record *r, bool all)
{
    static const char *const headers[] = {"measured", "activity", "of", "count", "mean", "p95"};
    struct table table = table_new(6, headers);
    for (const struct lci_measure_row *m = r->measures.items; (size_t)(m - r->measures.items) < r->measures.count;
         m++) {
        if (!all && (*m->service != 0 || *m->subject != 0))
            continue;
        const bool time = strcmp(m->unit, "s") == 0;
        char *cells[] = {lc_format("%s%s%s", m->name, *m->subject != 0 ? " " : "", m->subject),
                         lc_strdup(m->activity),
                         lc_format("%s%s%s", m->service, *m->operation != 0 ? "/" : "", m->operation),
                         lc_format("%llu", (unsigned long long)m->count),
                         time ? time_text(m->mean) : number_text(m->mean),
                         time ? time_text(m->p95) : number_text(m->p95)};
        table_add(&table, cells);
    }
    if (table.rows > 1)
        table_print(&table, stdout, "  ");
    table_free(&table);
}

static void show_text(const struct request *q, const struct history_records *records)
{
    for (const struct history_record *r = records->items; (size_t)(r - records->items) < records->count; r++) {
        char *time = lci_utc_text(r->time, LCI_UTC_MINUTES);
        printf("%s%s%s, recorded %s UTC%s%s%s%s: %s\n", r->release, *r->run != 0 ? " run " : "", r->run, time,
               *r->program != 0 ? " by loadcast " : "", r->program, *r->options != 0 ? ", " : "", r->options,
               verdict_word(r->status));
        free(time);
        json_t *summary = r->summary != NULL ? json_loads(r->summary, 0, NULL) : NULL;
        const char *answer = json_string_value(json_object_get(summary, "answer"));
        if (answer != NULL)
            printf("  %s\n", answer);
        json_decref(summary);
        show_loads(r);
        show_measures(r, q->common.verbose);
    }
}

static int show(struct request *q, struct lc_diag *diag)
{
    struct history_records records = {0};
    const char *run = q->operand_count > 1 ? q->operands[1] : NULL;
    int status = read_records(q, q->operands[0], run, &records, diag);
    if (status == 0 && records.count == 0) {
        lc_error(diag, LC_INPUT, NULL,
                 "%s: expected a release that is recorded, found '%s'%s%s; 'history list' names them", q->file,
                 q->operands[0], run != NULL ? ", run " : "", run != NULL ? run : "");
        status = -1;
    }
    if (status == 0 && !cli_is_stdout(q->common.json))
        show_text(q, &records);
    if (status == 0 && q->common.json != NULL)
        cli_json_write(records_json(&records), CLI_JSON_ALL, q->common.json, diag);
    history_records_free(&records);
    return status;
}

/* ---- import, prune, check ---------------------------------------------------------------------------------------- */

static int import(struct request *q, struct lc_diag *diag)
{
    struct history_records records = {0};
    const struct history_columns columns = {q->columns.items, q->columns.count, q->unit};
    int status = 0;
    for (size_t i = 0; i < q->operand_count; i++)
        if (history_import(q->operands[i], &columns, &records, diag) != 0)
            status = -1;
    if (status == 0 && (q->history = history_open(q->file, true, diag)) != NULL &&
        history_write(q->history, &records, diag) == 0 && !q->common.quiet)
        printf("%zu runs imported\n", records.count);
    history_records_free(&records);
    return status;
}

static int prune(struct request *q, struct lc_diag *diag)
{
    struct history_runs runs;
    if (history_runs(q->history, &runs, diag) != 0)
        return -1;
    int64_t *ids = lc_calloc(runs.count + 1, sizeof *ids);
    const int64_t since = q->days != NONE ? ((int64_t)time(NULL) - (int64_t)q->days * 86400) * 1000000000 : INT64_MIN;
    size_t count = 0;
    for (const struct history_run *r = runs.items; (size_t)(r - runs.items) < runs.count; r++)
        if ((q->releases != NONE && r->release_at + q->releases < runs.releases) || r->time < since)
            ids[count++] = r->id;
    const int status = history_remove(q->history, ids, count, diag);
    if (status == 0 && !q->common.quiet)
        printf("%zu of %zu runs removed\n", count, runs.count);
    free(ids);
    history_runs_free(&runs);
    return status;
}

static int check(struct request *q, struct lc_diag *diag)
{
    struct history_runs runs;
    if (history_check(q->history, diag) != 0 || history_runs(q->history, &runs, diag) != 0)
        return -1;
    printf("%s is whole: %zu runs of %zu releases\n", q->file, runs.count, runs.releases);
    history_runs_free(&runs);
    return 0;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static const struct verb {
    const char *name;
    int (*run)(struct request *request, struct lc_diag *diag);
    size_t least, most; /* operands after the file */
    bool opens;         /* a history that is there */
} verbs[] = {
    {"list", list, 0, 0, true},     {"show", show, 1, 2, true},
    {"export", export, 0, 0, true}, {"import", import, 1, SIZE_MAX, false},
    {"prune", prune, 0, 0, true},   {"check", check, 0, 0, true},
};

static const struct verb *find_verb(const char *name)
{
    const char *names[sizeof verbs / sizeof *verbs + 1] = {0};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
        names[i] = verbs[i].name;
    }
    const char *nearest = lci_nearest(name, names);
    cli_usage_error(&cmd_history, "expected list, show, export, import, prune or check, found '%s'%s%s%s", name,
                    nearest != NULL ? "; did you mean '" : "", nearest != NULL ? nearest : "",
                    nearest != NULL ? "'?" : "");
}

static void check_usage(const struct request *q, const struct verb *verb)
{
    if (q->operand_count < verb->least || q->operand_count > verb->most)
        cli_usage_error(&cmd_history, "'%s' expects %s, and %zu %s given", verb->name,
                        verb->run == show     ? "a release and perhaps a run"
                        : verb->run == import ? "files to import"
                                              : "nothing after the file of the history",
                        q->operand_count, q->operand_count == 1 ? "is" : "are");
    if (verb->run == prune && q->releases == NONE && q->days == NONE)
        cli_usage_error(&cmd_history, "'prune' needs --keep-releases N or --keep-days N");
    if (verb->run != prune && (q->releases != NONE || q->days != NONE))
        cli_usage_error(&cmd_history, "--keep-releases and --keep-days are of 'prune'");
    if (verb->run != import && (q->columns.count > 0 || q->unit != NULL))
        cli_usage_error(&cmd_history, "--column and --unit are of 'import'");
    for (size_t i = 0; i < q->columns.count; i++)
        if (strchr(q->columns.items[i], '=') == NULL)
            cli_usage_error(&cmd_history, "--column: expected NAME=ROLE, found '%s'", q->columns.items[i]);
    if (verb->run != export && q->csv != NULL)
        cli_usage_error(&cmd_history, "--csv is of 'export'");
    if (q->unit != NULL && strcmp(q->unit, "s") != 0 && strcmp(q->unit, "ms") != 0 && strcmp(q->unit, "us") != 0 &&
        strcmp(q->unit, "ns") != 0)
        cli_usage_error(&cmd_history, "--unit: expected s, ms, us or ns, found '%s'", q->unit);
}

static int check_outputs(const struct request *q, struct lc_diag *diag)
{
    const struct cli_output outputs[] = {{"--json", q->common.json}, {"--csv", q->csv}};
    const char **inputs = lc_calloc(q->operand_count + 1, sizeof *inputs);
    inputs[0] = q->file;
    memcpy(inputs + 1, q->operands, q->operand_count * sizeof *inputs);
    const int status = cli_check_outputs(&(struct cli_outputs){outputs, 2, inputs, q->operand_count + 1}, diag);
    free(inputs);
    return status;
}

static int execute(int argc, char **argv)
{
    struct request q = {.releases = NONE, .days = NONE};
    struct cli_option options[] = {
        {"csv", 0, CLI_TEXT, "FILE|-", "export: the measures, a row each", &q.csv},
        {"column", 0, CLI_TEXTS, "NAME=ROLE",
         "import: a column is the release, run, activity, service, operation, time, nothing ('NAME='), or a measure",
         &q.columns},
        {"unit", 0, CLI_TEXT, "UNIT", "import: of columns without one in their name: s, ms, us (numbers)", &q.unit},
        {"keep-releases", 0, CLI_COUNT, "N", "prune: the last N releases stay", &q.releases},
        {"keep-days", 0, CLI_COUNT, "N", "prune: what was recorded in the last N days stays", &q.days},
        {0},
    };
    const int operands = cli_parse(&cmd_history, argc, argv, options, &q.common);
    if (operands == 0)
        cli_usage_error(&cmd_history, "expected list, show, export, import, prune or check");
    const struct verb *verb = find_verb(argv[0]);
    if (operands == 1 || *argv[1] == 0)
        cli_usage_error(&cmd_history, "'%s' needs the file of a history", verb->name);
    q.file = argv[1];
    q.operands = argv + 2;
    q.operand_count = (size_t)operands - 2;
    check_usage(&q, verb);
    struct lc_diag diag = {0};
    if (check_outputs(&q, &diag) == 0 && (!verb->opens || (q.history = history_open(q.file, false, &diag)) != NULL))
        verb->run(&q, &diag);
    history_close(q.history);
    free(q.columns.items);
    return (int)cli_report(&diag, &q.common);
}

const struct cli_command cmd_history = {
    .name = "history",
    .usage = "list|show|export|import|prune|check FILE …",
    .summary = "Lists, exports, imports, prunes and checks what is kept of releases",
    .details =
        "  list FILE                     runs of all releases, in the order of each one's first run\n"
        "  show FILE RELEASE [RUN]       what was measured and predicted; --verbose: every operation\n"
        "  export FILE                   all of it as JSON; --csv: the measures, a row each\n"
        "  import FILE TABLE…            what export or 'measure --csv' wrote, or a table with a row a run and a "
        "column\n"
        "                                a measure ('release', 'run', 'db_reads', 'duration_s'); --column says what\n"
        "                                other names mean. The same release and run replaces itself.\n"
        "  prune FILE --keep-releases N  removes what is older, and gives its room back\n"
        "  check FILE                    pages, references, and the sum of every run\n\n"
        "FILE is written by 'run --history', 'nightly' and 'import', and may be in use by several jobs.\n\n"
        "Exit status: 0 done; 3 a wrong file, or one that is damaged; 4 the disk is full, or the file stays locked.\n\n"
        "example: loadcast history import history.db table.csv --column scenario=activity",
    .run = execute,
};
