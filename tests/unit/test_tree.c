/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/trace/symbols.h"
#include "span_text.h"
#include "tree/classify.h"
#include "tree/decisions.h"
#include "tree/passes.h"

/* Everything that came out of some traces: copies of the nodes and segments of all trees. */
struct outcome {
    struct span_text text;
    struct lc_diag diag;
    struct lc_extraction extraction;
    struct lc_tree_node *nodes;
    int64_t *segments;
    size_t node_count, tree_count, starts[512];
    size_t incomplete; /* trees */
};

static int keep(void *context, const struct lc_tree *tree)
{
    struct outcome *o = context;
    size_t segments = 0;
    for (size_t i = 0; i < tree->node_count; i++)
        segments += tree->nodes[i].group_count + 1;
    o->nodes = lc_realloc(o->nodes, o->node_count + tree->node_count, sizeof *o->nodes);
    memcpy(o->nodes + o->node_count, tree->nodes, tree->node_count * sizeof *o->nodes);
    o->segments = lc_realloc(o->segments, segments, sizeof *o->segments); /* of the last tree */
    memcpy(o->segments, tree->segments, segments * sizeof *o->segments);
    assert_true(o->tree_count < 512);
    o->starts[o->tree_count++] = o->node_count;
    o->node_count += tree->node_count;
    o->incomplete += tree->incomplete;
    return 0;
}

/* `traces` ends with NULL. */
static struct outcome *extract(const char *const *traces, const struct lc_tree_options *options)
{
    static const struct lc_tree_options none;
    struct outcome *o = lc_calloc(1, sizeof *o);
    o->text.symbols = lci_symbols_new();
    struct lci_passes *passes = lci_passes_new(options != NULL ? options : &none, o->text.symbols, &o->diag);
    uint64_t spans = 0;
    for (size_t i = 0; traces[i] != NULL; i++) {
        const struct lc_trace *trace = span_text_read(&o->text, i + 1, traces[i]);
        spans += trace->span_count;
        assert_int_equal(lci_passes_add(passes, trace), 0);
    }
    assert_int_equal(lci_passes_finish(passes, keep, o, &o->extraction), 0);
    const struct lc_span_fates *fates = &o->extraction.fates;
    assert_int_equal(fates->nodes + fates->merged + fates->inside + fates->polling, spans);
    lci_passes_free(passes);
    return o;
}

static struct outcome *extract_one(const char *trace)
{
    const char *const traces[] = {trace, NULL};
    return extract(traces, NULL);
}

static void drop(struct outcome *o)
{
    free(o->nodes);
    free(o->segments);
    lc_extraction_free(&o->extraction);
    lc_diag_free(&o->diag);
    span_text_free(&o->text);
    free(o);
}

static const struct lc_tree_node *node(const struct outcome *o, uint64_t id)
{
    for (size_t i = 0; i < o->node_count; i++)
        if (o->nodes[i].id == id)
            return &o->nodes[i];
    fail_msg("there is no node %lu", (unsigned long)id);
    return NULL;
}

#define assert_name(o, symbol, expected) assert_string_equal(lci_symbol_text((o)->text.symbols, symbol), expected)

/* The sample of a real system that the field's standard definitions are usually shown with, in µs: a request of 195.869
 * ms with a connect, a read and an external call. */
static void sample_of_a_search(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 phoenix - 1000000000 1195869000 /search\n"
                                    "2 1 phoenix - 1061310000 1064225000 PDO::__construct\n"
                                    "3 1 phoenix - 1074736000 1075205000 PDO::query query=SELECT~subscriptions\n"
                                    "4 1 phoenix c 1082383000 1185049000 GET method=GET url=https://maps.example/geo\n"
                                    "5 1 phoenix - 1186000000 1191983000 PDO::commit\n");
    const struct lc_tree_node *root = node(o, 1);
    assert_int_equal(o->node_count, 5);
    assert_int_equal(root->self, 83836000);
    assert_int_equal(root->blocked, 112033000);
    assert_true((double)root->self / (double)(root->end - root->start) == 0.4280207689833511);
    assert_int_equal(node(o, 2)->relative, 61310000);
    assert_int_equal(node(o, 3)->relative, 71821000);
    assert_int_equal(node(o, 4)->relative, 78999000);
    assert_name(o, node(o, 2)->task, "postgres");
    assert_name(o, node(o, 2)->entry, "connect");
    assert_int_equal(node(o, 2)->access, LC_ACCESS_NONE);
    assert_name(o, node(o, 3)->entry, "SELECT subscriptions");
    assert_int_equal(node(o, 3)->access, LC_ACCESS_READ);
    assert_name(o, node(o, 4)->task, "maps.example");
    assert_name(o, node(o, 4)->entry, "GET /geo");
    assert_true(node(o, 4)->external);
    assert_int_equal(node(o, 4)->class_, LC_CLASS_HTTP);
    drop(o);
}

static void client_and_server_are_one_call(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 100 1111 GET~/x method=GET route=/x\n"
                                    "2 1 a i 110 1100 handler\n"
                                    "3 2 a c 203 903 GET method=GET\n"
                                    "4 3 b s 303 801 GET~/y/:id method=GET route=/y/:id error\n");
    assert_int_equal(o->node_count, 2);
    const struct lc_tree_node *call = node(o, 4);
    assert_int_equal(call->client_id, 3);
    assert_int_equal(call->request, 203);
    assert_int_equal(call->response, 903);
    assert_int_equal(call->start, 303);
    assert_int_equal(call->end, 801);
    assert_int_equal(call->network_latency, 700 - 498);
    assert_int_equal(call->self, 498);
    assert_int_equal(call->edge, LC_EDGE_SYNC);
    assert_true(call->error);
    assert_name(o, call->entry, "GET /y/:id");
    assert_name(o, call->caller_operation, "GET");
    assert_int_equal(node(o, 1)->self, 1011 - 700);
    assert_int_equal(o->segments[0], 103);
    assert_int_equal(o->segments[1], 208);
    drop(o);
    const char *const traces[] = {"1 0 a s 100 1111 GET~/x\n2 1 a i 110 1100 handler\n3 2 a c 203 903 GET address=h\n",
                                  NULL};
    o = extract(traces, &(struct lc_tree_options){.keep_internal = true});
    assert_int_equal(o->node_count, 3);
    assert_int_equal(node(o, 2)->self, 990 - 700);
    assert_int_equal(node(o, 1)->self, 1011 - 990);
    drop(o);
}

static void several_servers_share_a_client_span(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 1 1001 op\n"
                                    "2 1 a c 101 901 call\n"
                                    "3 2 b s 151 301 op\n"
                                    "4 2 b s 401 801 op\n");
    assert_int_equal(node(o, 1)->blocked, 800); /* the pause between the attempts, too */
    assert_int_equal(node(o, 3)->request, 101);
    assert_int_equal(node(o, 3)->response, 401);
    assert_int_equal(node(o, 4)->request, 401);
    assert_int_equal(node(o, 4)->response, 901);
    assert_int_equal(node(o, 4)->network_latency, -1);
    drop(o);
    /* Every attempt has a client span of its own. */
    o = extract_one("1 0 a s 1 1001 op\n2 1 a c 101 901 call peer=b\n5 2 a c 111 311 try\n3 5 b s 151 301 op\n"
                    "6 2 a c 391 811 try\n4 6 b s 401 801 op\n");
    assert_int_equal(o->node_count, 3);
    assert_int_equal(node(o, 1)->blocked, 800);
    assert_int_equal(node(o, 3)->response, 391);
    drop(o);
}

static void pools_and_wrappers(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 1 1001 op\n"
                                    "2 1 a c 101 201 pg-pool.connect db=postgresql dbname=shop\n"
                                    "3 2 a c 111 191 pg.connect db=postgresql dbname=shop\n"
                                    "4 1 a c 301 401 pg.query db=postgresql dbname=shop query=INSERT~orders\n"
                                    "5 1 a c 501 701 load~all\n"
                                    "6 5 a c 511 551 get db=redis dbop=get\n"
                                    "7 5 a c 561 601 set db=redis dbop=set\n");
    assert_int_equal(o->node_count, 5);
    assert_true(node(o, 2)->acquire);
    assert_false(node(o, 4)->acquire);
    assert_name(o, node(o, 4)->task, "postgresql:shop");
    assert_int_equal(node(o, 4)->access, LC_ACCESS_WRITE);
    assert_int_equal(node(o, 6)->class_, LC_CLASS_CACHE);
    assert_int_equal(node(o, 6)->access, LC_ACCESS_READ);
    assert_int_equal(node(o, 7)->access, LC_ACCESS_WRITE);
    assert_int_equal(node(o, 1)->blocked, 100 + 100 + 40 + 40);
    drop(o);
}

/* A job is not awaited, nor is what is done to send it if that outlives the request; the waiting time of the job is
 * known. */
/* A client's span below another one: a part of its call, or a call of its own. */
static void clients_below_clients(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 api s 0 100000000 GET\n"
                                    "2 1 api c 10000000 15000000 find db=mongodb dbname=m\n"
                                    "3 2 api c 18000000 90000000 get db=redis dbname=r\n"
                                    "4 1 api c 92000000 99000000 search db=elasticsearch\n"
                                    "5 4 api c 93000000 98000000 POST method=POST address=es\n");
    assert_int_equal(o->node_count, 4);
    assert_int_equal(node(o, 1)->self, 100000000 - 5000000 - 72000000 - 7000000);
    assert_int_equal(node(o, 3)->edge, LC_EDGE_SYNC);
    assert_name(o, node(o, 3)->task, "redis");
    drop(o);
    /* One after the other's end goes to the same server all the same; one within it to another. */
    o = extract_one("1 0 api s 0 100000000 GET\n"
                    "2 1 api c 10000000 40000000 GET method=GET peer=users\n"
                    "3 2 api c 15000000 20000000 GET db=redis\n"
                    "4 2 api c 40000000 60000000 GET method=GET peer=users\n"
                    "5 2 api c 22000000 30000000 GET method=GET peer=auth\n"
                    "6 2 api c 31000000 39000000 GET method=GET address=10.0.0.1\n"
                    "7 6 users s 32000000 38000000 GET\n");
    assert_int_equal(o->node_count, 5);
    assert_int_equal(node(o, 1)->self, 50000000);
    assert_int_equal(node(o, 3)->edge, LC_EDGE_CONCURRENT);
    assert_name(o, node(o, 5)->task, "auth");
    assert_int_equal(node(o, 7)->client_id, 2);
    drop(o);
}

static void jobs(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 1000003 2000003 op\n"
                                    "2 1 a p 1900003 2900003 add~job topic=jobs\n"
                                    "3 2 a c 1950003 2800003 evalsha db=redis dbop=evalsha\n"
                                    "4 2 w q 3900003 5900003 process~job\n"
                                    "5 4 w c 4000003 5000003 GET method=GET address=maps port=8443\n"
                                    "6 1 a p 1100003 1200003 add~job topic=jobs\n");
    assert_int_equal(node(o, 4)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 4)->queue_delay, 1000000);
    assert_int_equal(node(o, 4)->relative, 900000);
    assert_int_equal(node(o, 3)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 1)->self, 1000000);
    assert_int_equal(node(o, 5)->edge, LC_EDGE_SYNC);
    assert_name(o, node(o, 5)->task, "maps:8443");
    /* A job whose work was not recorded is still one. */
    assert_true(node(o, 6)->external);
    assert_false(node(o, 6)->fit);
    assert_int_equal(node(o, 6)->edge, LC_EDGE_FORGET);
    assert_name(o, node(o, 6)->task, "jobs");
    drop(o);
    o = extract_one("1 0 a s 1 9000001 op\n2 1 w q 5 6000001 process waited=2.5\n");
    assert_int_equal(node(o, 2)->queue_delay, 2500000);
    drop(o);
}

/* Jobs with traces of their own: by a link to the sending span, by an id in an event of the sender; retries share the
 * id; jobs send jobs; links in a circle are left alone. */
static void jobs_of_other_traces(void **state)
{
    (void)state;
    const char *const traces[] = {
        "1 0 w q 5000001 6000001 work link=2:21\n2 1 w c 5100001 5200001 send topic=next peer=broker\n",
        "20 0 a s 1000001 3000001 op\n21 20 a p 1500001 1600001 send topic=jobs\n",
        "30 0 b - 1000001 2000001 page event=1200001:job-7\n",
        "31 0 b-worker - 4000001 4500001 job queue_id=job-7\n32 31 db s 4100001 4200001 q\n",
        "33 0 b-worker - 7000001 7500001 job queue_id=job-7\n",
        "40 0 w q 9000001 9500001 follow-up link=1:2\n",
        "50 0 x q 1 2 one link=8:51\n",
        "51 0 x q 1 2 two link=7:50\n",
        "60 0 w q 5 6 lost link=99:1\n",
        NULL};
    struct outcome *o = extract(traces, NULL);
    assert_int_equal(o->tree_count, 4); /* of 20, 30, one of 50 and 51, and 60 */
    assert_int_equal(node(o, 1)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 1)->queue_delay, 5000001 - 1600001);
    assert_int_equal(node(o, 1)->request, 1500001);
    assert_int_equal(node(o, 1)->self, 900000);
    assert_int_equal(node(o, 40)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 40)->queue_delay, 9000001 - 5200001);
    assert_int_equal(node(o, 31)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 31)->queue_delay, 4000001 - 1200001);
    assert_int_equal(node(o, 31)->relative, 200000);
    assert_int_equal(node(o, 33)->queue_delay, 7000001 - 1200001);
    assert_int_equal(node(o, 32)->edge, LC_EDGE_SYNC);
    assert_int_equal(node(o, 60)->edge, LC_EDGE_ROOT);
    assert_int_equal(node(o, 30)->blocked, 0);
    assert_int_not_equal(node(o, 50)->edge, node(o, 51)->edge);
    drop(o);
}

/* One job takes three messages of as many traces: a tree for each sender, of which the first has the job. */
static void batches_of_messages(void **state)
{
    (void)state;
    const char *const traces[] = {"1 0 a s 1 9000001 op\n2 1 a p 1000001 1100001 send topic=jobs\n",
                                  "3 0 a s 1 9000001 op\n4 3 a p 1000001 1100001 send topic=jobs\n",
                                  "5 0 a s 1 9000001 op\n6 5 a p 1000001 1100001 send topic=jobs\n",
                                  "7 0 a s 1 9000001 op\n8 7 a p 1000001 1100001 send topic=jobs\n",
                                  "9 0 w q 5000001 7000001 work link=1:2 link=2:4 link=3:6\n",
                                  NULL};
    struct outcome *o = extract(traces, NULL);
    assert_int_equal(o->tree_count, 4);
    assert_int_equal(node(o, 9)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 9)->batch, 3);
    assert_int_equal(node(o, 9)->queue_delay, 5000001 - 1100001);
    assert_int_equal(node(o, 1)->child_count, 1);
    assert_int_equal(node(o, 3)->child_count, 0);
    assert_int_equal(node(o, 5)->child_count, 0);
    assert_int_equal(node(o, 7)->child_count, 1); /* nobody is known to have taken it */
    assert_true(node(o, 8)->external);
    drop(o);
}

/* Calls that outlive their caller in one of ten samples are fire-and-forget, all of them; databases' and those that
 * only outlive by the µs that closing spans takes are not. */
static void edges_are_decided_over_all_traces(void **state)
{
    (void)state;
    char texts[20][512];
    const char *traces[21] = {NULL};
    for (int i = 0; i < 20; i++) {
        const long log = i < 3 ? 30000000 : 9000000, late = 10004000;
        snprintf(texts[i], sizeof texts[i],
                 "1 0 a s 1000 10000000 op\n2 1 b s 1001000 %ld late\n3 1 a c 8000001 %ld POST address=stats\n"
                 "4 1 a c 2000001 30000001 INSERT db=mysql dbop=INSERT\n"
                 "5 1 a i 9000001 %ld flush\n6 5 a c 9000002 %ld PUT address=disk\n",
                 late, log, i % 2 == 0 ? 50000001L : 9500001L, i % 2 == 0 ? 40000001L : 9400001L);
        traces[i] = texts[i];
    }
    struct outcome *o = extract(traces, NULL);
    for (int i = 0; i < 20; i++) {
        const struct lc_tree_node *t = o->nodes + o->starts[i];
        assert_int_equal(t[0].child_count, 4);
        for (uint32_t k = 0; k < 4; k++) {
            const struct lc_tree_node *c = &t[t[0].first_child + k];
            assert_int_equal(c->edge == LC_EDGE_FORGET, c->id == 3 || c->id == 5);
        }
        assert_int_equal(t[0].blocked, 10000000 - 1001000);
    }
    assert_int_equal(node(o, 6)->edge, LC_EDGE_SYNC); /* within the internal span that nobody waits for */
    size_t forgotten = 0;
    for (size_t i = 0; i < o->extraction.edge_count; i++)
        forgotten += o->extraction.edges[i].forget;
    assert_int_equal(forgotten, 2);
    drop(o);
    const char *const async[] = {"b:late", "b:nothing", NULL}, *const sync[] = {"stats:POST", NULL};
    o = extract(traces, &(struct lc_tree_options){.assume_async = async, .assume_sync = sync});
    assert_int_equal(node(o, 2)->edge, LC_EDGE_FORGET);
    assert_int_not_equal(node(o, 3)->edge, LC_EDGE_FORGET);
    assert_int_equal(o->diag.count, 1);
    assert_non_null(strstr(o->diag.messages[0].text, "b:nothing"));
    drop(o);
}

static void recorded_as_following(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 1 1001 op\n2 1 b s 101 201 mail follows\n3 1 a c 301 401 x address=h\n");
    assert_int_equal(node(o, 2)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 1)->blocked, 100);
    drop(o);
}

/* The server's clock is 2 ms ahead, and no sample alone tells by how much. */
static void clocks_of_hosts(void **state)
{
    (void)state;
    char texts[300][256];
    const char *traces[301] = {NULL};
    for (int i = 0; i < 300; i++) {
        const long there = 100001 + 7000 * (i % 50), work = 300000 + 1000 * i, back = 90000 + 9000 * (i % 40);
        const long start = 1000001, end = start + there + work + back, skew = i == 17 ? -50000000 : 2000000;
        snprintf(texts[i], sizeof texts[i],
                 "1 0 a s 900001 %ld op host=h1\n2 1 a c %ld %ld call host=h1\n3 2 b s %ld %ld op host=h2\n"
                 "4 3 b s %ld %ld part host=h2\n",
                 end + 100000, start, end, start + there + skew, start + there + work + skew,
                 start + there + skew + 1000, start + there + work + skew - 1000);
        traces[i] = texts[i];
    }
    struct outcome *o = extract(traces, NULL);
    assert_int_equal(o->extraction.offset_count, 1);
    const struct lc_clock_offset *offset = &o->extraction.offsets[0];
    assert_true(offset->consistent); /* one of 300 may be wild */
    assert_true(offset->low <= 2000000 && 2000000 <= offset->high);
    assert_true(labs(offset->offset - 2000000) <= 10000);
    const struct lc_tree_node *server = &o->nodes[1];
    assert_true(labs(server->start - (1000001 + 100001)) <= 10000);
    assert_int_equal(server->edge, LC_EDGE_SYNC);
    assert_int_equal(server->end - server->start, 300000);
    assert_int_equal(server[1].start - server->start, 1000);
    drop(o);
}

/* Only servers' spans: calls would begin before their caller; the clock moves by no more than is needed. */
static void clocks_without_client_spans(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 1000001 9000001 op host=h1\n2 1 b s 400001 5000001 op host=h2\n");
    assert_int_equal(o->extraction.offsets[0].offset, -600000 + 1);
    assert_int_equal(node(o, 2)->request, 1000001 - 1);
    assert_int_equal(node(o, 2)->edge, LC_EDGE_SYNC);
    drop(o);
}

/* Of `calls` that take 2 to 8 ms inside callers of 10 ms, every `early_every`th was written 50 ms early. */
static struct outcome *some_calls_early(int calls, int early_every)
{
    char texts[300][128];
    const char *traces[301] = {NULL};
    assert_true(calls <= 300);
    for (int i = 0; i < calls; i++) {
        const long start = 100000001, begin = start + 1000000 + 4000 * (i % 97), end = begin + 2000000 + 19000 * i;
        const long skew = i % early_every == early_every / 2 ? -50000000 : 0;
        snprintf(texts[i], sizeof texts[i], "1 0 a s %ld %ld op host=h1\n2 1 b s %ld %ld op host=h2\n", start,
                 start + 10000000, begin + skew, end + skew);
        traces[i] = texts[i];
    }
    return extract(traces, NULL);
}

/* A handful of spans that were written early move no clock, nor do some of ten; and whatever moves it, calls that lay
 * inside their callers are waited for. */
static void a_handful_of_early_spans(void **state)
{
    (void)state;
    static const int cases[][2] = {{300, 150}, {300, 21}, {10, 10}, {10, 4}, {6, 2}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct outcome *o = some_calls_early(cases[k][0], cases[k][1]);
        assert_int_equal(o->extraction.offset_count, 1);
        const struct lc_clock_offset *offset = &o->extraction.offsets[0];
        size_t early = 0, waited = 0;
        for (int i = 0; i < cases[k][0]; i++)
            early += i % cases[k][1] == cases[k][1] / 2;
        for (size_t i = 0; i < o->node_count; i++)
            waited += o->nodes[i].id == 2 && o->nodes[i].edge == LC_EDGE_SYNC && o->nodes[i].group == 0;
        if (k < 4) {
            assert_int_equal(offset->offset, 0);
            assert_int_equal(offset->contradictory, early);
            assert_int_equal(offset->consistent, k < 2);
        }
        assert_true(waited >= (size_t)cases[k][0] - early);
        drop(o);
    }
}

/* Whole milliseconds of starts, as some libraries write them: one after the other stays so, at once stays at once. */
static void coarse_clocks(void **state)
{
    (void)state;
    struct outcome *o = extract_one("1 0 a s 13000000 74790000 op\n"
                                    "2 1 a c 34000000 34142000 pg-pool.connect db=postgresql\n"
                                    "3 1 a c 34000000 37371000 query db=postgresql query=SELECT~people\n"
                                    "4 1 a c 37000000 47386000 GET address=cache\n"
                                    "5 1 a c 48000000 52054000 GET address=profile\n"
                                    "6 1 a c 48000000 73484000 GET address=photo\n"
                                    "7 1 a c 74000000 74990000 GET address=last\n");
    assert_int_equal(node(o, 1)->group_count, 5);
    assert_int_equal(node(o, 2)->group, 0);
    assert_int_equal(node(o, 3)->group, 1);
    assert_int_equal(node(o, 4)->edge, LC_EDGE_SYNC);
    assert_int_equal(node(o, 5)->edge, LC_EDGE_CONCURRENT);
    assert_int_equal(node(o, 6)->group, node(o, 5)->group);
    assert_int_equal(node(o, 1)->blocked, 142000 + 3371000 + 10386000 + 25484000 + 990000);
    for (uint32_t i = 1; i < 6; i++) /* children come in the order of what was settled */
        assert_true(o->nodes[i].request <= o->nodes[i + 1].request);
    drop(o);
}

static void roots_orphans_and_shapes(void **state)
{
    (void)state;
    /* Two roots in one trace, one of them a client; a call that comes back to the first service. */
    struct outcome *o = extract_one("1 0 a s 1 1001 op\n2 1 b s 101 901 op\n3 2 a s 201 801 back\n"
                                    "10 0 c c 5 605 GET address=h\n");
    assert_int_equal(o->tree_count, 2);
    assert_int_equal(node(o, 1)->self, 200);
    assert_int_equal(node(o, 2)->self, 200);
    assert_int_equal(node(o, 3)->self, 600);
    assert_int_equal(o->node_count, 5);
    assert_name(o, o->nodes[3].task, "c");
    assert_int_equal(o->nodes[3].blocked, 600);
    assert_name(o, o->nodes[4].task, "h");
    assert_true(o->nodes[4].external);
    drop(o);
    /* Requests and answers written as events of the caller. */
    o = extract_one("1 0 a - 1 1001 op event=151:2 event=951:2\n2 1 b - 301 501 op\n");
    assert_int_equal(node(o, 2)->request, 151);
    assert_int_equal(node(o, 2)->response, 951);
    assert_int_equal(node(o, 1)->self, 200);
    drop(o);
}

/* Traces whose root's time holds a span without its parent: left out while at least ten others are left. */
static void lost_spans(void **state)
{
    (void)state;
    for (int whole = 9; whole <= 10; whole++) { /* one of these besides has a late span: it is whole */
        const char *traces[16] = {NULL};
        for (int i = 0; i < whole + 2; i++)
            traces[i] = i < 2    ? "1 0 a s 0 100 op\n3 0 c s 20 80 leaf orphan\n"
                        : i == 2 ? "1 0 a s 0 100 op\n3 0 c s 120 180 late orphan\n"
                                 : "1 0 a s 0 100 op\n2 1 b s 10 90 mid\n3 2 c s 20 80 leaf\n";
        struct outcome *o = extract(traces, NULL);
        assert_int_equal(o->incomplete, whole == 10 ? 4 : 0); /* two trees each */
        assert_int_equal(o->diag.count, 1);
        char said[64];
        snprintf(said, sizeof said, "2 of %d traces of 'a/op' lost spans", whole + 2);
        assert_non_null(strstr(o->diag.messages[0].text, said));
        drop(o);
    }
    /* The source says so itself; ids in names make no kinds of their own. */
    const char *traces[13] = {"1 0 a s 0 100 GET~/x/17 partial\n", "1 0 a s 0 100 GET~/x/18 partial orphan\n"};
    for (int i = 2; i < 12; i++)
        traces[i] = i % 2 == 0 ? "1 0 a s 0 100 GET~/x/19\n" : "1 0 a s 0 100 GET~/x/20\n";
    struct outcome *o = extract(traces, NULL);
    assert_int_equal(o->incomplete, 2);
    assert_non_null(strstr(o->diag.messages[0].text, "2 of 12 traces of 'a/GET /x/:id' lost spans"));
    drop(o);
}

static void put_in(void *sink, json_t *line)
{
    json_array_append_new(sink, line);
}

/* Parts add up to the same numbers; a part that had too few whole traces learned from what is not learned from. */
static void lost_spans_of_parts(void **state)
{
    (void)state;
    for (int whole = 9; whole <= 10; whole++) { /* in the first part; one in the second */
        struct lc_symbols *symbols = lci_symbols_new();
        struct lc_decisions *all = lci_decisions_new(symbols);
        for (int part = 0; part < 2; part++) {
            const char *traces[16] = {"1 0 a s 0 100 op partial\n"};
            for (int i = 1; i <= (part == 0 ? whole : 1); i++)
                traces[i] = "1 0 a s 0 100 op\n";
            struct outcome *o = extract(traces, &(struct lc_tree_options){.given = part == 0 ? NULL : all});
            json_t *lines = json_array(), *line;
            size_t i;
            lci_decisions_write(o->extraction.decisions, put_in, lines);
            json_array_foreach(lines, i, line)
            {
                assert_int_equal(lci_decisions_read(all, symbols, line), LCI_LINE_READ);
            }
            json_decref(lines);
            drop(o);
        }
        struct lc_diag diag = {0};
        lci_decisions_settle(all);
        assert_int_equal(lci_decisions_agree(all, &diag), whole == 10 ? 0 : -1);
        assert_non_null(strstr(diag.messages[0].text, whole == 10 ? "2 of 13 traces of 'a/op' lost spans"
                                                                  : "2 of 2 traces of 'a/op' that lost spans were"));
        lc_diag_free(&diag);
        lc_decisions_free(all);
        lci_symbols_free(symbols);
    }
}

#define SHOP                                                                                                           \
    "1 0 shop s 1000000000 1020000000 order\n2 1 shop p 1005000000 1006000000 send topic=orders\n"                     \
    "3 1 shop p 1007000000 1008000000 send topic=orders\n"

/* What is done with a message is the job of its sender, wherever the link stands; waiting for it is no work. */
static void polling_is_waiting(void **state)
{
    (void)state;
    static const char *const polls[] = {
        /* The link on the receiving span, on the processing one, on both, and on what lies below a loop's span. */
        "11 0 mail q 100000000 1010000000 receive does=receive link=1:2\n12 11 mail q 1010100000 1050100000 work\n",
        "11 0 mail q 100000000 1010000000 receive\n12 11 mail q 1010100000 1050100000 work does=process link=1:2\n",
        "11 0 mail c 100000000 1010000000 x does=poll link=1:2\n12 11 mail q 1010100000 1050100000 work link=1:2\n",
        "10 0 mail i 1000000 2000000000 loop\n11 10 mail q 100000000 1010000000 orders~receive link=1:2\n"
        "12 11 mail q 1010100000 1050100000 work does=process\n13 11 mail i 1060000000 1061000000 commit\n",
        /* On the loop's own span. */
        "10 0 mail i 1000000 2000000000 loop link=1:2\n11 10 mail q 100000000 1010000000 receive does=receive\n"
        "12 11 mail q 1010100000 1050100000 work does=process\n",
        /* Received as a client within a loop's span, the links on the receiving span, on all, on the loop's alone; or
         * as a consumer; or within what does the work, which begins then. */
        "10 0 mail i 1000000 2000000000 loop\n11 10 mail c 1000000 1010000000 x does=poll link=1:2\n"
        "12 10 mail q 1010100000 1050100000 work\n",
        "10 0 mail i 1000000 2000000000 loop link=1:2\n11 10 mail c 1000000 1010000000 x does=poll link=1:2\n"
        "12 10 mail q 1010100000 1050100000 work does=process link=1:2\n",
        "10 0 mail i 1000000 2000000000 loop link=1:2\n11 10 mail c 1000000 1010000000 x does=poll\n"
        "12 10 mail q 1010100000 1050100000 work\n",
        "10 0 mail i 1000000 2000000000 loop\n11 10 mail q 1000000 1010000000 receive link=1:2\n"
        "12 10 mail q 1010100000 1050100000 work\n",
        "12 0 mail i 1000000 1050000000 work link=1:2\n11 12 mail c 1000000 1010000000 x does=poll\n"
        "13 12 mail c 1020000000 1040000000 q db=mysql\n",
        "12 0 mail i 1000000 1050000000 work\n11 12 mail c 1000000 1010000000 x does=poll link=1:2\n",
        /* No span for the work, but for parts of it; and a span that both waits and works. */
        "12 0 mail q 100000000 1010100000 receive does=receive link=1:2\n13 12 mail c 1020000000 1050100000 q "
        "db=mysql\n",
        "12 0 mail q 100000000 1046000000 work link=1:2\n13 12 mail c 1020000000 1040000000 q db=mysql\n",
    };
    for (size_t k = 0; k < sizeof polls / sizeof *polls; k++) {
        const char *const traces[] = {SHOP, polls[k], NULL};
        struct outcome *o = extract(traces, NULL);
        const struct lc_tree_node *job = node(o, 12);
        assert_name(o, o->nodes[job->parent].task, "shop");
        assert_int_equal(job->edge, LC_EDGE_FORGET);
        assert_int_equal(job->end - job->start, 40000000);
        assert_true(job->fit);
        assert_int_equal(o->extraction.poll_count, 1);
        assert_int_equal(o->extraction.polls[0].count, 1);
        assert_int_equal(o->extraction.fates.polling, k < 3 ? 1 : k < 9 ? 2 : k < 11);
        for (size_t i = 0; i < o->node_count; i++)
            assert_true(o->nodes[i].id != 11 && o->nodes[i].id != 10); /* a loop around messages alone goes too */
        drop(o);
    }
}

/* One that only received tells nothing of work: it is left out, or a job without a time, if a message was its sender's.
 */
static void receiving_alone_is_waiting(void **state)
{
    (void)state;
    for (const char *kind = "qc"; *kind != 0; kind++) {
        char received[80];
        snprintf(received, sizeof received, "11 0 mail %c 100000000 1010000000 receive does=receive link=1:2\n", *kind);
        const char *const linked[] = {SHOP, received, NULL};
        struct outcome *o = extract(linked, NULL);
        assert_name(o, o->nodes[node(o, 11)->parent].task, "shop");
        assert_int_equal(node(o, 11)->self, 0);
        assert_false(node(o, 11)->fit);
        assert_int_equal(o->extraction.polls[0].count, 1);
        drop(o);
    }
    const char *const alone[] = {SHOP, "11 0 mail q 100000000 1010000000 orders~receive\n",
                                 "12 0 mail c 100000000 1010000000 fetch does=poll\n", NULL};
    struct outcome *o = extract(alone, NULL);
    assert_int_equal(o->tree_count, 1);
    assert_int_equal(o->extraction.fates.polling, 2);
    assert_int_equal(o->extraction.poll_count, 2);
    for (size_t i = 0; i < o->node_count; i++)
        assert_true(o->nodes[i].id < 11);
    drop(o);
}

/* Several messages of one poll are jobs of their own; a span that is called so and holds the work is the work. */
static void polls_of_several_messages(void **state)
{
    (void)state;
    const char *const several[] = {SHOP,
                                   "11 0 mail q 100000000 1010000000 receive does=receive link=1:2 link=1:3\n"
                                   "12 11 mail q 1010000000 1020000000 work\n13 11 mail q 1020000000 1050000000 work\n",
                                   NULL};
    struct outcome *o = extract(several, NULL);
    assert_int_equal(o->tree_count, 1);
    assert_int_equal(o->node_count, 3);
    assert_int_equal(node(o, 12)->self, 10000000);
    assert_int_equal(node(o, 13)->self, 30000000);
    assert_int_equal(node(o, 13)->queue_delay, 12000000);
    drop(o);
    const char *const within[] = {SHOP,
                                  "11 0 mail q 1010000000 1050000000 receive does=receive link=1:2\n"
                                  "12 11 mail c 1020000000 1030000000 q db=mysql\n",
                                  NULL};
    o = extract(within, NULL);
    assert_int_equal(node(o, 11)->self, 30000000);
    assert_int_equal(o->extraction.poll_count, 0);
    drop(o);
    /* Messages that are worked on at the same time, the first until after the second. */
    const char *const overlapping[] = {
        SHOP,
        "11 0 mail q 100000000 1010000000 receive does=receive link=1:2 link=1:3\n"
        "12 11 mail q 1011000000 1050000000 work does=process\n13 11 mail q 1012000000 1030000000 work does=process\n",
        NULL};
    o = extract(overlapping, NULL);
    assert_int_equal(o->tree_count, 1);
    assert_int_equal(o->node_count, 3);
    assert_int_equal(node(o, 12)->self, 39000000);
    assert_int_equal(node(o, 12)->queue_delay, 5000000); /* the first message was sent until 1,006 ms */
    assert_int_equal(node(o, 13)->self, 18000000);
    assert_int_equal(node(o, 13)->queue_delay, 4000000); /* the second until 1,008 ms */
    assert_int_equal(node(o, 12)->parent, node(o, 13)->parent);
    assert_int_equal(o->extraction.fates.polling, 1);
    drop(o);
    /* A request that asks for a message waits for it. */
    o = extract_one("1 0 web s 1000 101000 op\n2 1 web q 11000 61000 get does=receive topic=replies\n");
    assert_int_equal(node(o, 1)->self, 50000);
    assert_name(o, node(o, 2)->task, "replies");
    drop(o);
}

/* Random trees of spans of every kind: the invariants that no recording can break. */
static void invariants(void **state)
{
    (void)state;
    uint64_t seed = 12345;
    for (int round = 0; round < 300; round++) {
        char text[8192];
        size_t length = 0;
        const int spans = 1 + round % 40;
        for (int i = 1; i <= spans; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const unsigned r = (unsigned)(seed >> 33);
            const int64_t start = r % 9000, unit = round % 3 == 0 ? 1000000 : 1;
            length += (size_t)snprintf(text + length, sizeof text - length, "%d %u s%u %c %ld %ld op%u%s host=h%u\n", i,
                                       i == 1 ? 0 : 1 + r / 7 % (unsigned)(i - 1), r / 11 % 4, "-iscpq"[r / 17 % 6],
                                       (long)(start * unit), (long)((start + r / 3 % 3000) * unit), r / 5 % 3,
                                       r % 13 == 0  ? " follows"
                                       : r % 5 == 0 ? " db=mysql"
                                                    : "",
                                       r / 11 % 4);
        }
        struct outcome *o = extract_one(text);
        for (size_t i = 0; i < o->node_count; i++) {
            const struct lc_tree_node *n = &o->nodes[i];
            int64_t marginal = 0, sum = 0;
            assert_int_equal(n->self + n->blocked, n->end - n->start);
            assert_true(n->self >= 0 && n->blocked >= 0);
            for (uint32_t k = 0; k <= n->group_count; k++)
                sum += o->segments[n->first_segment + k];
            assert_int_equal(sum, n->self);
            for (uint32_t k = 0; k < n->child_count; k++) {
                const struct lc_tree_node *c = &o->nodes[n->first_child + k];
                assert_int_equal(c->parent, i);
                assert_true(c->relative >= 0 && c->relative <= n->self);
                assert_true((c->edge == LC_EDGE_CONCURRENT) <= (c->group >= 0));
                assert_true(k == 0 || c[-1].request <= c->request);
                marginal += c->marginal;
            }
            assert_int_equal(marginal, n->blocked);
        }
        drop(o);
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const all[][2] = {
        {"GET /users/123/orders/9", "GET /users/:id/orders/:id"},
        {"/hotels?inDate=2015-04-12", "/hotels"},
        {"GET /x/123e4567-e89b-12d3-a456-426614174000/y", "GET /x/:id/y"},
        {"order-12345", "order-:id"},
        {"span-service1 v2 2.0.1 utf8", "span-service1 v2 2.0.1 utf8"},
        {"blob/deadbeef01", "blob/:id"},
        {"/search.Search/Nearby", "/search.Search/Nearby"},
    };
    char out[160];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(lci_plain_name(all[i][0], out, sizeof out), strlen(all[i][1]));
        assert_string_equal(out, all[i][1]);
    }
    const size_t cut = lci_plain_name("abcdefghij", out, 8);
    assert_true(cut < 8 && strlen(out) == cut);
    assert_int_equal(lci_access_of("select 1", false), LC_ACCESS_READ);
    assert_int_equal(lci_access_of("TRUNCATE t", false), LC_ACCESS_WRITE);
    assert_int_equal(lci_access_of("SET names utf8", false), LC_ACCESS_NONE);
    assert_int_equal(lci_access_of("SET k v", true), LC_ACCESS_WRITE);
    assert_int_equal(lci_access_of("", true), LC_ACCESS_NONE);
}

/* The limit on concurrency sits inside of the handler: what it calls there is called from there, whichever span the
 * recording put it under; the rest of the request holds nothing. */
static void slots(void **state)
{
    (void)state;
    static const struct lc_tree_slot list[] = {{"a", "handler*", LC_NOWHERE}, {"w", "*job", LC_NOWHERE}};
    static const struct lc_tree_options options = {.slots = list, .slot_count = 2};
    const char *const traces[] = {"1 0 a s 1 1001 GET~/x\n"
                                  "2 1 a c 11 61 before peer=b\n"
                                  "3 1 a i 101 901 handler~-~/x\n"
                                  "4 3 a i 201 801 handler~inside\n"
                                  "5 4 a c 301 401 within peer=b\n"
                                  "6 1 a c 501 601 beside peer=b\n"
                                  "7 1 a c 911 951 after peer=b\n"
                                  "8 1 w q 2001 3001 process\n"
                                  "9 8 w i 2101 2901 run~job\n"
                                  "10 9 w c 2201 2301 GET peer=b\n",
                                  NULL};
    struct outcome *o = extract(traces, &options);
    assert_int_equal(o->node_count, 9); /* the handler inside the handler is a part of it */
    assert_true(node(o, 1)->around && !node(o, 1)->slot);
    assert_true(node(o, 3)->slot && !node(o, 3)->around);
    assert_name(o, node(o, 3)->entry, "GET /x");
    assert_int_equal(node(o, 3)->start, 101);
    assert_int_equal(node(o, 3)->end, 901);
    assert_int_equal(node(o, 3)->edge, LC_EDGE_SYNC);
    assert_int_equal(node(o, 3)->child_count, 2);
    assert_int_equal(node(o, 3)->blocked, 200);
    assert_int_equal(o->nodes[node(o, 5)->parent].id, 3);
    assert_int_equal(o->nodes[node(o, 6)->parent].id, 3);
    assert_int_equal(o->nodes[node(o, 2)->parent].id, 1);
    assert_int_equal(o->nodes[node(o, 7)->parent].id, 1);
    assert_int_equal(node(o, 1)->self, 1000 - 50 - 800 - 40);
    assert_int_equal(node(o, 8)->edge, LC_EDGE_FORGET);
    assert_int_equal(node(o, 9)->end - node(o, 9)->start, 800);
    assert_int_equal(o->nodes[node(o, 10)->parent].id, 9);
    drop(o);
}

/* Who names a slot is told what there is. */
static void slots_that_are_not_there(void **state)
{
    (void)state;
    static const struct {
        struct lc_tree_slot slot;
        const char *message;
    } wrong[] = {
        {{"a", "hander*", LC_NOWHERE}, "is called like 'hander*'; expected one of handler, middleware"},
        {{"b", "handler", LC_NOWHERE}, "'b' have no internal spans"},
        {{"c", "handler", LC_NOWHERE}, "no spans of a service 'c', so it has no slot; expected one of a, b"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct lc_tree_options options = {.slots = &wrong[i].slot, .slot_count = 1};
        struct outcome o = {.text.symbols = lci_symbols_new()};
        struct lci_passes *passes = lci_passes_new(&options, o.text.symbols, &o.diag);
        const char *trace = "1 0 a s 1 1001 op\n2 1 a i 11 21 middleware\n3 1 a i 31 91 handler\n"
                            "4 3 a c 41 81 call\n5 4 b s 51 71 op\n";
        assert_int_equal(lci_passes_add(passes, span_text_read(&o.text, 1, trace)), 0);
        assert_int_equal(lci_passes_finish(passes, keep, &o, &o.extraction), -1);
        assert_int_equal(lc_diag_status(&o.diag), LC_INPUT);
        assert_non_null(strstr(o.diag.messages[0].text, wrong[i].message));
        assert_int_equal(o.tree_count, 0);
        lci_passes_free(passes);
        lc_extraction_free(&o.extraction);
        lc_diag_free(&o.diag);
        span_text_free(&o.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_of_a_search),
        cmocka_unit_test(client_and_server_are_one_call),
        cmocka_unit_test(several_servers_share_a_client_span),
        cmocka_unit_test(pools_and_wrappers),
        cmocka_unit_test(clients_below_clients),
        cmocka_unit_test(jobs),
        cmocka_unit_test(slots),
        cmocka_unit_test(slots_that_are_not_there),
        cmocka_unit_test(jobs_of_other_traces),
        cmocka_unit_test(batches_of_messages),
        cmocka_unit_test(edges_are_decided_over_all_traces),
        cmocka_unit_test(recorded_as_following),
        cmocka_unit_test(clocks_of_hosts),
        cmocka_unit_test(clocks_without_client_spans),
        cmocka_unit_test(a_handful_of_early_spans),
        cmocka_unit_test(coarse_clocks),
        cmocka_unit_test(roots_orphans_and_shapes),
        cmocka_unit_test(lost_spans),
        cmocka_unit_test(lost_spans_of_parts),
        cmocka_unit_test(polling_is_waiting),
        cmocka_unit_test(receiving_alone_is_waiting),
        cmocka_unit_test(polls_of_several_messages),
        cmocka_unit_test(invariants),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
