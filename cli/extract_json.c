/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "extract.h"
#include "fit/trace/symbols.h"
#include "render/json.h"

/* Microseconds, with as many decimals as nanoseconds need. */
static void put_us(FILE *out, int64_t ns)
{
    const uint64_t n = ns < 0 ? (uint64_t) - (ns + 1) + 1 : (uint64_t)ns;
    fprintf(out, "%s%" PRIu64, ns < 0 ? "-" : "", n / 1000);
    if (n % 1000 != 0) {
        char digits[8];
        int length = snprintf(digits, sizeof digits, "%03u", (unsigned)(n % 1000));
        while (digits[length - 1] == '0')
            length--;
        fprintf(out, ".%.*s", length, digits);
    }
}

static void put_time(FILE *out, const char *key, int64_t ns)
{
    fprintf(out, ",\"%s\":", key);
    put_us(out, ns);
}

/* Null when it is not known. */
static void put_known_time(FILE *out, const char *key, int64_t ns)
{
    if (ns < 0)
        fprintf(out, ",\"%s\":null", key);
    else
        put_time(out, key, ns);
}

static void put_text(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    cli_json_put_text(out, text);
}

static void put_optional(FILE *out, const char *key, const struct lc_symbols *symbols, lc_symbol symbol)
{
    if (symbol != 0)
        put_text(out, key, lci_symbol_text(symbols, symbol));
    else
        fprintf(out, ",\"%s\":null", key);
}

static void put_flag(FILE *out, const char *key, bool value)
{
    fprintf(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static const char *access_name(uint8_t access)
{
    return access == LC_ACCESS_READ ? "\"read\"" : access == LC_ACCESS_WRITE ? "\"write\"" : "null";
}

/* The part of a call's window that lies within its caller. */
static int64_t inner_length(const struct lc_tree_node *parent, const struct lc_tree_node *call)
{
    const int64_t from = call->request > parent->start ? call->request : parent->start;
    const int64_t to = call->response < parent->end ? call->response : parent->end;
    return to > from ? to - from : 0;
}

static void put_events(FILE *out, const struct lc_tree *tree, const struct lc_tree_node *n,
                       const struct lc_symbols *symbols)
{
    fputs(",\"events\":[", out);
    for (uint32_t i = 0; i < n->child_count; i++) {
        const struct lc_tree_node *c = &tree->nodes[n->first_child + i];
        const bool blocking = c->edge != LC_EDGE_FORGET;
        fprintf(out, "%s{\"id\":\"%" PRIu64 "\"", i > 0 ? "," : "", c->id);
        put_text(out, "service", lci_symbol_text(symbols, c->task));
        put_text(out, "task", lci_symbol_text(symbols, c->entry));
        put_optional(out, "process", symbols, c->instance);
        put_text(out, "type", blocking ? "blocking" : "non-blocking");
        put_time(out, "blocking_duration", blocking ? inner_length(n, c) : 0);
        put_time(out, "marginal_duration", c->marginal);
        put_time(out, "relative_ts", c->relative);
        putc_unlocked('}', out);
    }
    putc_unlocked(']', out);
}

static void put_timing(FILE *out, const struct lc_tree *tree, const struct lc_tree_node *n,
                       const struct lc_symbols *symbols)
{
    const int64_t duration = n->end - n->start;
    char number[32];
    fputs(",\"timing\":{\"self_duration\":", out);
    put_us(out, n->self);
    put_time(out, "blocked_duration", n->blocked);
    fprintf(out, ",\"percent_self_duration\":%s",
            lci_number_text(duration > 0 ? (double)n->self / (double)duration : 1, number));
    fputs(",\"segments\":[", out);
    for (uint32_t i = 0; i <= n->group_count; i++) {
        if (i > 0)
            putc_unlocked(',', out);
        put_us(out, tree->segments[n->first_segment + i]);
    }
    putc_unlocked(']', out);
    put_events(out, tree, n, symbols);
    putc_unlocked('}', out);
}

/* The parts of the network latency, where the network was observed in between. */
static void put_hops(FILE *out, const struct lc_tree *tree, const struct lc_tree_node *n,
                     const struct lc_symbols *symbols)
{
    if (n->hop_count == 0)
        return;
    fputs(",\"hops\":[", out);
    for (uint32_t i = 0; i < n->hop_count; i++) {
        const struct lc_hop *hop = &tree->hops[n->first_hop + i];
        fputs(i > 0 ? ",{\"from\":" : "{\"from\":", out);
        cli_json_put_text(out, lci_symbol_text(symbols, hop->from));
        put_text(out, "to", lci_symbol_text(symbols, hop->to));
        put_time(out, "latency", hop->latency);
        putc_unlocked('}', out);
    }
    putc_unlocked(']', out);
}

/* Everything of a node but its children; the object stays open. */
static void open_node(FILE *out, const struct lc_tree *tree, const struct lc_tree_node *n,
                      const struct lc_symbols *symbols)
{
    const struct lc_trace *t = tree->trace;
    const struct lc_span *span = &t->spans[n->span];
    const lc_symbol queue = lc_span_attribute(t, span, LC_ATTR_QUEUE_ID);
    fprintf(out, "{\"id\":\"%" PRIu64 "\",\"trace_id\":\"", n->id);
    if (t->high != 0)
        fprintf(out, "%016" PRIx64, t->high);
    fprintf(out, "%016" PRIx64 "\",\"parent_id\":", t->low);
    if (n->parent >= 0)
        fprintf(out, "\"%" PRIu64 "\"", tree->nodes[n->parent].id);
    else
        fputs("null", out);
    put_text(out, "service_name", lci_symbol_text(symbols, n->task));
    put_text(out, "operation_name", lci_symbol_text(symbols, n->entry));
    put_optional(out, "process_id", symbols, n->instance);
    put_time(out, "start_time", n->start);
    put_time(out, "duration", n->end - n->start);
    put_time(out, "request_time", n->request);
    put_time(out, "response_time", n->response);
    put_flag(out, "async_request", n->edge == LC_EDGE_CONCURRENT || n->edge == LC_EDGE_FORGET);
    put_flag(out, "blocking", n->edge != LC_EDGE_FORGET);
    put_optional(out, "queue_job_id", symbols, queue != 0 ? queue : lc_span_attribute(t, span, LC_ATTR_MESSAGING_ID));
    put_text(out, "edge", lc_edge_name(n->edge));
    put_text(out, "class", lc_class_name(n->class_));
    fprintf(out, ",\"access\":%s", access_name(n->access));
    put_flag(out, "external", n->external);
    put_flag(out, "acquire", n->acquire);
    put_flag(out, "error", n->error);
    put_flag(out, "fit", n->fit);
    put_optional(out, "caller_operation", symbols, n->caller_operation);
    fprintf(out, ",\"group\":%" PRId32, n->group);
    put_known_time(out, "network_latency", n->network_latency);
    put_known_time(out, "wire_duration", n->network_latency); /* the same by its name up to version 0.1 */
    put_hops(out, tree, n, symbols);
    put_known_time(out, "queue_delay", n->queue_delay);
    put_timing(out, tree, n, symbols);
}

/* Where a node's output stands: its blocking children are written first, then the others. */
struct frame {
    uint32_t node, next;
    bool async, first;
};

/* Goes down and up by hand: a trace may be a chain of any length. */
void extract_json(FILE *out, const struct lc_tree *tree, const struct lc_symbols *symbols)
{
    struct frame *stack = NULL;
    size_t depth = 0, capacity = 0;
    LC_GROW(stack, depth, capacity);
    stack[depth++] = (struct frame){.first = true};
    open_node(out, tree, &tree->nodes[0], symbols);
    fputs(",\"children\":[", out);
    while (depth > 0) {
        struct frame *f = &stack[depth - 1];
        const struct lc_tree_node *n = &tree->nodes[f->node];
        while (f->next < n->child_count && (tree->nodes[n->first_child + f->next].edge == LC_EDGE_FORGET) != f->async)
            f->next++;
        if (f->next < n->child_count) {
            const uint32_t child = n->first_child + f->next++;
            if (!f->first)
                putc_unlocked(',', out);
            f->first = false;
            open_node(out, tree, &tree->nodes[child], symbols);
            fputs(",\"children\":[", out);
            LC_GROW(stack, depth, capacity);
            stack[depth++] = (struct frame){.node = child, .first = true};
        } else if (!f->async) {
            fputs("],\"async_children\":[", out);
            *f = (struct frame){.node = f->node, .async = true, .first = true};
        } else {
            fputs("]}", out);
            depth--;
        }
    }
    putc_unlocked('\n', out);
    free(stack);
}
