/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/output.h"
#include "commands.h"
#include "extract.h"
#include "fit/network/parts.h"
#include "fit/trace/symbols.h"
#include "loadcast/format.h"
#include "pulling.h"

struct extract {
    struct pulling pulling;
    const char *format, *trace;
    struct cli_texts assume_async, assume_sync;
    bool summary, keep_internal, strict;
    unsigned limit;
    /* On the way. */
    struct lc_symbols *symbols;
    FILE *out;
    int width;
    bool text, spans;
    uint64_t high, low; /* of --trace */
    bool whole_id;      /* --trace gave all 128 bits */
    uint64_t shown;
    uint8_t *is_service; /* per symbol */
    size_t symbol_capacity;
    struct extract_counts counts;
    struct cli_progress progress;
};

static void count_services(struct extract *x, const struct lc_tree *tree)
{
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *n = &tree->nodes[i];
        if (n->external)
            continue;
        if (n->task >= x->symbol_capacity) {
            const size_t old = x->symbol_capacity;
            x->symbol_capacity = (size_t)n->task + 64;
            x->is_service = lc_realloc(x->is_service, x->symbol_capacity, 1);
            memset(x->is_service + old, 0, x->symbol_capacity - old);
        }
        x->counts.services += x->is_service[n->task] == 0;
        x->is_service[n->task] = 1;
    }
}

/* Whether a trace is one of those that are asked for. */
static bool is_wanted(const struct extract *x, uint64_t high, uint64_t low)
{
    return x->trace == NULL || (low == x->low && (!x->whole_id || high == x->high));
}

/* Rows of DeepFlow that were put together as one trace. */
static void take_assembled(void *context, const struct lc_assembled *trace)
{
    struct extract *x = context;
    if (!x->spans || x->summary || !is_wanted(x, trace->high, trace->low) || (x->limit > 0 && x->shown == x->limit))
        return;
    x->shown++;
    extract_spans(x->out, trace, x->symbols);
}

#define ENOUGH 1 /* what the sink returns when no further tree is wanted */

static int take(void *context, const struct lc_tree *tree)
{
    struct extract *x = context;
    if (x->summary) {
        count_services(x, tree);
        extract_hops_add(&x->counts.hops, tree);
        return 0;
    }
    if (x->spans || !is_wanted(x, tree->trace->high, tree->trace->low))
        return 0;
    if (x->limit > 0 && x->shown == x->limit)
        return ENOUGH;
    x->shown++;
    if (x->text)
        extract_text(x->out, tree, x->symbols, x->width);
    else
        extract_json(x->out, tree, x->symbols);
    return ferror(x->out) ? ENOUGH : 0; /* the end of output is judged when it is closed */
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    struct extract *x = context;
    cli_progress_show(&x->progress, (double)done * 1e-6, (double)total * 1e-6);
}

/* 1 to 32 hexadecimal digits; as everywhere, 64 bits name a trace of 128, too. */
static void parse_trace(struct extract *x)
{
    const size_t length = strlen(x->trace);
    if (length == 0 || length > 32 || strspn(x->trace, "0123456789abcdefABCDEF") != length)
        cli_usage_error(&cmd_extract, "--trace: expected a trace id of 1 to 32 hexadecimal digits, found '%s'",
                        x->trace);
    char digits[33];
    snprintf(digits, sizeof digits, "%s", x->trace);
    char *low = length > 16 ? digits + length - 16 : digits;
    x->low = strtoull(low, NULL, 16);
    if (length > 16) {
        *low = 0;
        x->high = strtoull(digits, NULL, 16);
        x->whole_id = true;
    }
}

static int terminal_width(void)
{
    struct winsize size;
    if (cli_is_terminal(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < 70 ? 70 : size.ws_col;
    return 100;
}

static void warn_repairs(const struct lc_repairs *repairs, struct lc_diag *diag)
{
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        if (repairs->count[i] > 0)
            lc_warn(diag, NULL, "%" PRIu64 " %s", repairs->count[i], lc_repair_sentence((enum lc_repair)i));
}

static void parse(struct extract *x, int argc, char **argv, struct cli_common *common, int *operands)
{
    struct cli_option options[] = {
        {"format", 'f', CLI_TEXT, "json|text|spans",
         "JSON lines (default), a timeline to read, or how rows of DeepFlow were put together", &x->format},
        {"summary", 's', CLI_FLAG, NULL, "what was read, repaired and decided, instead of trees", &x->summary},
        {"trace", 't', CLI_TEXT, "ID", "only this trace", &x->trace},
        {"limit", 'n', CLI_COUNT, "N", "the first N trees", &x->limit},
        {"assume-async", 0, CLI_TEXTS, "S:OP", "nobody waits for operation OP of service S", &x->assume_async},
        {"assume-sync", 0, CLI_TEXTS, "S:OP", "callers wait for operation OP of service S", &x->assume_sync},
        {"keep-internal", 0, CLI_FLAG, NULL, "internal spans are nodes of their own", &x->keep_internal},
        CLI_OPTION_STRICT(&x->strict),
        PULL_OPTIONS(x->pulling),
        {NULL, 0, 0, NULL, NULL, NULL},
    };
    *operands = cli_parse(&cmd_extract, argc, argv, options, common);
    if (*operands == 0 && x->pulling.from.count == 0)
        cli_usage_error(&cmd_extract, "no traces are named");
    pull_check(&cmd_extract, &x->pulling);
    x->spans = x->format != NULL && strcmp(x->format, "spans") == 0;
    if (x->format != NULL && strcmp(x->format, "json") != 0 && strcmp(x->format, "text") != 0 && !x->spans)
        cli_usage_error(&cmd_extract, "--format: expected 'json', 'text' or 'spans', found '%s'", x->format);
    x->text = x->format != NULL && strcmp(x->format, "text") == 0;
    if (x->text && common->json != NULL && !x->summary)
        cli_usage_error(&cmd_extract, "--json writes trees as JSON lines: it does not go with --format text");
    if (x->trace != NULL)
        parse_trace(x);
}

/* The table on standard output, and the document where --json wants it (in the table's place when that is there). */
static void put_summary(struct extract *x, const struct lc_extraction *extraction, struct lci_output *json)
{
    if (json == NULL || x->out != stdout)
        extract_summary(stdout, extraction, &x->counts, x->symbols);
    if (json != NULL)
        extract_summary_json(x->out, extraction, &x->counts, x->symbols);
}

static void free_extract(struct extract *x)
{
    free(x->is_service);
    extract_hops_free(&x->counts.hops);
    free(x->assume_async.items);
    free(x->assume_sync.items);
    pulling_free(&x->pulling);
}

static int run(int argc, char **argv)
{
    struct extract x = {.out = stdout, .width = terminal_width()};
    struct cli_common common;
    struct lc_diag diag = {0};
    int operands;
    parse(&x, argc, argv, &common, &operands);
    const enum lc_status pulled = pull_all(&x.pulling, operands, argv, &common);
    if (pulled != LC_OK) {
        free_extract(&x);
        return (int)pulled;
    }
    const char *const *inputs = (const char *const *)x.pulling.names;
    const size_t count = (size_t)x.pulling.count;
    const struct cli_output output = {"--json", common.json};
    struct lci_output *json = NULL;
    if (cli_check_outputs(&(struct cli_outputs){&output, 1, inputs, count}, &diag) != 0 ||
        (common.json != NULL && (json = lci_output_open(common.json, &diag)) == NULL)) {
        free_extract(&x);
        return (int)cli_report(&diag, &common);
    }
    if (json != NULL)
        x.out = lci_output_stream(json);
    x.symbols = lci_symbols_new();
    const struct lc_tree_options options = {
        .reader = {.strict = x.strict,
                   .progress = show_progress,
                   .assembled = x.spans ? take_assembled : NULL,
                   .context = &x},
        .assume_async = x.assume_async.items,
        .assume_sync = x.assume_sync.items,
        .keep_internal = x.keep_internal,
    };
    struct lc_extraction extraction;
    cli_progress_start(&x.progress, "reading", "MB", &common);
    int status = 0;
    if (!x.summary || x.spans ||
        !lci_parts_extract(inputs, count, &options, x.symbols, &extraction, &x.counts.services))
        status = lc_trees_read(inputs, count, &options, x.symbols, take, &x, &extraction, &diag);
    cli_progress_end(&x.progress);
    if (status >= 0) {
        if (x.summary)
            put_summary(&x, &extraction, json);
        else if (x.trace != NULL && x.shown == 0)
            lc_error(&diag, LC_INPUT, NULL, "there is no trace %s in the input", x.trace);
    }
    if (status >= 0 && x.spans && !x.summary && x.shown == 0 && x.trace == NULL)
        lc_error(&diag, LC_INPUT, NULL,
                 "--format spans shows how rows of DeepFlow were put together; expected at least one row, found none");
    if (!x.summary) /* the summary tells them itself */
        warn_repairs(&extraction.reading.repairs, &diag);
    if (json != NULL && status >= 0)
        lci_output_close(json, &diag);
    else if (json != NULL)
        lci_output_abandon(json);
    lc_extraction_free(&extraction);
    lci_symbols_free(x.symbols);
    free_extract(&x);
    return (int)cli_report(&diag, &common);
}

const struct cli_command cmd_extract = {
    .name = "extract",
    .usage = "TRACES… [options]",
    .summary = "Turns recorded spans into interaction trees: what each request did itself and what it waited for",
    .details = "TRACES are files, folders, wildcards or '-' (standard input), plain, gzip or zstd, in any supported\n"
               "format, told apart by content. One tree is one line of JSON; times are in microseconds.\n\n"
               "  loadcast extract traces.json.gz --format text --limit 1\n"
               "  loadcast extract traces/ --summary\n"
               "  loadcast extract l7_flow_log.json --format spans",
    .ranks = true,
    .run = run,
};
