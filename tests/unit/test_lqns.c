/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models learned from traces, written for LQNS and LQSIM: every rule whose violation is an error or a warning there is
 * judged here on what the files say, without lc_model_check().
 */
#include "unit/lqn_files.h"

#include <ctype.h>
#include <libxml/relaxng.h>
#include <libxml/xpath.h>
#include <math.h>
#include <unistd.h>

#include "fit/trace/symbols.h"
#include "format/formats.h"
#include "loadcast/edit.h"
#include "loadcast/learn.h"
#include "loadcast/record.h"
#include "model/lqn.h"
#include "support/leisurely.h"
#include "support/random_policies.h"

#define TRACES SOURCE_DIR "/scenarios/search/traces/full-seq-r1.otlp.jsonl.gz"

/* ---- the rules --------------------------------------------------------------------------------------------------- */

enum { SYNC = 1, ASYNC = 2, OPEN = 4 };

struct told { /* what a file tells of each entry */
    const struct lc_model *model;
    unsigned *reached;
};

static uint32_t fan_of(const struct lc_fan *fans, size_t count, int task) /* LQNS takes 1 where nothing is told */
{
    for (size_t i = 0; i < count; i++)
        if (fans[i].task == task)
            return fans[i].value;
    return 1;
}

static void judge_call(struct told *told, int from, const struct lc_call *call, bool deterministic)
{
    const struct lc_model *m = told->model;
    const int to = m->entries[call->entry].task;
    const struct lc_task *s = &m->tasks[from], *d = &m->tasks[to];
    told->reached[call->entry] |= call->kind == LC_CALL_SYNC ? SYNC : ASYNC;
    assert_true(call->mean > 0);
    if (deterministic)
        assert_true(call->mean == floor(call->mean));
    assert_int_not_equal(from, to);
    assert_false(lc_is_source(d));
    if ((uint64_t)s->replicas * fan_of(s->fan_out, s->fan_out_count, to) !=
        (uint64_t)d->replicas * fan_of(d->fan_in, d->fan_in_count, from))
        fail_msg("fans of %s and %s", s->name, d->name);
}

static void judge_work(struct told *told, int task, const struct lc_activity *a)
{
    for (size_t i = 0; i < a->call_count; i++)
        judge_call(told, task, &a->calls[i], a->deterministic);
}

/* Marks what follows the activities that are marked. */
static void spread(const struct lc_task *t, char *reached)
{
    for (size_t round = 0; round < t->precedence_count; round++)
        for (size_t i = 0; i < t->precedence_count; i++) {
            const struct lc_precedence *p = &t->precedences[i];
            for (size_t k = 0; reached[p->pre[0]] && k < p->post_count; k++)
                reached[p->post[k]] = 1;
            if (reached[p->pre[0]] && p->end != LC_NONE)
                reached[p->end] = 1;
        }
}

/* Every activity is in one list before and one after an arrow at the most, and is reached from a start; a start follows
 * nothing. */
static void judge_places(const struct lc_model *m, const struct lc_task *t)
{
    unsigned *before = lc_calloc(t->activity_count + 1, sizeof *before);
    unsigned *after = lc_calloc(t->activity_count + 1, sizeof *after);
    char *reached = lc_calloc(t->activity_count + 1, 1);
    for (size_t i = 0; i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        assert_true(p->quorum <= p->pre_count);
        for (size_t k = 0; k < p->pre_count; k++)
            assert_int_equal(before[p->pre[k]]++, 0);
        for (size_t k = 0; k < p->post_count; k++)
            assert_int_equal(after[p->post[k]]++, 0);
        if (p->end != LC_NONE)
            assert_int_equal(after[p->end]++, 0);
    }
    for (size_t i = 0; i < t->entry_count; i++)
        if (m->entries[t->entries[i]].start != LC_NONE) {
            assert_int_equal(after[m->entries[t->entries[i]].start], 0);
            reached[m->entries[t->entries[i]].start] = 1;
        }
    spread(t, reached);
    for (size_t a = 0; a < t->activity_count; a++)
        if (!reached[a])
            fail_msg("activity '%s' of '%s' is not reached", t->activities[a].name, t->name);
    free(before);
    free(after);
    free(reached);
}

static void judge_graph(const struct lc_task *t)
{
    for (size_t i = 0; i < t->precedence_count; i++) {
        const struct lc_precedence *p = &t->precedences[i];
        double sum = 0;
        for (size_t k = 0; k < p->post_count && p->fork == LC_FORK_OR; k++) {
            assert_true(p->weights[k] >= 0 && p->weights[k] <= 1);
            sum += p->weights[k];
        }
        if (p->fork == LC_FORK_OR) /* in the order of the file: below 1 is a path without a reply to LQNS */
            assert_true(sum >= 1 && sum < 1 + 1e-9);
    }
}

static void judge_task(struct told *told, int task)
{
    const struct lc_model *m = told->model;
    const struct lc_task *t = &m->tasks[task];
    const struct lc_processor *p = &m->processors[t->processor];
    assert_true(t->entry_count > 0);
    assert_true(t->scheduling == LC_REF || t->think_time.family == NULL);
    assert_true((t->multiplicity == LC_INFINITE) == (t->scheduling == LC_INF));
    assert_true((p->multiplicity == LC_INFINITE) == (p->scheduling == LC_INF));
    assert_true((p->quantum > 0) == (p->scheduling == LC_PS || p->scheduling == LC_CFS));
    assert_int_equal(t->replicas % p->replicas, 0);
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &m->entries[t->entries[i]];
        bool present = false;
        for (int k = 0; k < LC_PHASES; k++)
            if (e->phases[k].present) {
                present = true;
                judge_work(told, task, &e->phases[k]);
            }
        assert_true(present != (e->start != LC_NONE)); /* one kind of entry, and not none */
        told->reached[t->entries[i]] |= e->open_rate > 0 ? OPEN : 0;
    }
    for (size_t i = 0; i < t->activity_count; i++)
        judge_work(told, task, &t->activities[i]);
    judge_graph(t);
    judge_places(m, t);
}

/* LQNS follows each request through the tasks that wait for it, and refuses one that comes back to any of them. Tasks
 * that stand on the way are marked; depth is bounded by the number of tasks. */
static void follow(const struct lc_model *m, int entry, char *waiting, int left);

static void follow_calls(const struct lc_model *m, const struct lc_activity *a, char *waiting, int left)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_SYNC)
            follow(m, a->calls[i].entry, waiting, left);
}

static void follow(const struct lc_model *m, int entry, char *waiting, int left) // NOLINT(misc-no-recursion)
{
    const struct lc_entry *e = &m->entries[entry];
    const struct lc_task *t = &m->tasks[e->task];
    if (waiting[e->task] || left == 0)
        fail_msg("requests come back to '%s'", t->name);
    waiting[e->task] = 1;
    for (int k = 0; k < LC_PHASES; k++)
        follow_calls(m, &e->phases[k], waiting, left - 1);
    char *reached = lc_calloc(t->activity_count + 1, 1);
    if (e->start != LC_NONE)
        reached[e->start] = 1;
    spread(t, reached);
    for (size_t a = 0; a < t->activity_count; a++)
        if (reached[a])
            follow_calls(m, &t->activities[a], waiting, left - 1);
    free(reached);
    for (size_t f = 0; f < e->forward_count; f++)
        follow(m, e->forwards[f].entry, waiting, left - 1);
    waiting[e->task] = 0;
}

static void judge_processors(const struct lc_model *m)
{
    for (size_t p = 0; p < m->processor_count; p++) {
        bool used = false;
        for (size_t t = 0; t < m->task_count; t++)
            used = used || m->tasks[t].processor == (int)p;
        assert_true(used);
        assert_int_not_equal(m->processors[p].scheduling, LC_RAND);
    }
}

static void judge_forwards(struct told *told, int entry)
{
    const struct lc_entry *e = &told->model->entries[entry];
    double sum = 0;
    for (size_t f = 0; f < e->forward_count; f++) {
        told->reached[e->forwards[f].entry] |= SYNC;
        assert_int_not_equal(told->model->entries[e->forwards[f].entry].task, e->task);
        sum += e->forwards[f].probability;
    }
    assert_true(sum <= 1 + 1e-9);
}

static void judge_replies(const struct told *told)
{
    const struct lc_model *m = told->model;
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lc_task *t = &m->tasks[m->entries[e].task];
        size_t replies = 0;
        for (size_t a = 0; a < t->activity_count; a++)
            for (size_t r = 0; r < t->activities[a].reply_count; r++)
                replies += t->activities[a].replies[r] == (int)e;
        if (lc_is_source(t)) {
            assert_int_equal(told->reached[e], 0);
            continue;
        }
        if (told->reached[e] == 0)
            fail_msg("nothing requests %s", m->entries[e].name);
        if ((told->reached[e] & SYNC) && (told->reached[e] & (ASYNC | OPEN)))
            fail_msg("%s accepts both sync and async messages", m->entries[e].name);
        if (m->entries[e].start != LC_NONE)
            assert_true((replies > 0) == ((told->reached[e] & SYNC) != 0));
    }
}

static void judge(const struct lc_model *m)
{
    struct told told = {m, lc_calloc(m->entry_count, sizeof *told.reached)};
    bool load = false;
    for (size_t t = 0; t < m->task_count; t++) {
        judge_task(&told, (int)t);
        load = load || m->tasks[t].scheduling == LC_REF;
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        load = load || m->entries[e].open_rate > 0;
        judge_forwards(&told, (int)e);
    }
    assert_true(load);
    judge_replies(&told);
    judge_processors(m);
    char *waiting = lc_calloc(m->task_count + 1, 1);
    for (size_t e = 0; e < m->entry_count; e++)
        follow(m, (int)e, waiting, (int)m->task_count + 1);
    free(waiting);
    free(told.reached);
}

/* ---- the files --------------------------------------------------------------------------------------------------- */

static void judge_xml(const char *text, size_t length)
{
    static xmlRelaxNG *grammar; /* until the end of the program */
    if (grammar == NULL) {
        xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt(TEST_DATA "/lqnx.rng");
        grammar = xmlRelaxNGParse(parser);
        xmlRelaxNGFreeParserCtxt(parser);
    }
    xmlDoc *document = xmlReadMemory(text, (int)length, NULL, NULL, XML_PARSE_NONET);
    assert_non_null(document);
    xmlRelaxNGValidCtxt *validator = xmlRelaxNGNewValidCtxt(grammar);
    if (xmlRelaxNGValidateDoc(validator, document) != 0)
        fail_msg("not as LQNS writes it:\n%s", text);
    /* Nothing may have neither service time nor any outgoing requests; our own reader takes 1e-30 for none. */
    xmlXPathContext *context = xmlXPathNewContext(document);
    static const char idle[] = "//activity[@host-demand-mean='0' and not(synch-call) and not(asynch-call)]";
    xmlXPathObject *found = xmlXPathEvalExpression((const xmlChar *)idle, context);
    assert_int_equal(xmlXPathNodeSetGetLength(found->nodesetval), 0);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlRelaxNGFreeValidCtxt(validator);
    xmlFreeDoc(document);
}

/* LQNS's lexer knows plain ASCII words of two characters or more, numbers without a sign, -1 and some signs. */
static void judge_words(const char *text)
{
    for (const char *c = text; *c != 0;) {
        const char *start = c;
        if (*c == '#') {
            c += strcspn(c, "\n");
        } else if (*c == '"') {
            for (c++; *c != '"'; c++)
                assert_true(*c != 0 && *c != '\\');
            c++;
        } else if (isalpha((unsigned char)*c) || *c == '_') {
            while (isalnum((unsigned char)*c) || *c == '_')
                c++;
            if (c - start == 1 && strchr("GPTEARpftnirsmzIOacfyZAkHMFbuhSWq", *start) == NULL)
                fail_msg("the word '%c'", *start);
        } else if (isdigit((unsigned char)*c)) {
            char *end;
            strtod(c, &end);
            c = end;
            assert_false(isalpha((unsigned char)*c));
        } else if (strncmp(c, "-1", 2) == 0 || strncmp(c, "->", 2) == 0) {
            c += 2;
        } else {
            assert_non_null(strchr(" \n:;,&+*()[]", *c));
            c++;
        }
    }
}

static int times(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

static void judge_files(const struct lc_model *model)
{
    int idle[2];
    const struct lc_format *formats[] = {&lci_format_lqnx, &lci_format_lqn};
    for (int i = 0; i < 2; i++) {
        struct lc_diag diag = {0};
        size_t length;
        char *text = written(formats[i], model, NULL, &length, NULL);
        if (i == 0)
            judge_xml(text, length);
        else
            judge_words(text);
        struct lc_model *again = lc_model_parse(text, length, i == 0 ? "m.lqnx" : "m.lqn", &diag);
        print_messages(&diag);
        assert_non_null(again);
        for (size_t k = 0; k < diag.count; k++) /* a callee whose time was not seen; LQNS is told 1e-30 */
            assert_true(strstr(diag.messages[k].text, "has neither demand nor calls") != NULL ||
                        strstr(diag.messages[k].text, "makes load, but calls nothing") != NULL);
        judge(again);
        assert_round_trip(formats[i], again);
        idle[i] = times(text, "1e-30");
        lc_model_free(again);
        lc_diag_free(&diag);
        free(text);
    }
    assert_int_equal(idle[0], idle[1]);
}

/* ---- what is learned --------------------------------------------------------------------------------------------- */

static struct lc_model *learned_from(const char *traces)
{
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    const struct lc_learn_options options = {.rare = 0.01};
    const struct lc_tree_options trees = {0};
    struct lc_learner *learner = lc_learner_new(&options, symbols);
    struct lc_extraction extraction = {0};
    struct lc_learned learned = {0};
    struct lc_model *model = NULL;
    if (lc_learner_add_traces(learner, &traces, 1, &trees, symbols, &extraction, &diag) == 0 &&
        lc_learner_finish(learner, &learned, &diag) == 0)
        model = lc_model_copy(learned.model);
    lc_learned_free(&learned);
    lc_extraction_free(&extraction);
    lc_learner_free(learner);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
    return model;
}

static void edit(struct lc_model *model, const char *path, const char *value)
{
    struct lc_diag diag = {0};
    const int status = lc_edit(model, path, value, &diag, NULL);
    print_messages(&diag);
    assert_int_equal(status, 0);
    lc_diag_free(&diag);
}

static void every_time_tells_its_origin(void **state)
{
    (void)state;
    struct lc_model *m = learned_from(TRACES);
    assert_non_null(m);
    for (size_t e = 0; e < m->entry_count; e++)
        if (m->entries[e].phases[0].demand.family != NULL)
            assert_non_null(strstr(m->entries[e].comment, "demand: n = "));
    size_t branches = 0;
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++) {
            const struct lc_activity *activity = &m->tasks[t].activities[a];
            if (activity->demand.family != NULL)
                assert_non_null(strstr(activity->comment, "demand: "));
            branches += activity->comment != NULL && strstr(activity->comment, "branch: ") != NULL;
        }
    assert_true(branches >= 2); /* location and keyword searches */
    lc_model_free(m);
}

static void a_learned_system_is_fit_for_lqns(void **state)
{
    (void)state;
    static const char *const deployment[][2] = {
        {"gateway.concurrency", "64"}, {"gateway.replicas", "2"},    {"auth.concurrency", "2"},
        {"search.concurrency", "16"},  {"search.replicas", "3"},     {"search.connections.postgresql", "4"},
        {"photo.concurrency", "2"},    {"photo.cores", "2"},         {"photo.scheduling", "ps"},
        {"profile.replicas", "2"},     {"profile.balance", "least"}, {"worker.replicas", "2"},
        {"worker.concurrency", "3"},   {"worker.balance", "shared"}, {"worker.connections.postgresql", "2"},
    };
    struct lc_model *model = learned_from(TRACES);
    assert_non_null(model);
    judge_files(model);
    for (size_t i = 0; i < sizeof deployment / sizeof *deployment; i++)
        edit(model, deployment[i][0], deployment[i][1]);
    judge_files(model);

    /* With arrivals from outside, which wait for the reply of a graph. */
    const int processor = lc_add_processor(model, "outside");
    model->processors[processor].scheduling = LC_INF;
    model->processors[processor].multiplicity = LC_INFINITE;
    const int task = lc_add_task(model, "arrivals", processor);
    model->tasks[task].scheduling = LC_OPEN;
    model->tasks[task].arrivals = lc_dist_exponential(2);
    static const char *const roots[] = {"gateway/GET /login", "gateway/GET /search/:type"};
    for (int i = 0; i < 2; i++) {
        const int entry = lc_add_entry(model, i == 0 ? "logins" : "searches", task);
        model->entries[entry].phases[0].deterministic = true;
        lc_add_call(&model->entries[entry].phases[0], LC_CALL_SYNC, lc_find_entry(model, roots[i]), 1);
    }
    judge_files(model);
    lc_model_free(model);
}

static size_t judged, split; /* models; those with tasks that became layers */

static void judge_traces(const char *file)
{
    struct lc_model *model = learned_from(file);
    if (model == NULL) /* what is wrong with it is another test's matter */
        return;
    judge_files(model);
    struct lc_diag diag = {0};
    lci_graphs_to_phases(model, &diag);
    lc_diag_free(&diag);
    judge_files(model);
    lc_model_free(model);
    judged++;
}

static void whatever_is_learned_is_fit_for_lqns(void **state)
{
    (void)state;
    for_each_file(TEST_DATA "/traces/*", 10, judge_traces);
    assert_true(judged >= 10);
}

/* Services that call back those that wait for them, over one and over two others. */
static void cycles_of_tasks_become_layers(void **state)
{
    (void)state;
    static const char text[] =
        "loadcast: model/1\n"
        "processors: {pa: {scheduling: inf}, pb: {scheduling: inf}, pu: {scheduling: inf}}\n"
        "tasks:\n"
        "  users: {processor: pu, scheduling: ref, multiplicity: 3, think_time: 1, entries: {all: {calls: [ax, aw]}}}\n"
        "  ta:\n"
        "    processor: pa\n"
        "    multiplicity: infinite\n"
        "    entries: {ax: {start: one}, aw: {demand: 0.01, calls: [bv]}, az: {start: two}}\n"
        "    activities: {one: {demand: 0.02, calls: [by]}, last: {demand: 0.01, replies: [ax]}, two: {demand: 0.03, "
        "calls: [bv], replies: [az]}}\n"
        "    flow: [one -> last]\n"
        "  tb: {processor: pb, multiplicity: infinite, entries: {by: {demand: 0.01, calls: [az]}, bv: {demand: "
        "0.001}}}\n";
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_parse(text, strlen(text), "m.yaml", &diag);
    print_messages(&diag);
    assert_non_null(model);
    judge_files(model);
    size_t length;
    char *written_text = written(&lci_format_lqnx, model, NULL, &length, NULL);
    struct lc_model *again = lc_model_parse(written_text, length, "m.lqnx", &diag);
    assert_non_null(again);
    assert_int_equal(again->task_count, 5);
    assert_int_equal(again->entry_count, model->entry_count);
    const int nested = lc_find_task(again, "ta (nested 1)");
    assert_int_not_equal(nested, LC_NONE);
    assert_int_equal(again->tasks[nested].activity_count, 1);
    assert_int_equal(again->entries[lc_find_entry(again, "az")].task, nested);
    lc_model_free(again);
    lc_model_free(model);
    lc_diag_free(&diag);
    free(written_text);
}

/* ---- random models ----------------------------------------------------------------------------------------------- */

static void mark_called(const struct lc_activity *a, char *called)
{
    for (size_t i = 0; i < a->call_count; i++)
        called[a->calls[i].entry] = 1;
}

/* What LQNS warns of in any case. */
static void make_plain(struct lc_model *m)
{
    for (size_t p = 0; p < m->processor_count; p++)
        if (m->processors[p].scheduling == LC_RAND)
            m->processors[p].scheduling = LC_FCFS;
    for (size_t t = 0; t < m->task_count; t++) {
        const enum lc_scheduling kind = m->processors[m->tasks[t].processor].scheduling;
        if (kind != LC_HOL && kind != LC_PP)
            m->tasks[t].priority = 0;
    }
}

/* Customers ask for what nobody calls: a model that is learned has no such entries. */
static void ask_for_all(struct lc_model *m)
{
    char *called = lc_calloc(m->entry_count, 1);
    for (size_t e = 0; e < m->entry_count; e++) {
        for (int k = 0; k < LC_PHASES; k++)
            mark_called(&m->entries[e].phases[k], called);
        for (size_t f = 0; f < m->entries[e].forward_count; f++)
            called[m->entries[e].forwards[f].entry] = 1;
    }
    for (size_t t = 0; t < m->task_count; t++)
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            mark_called(&m->tasks[t].activities[a], called);
    const size_t count = m->entry_count;
    const int processor = lc_add_processor(m, "everybody");
    m->processors[processor].scheduling = LC_INF;
    m->processors[processor].multiplicity = LC_INFINITE;
    const int task = lc_add_task(m, "everybody", processor), entry = lc_add_entry(m, "everything", task);
    m->tasks[task].scheduling = LC_REF;
    m->tasks[task].think_time = lc_dist_exponential(1);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = lc_dist_exponential(0.01);
    for (size_t e = 0; e < count; e++) {
        const struct lc_task *t = &m->tasks[m->entries[e].task];
        bool replies = m->entries[e].start == LC_NONE;
        for (size_t a = 0; a < t->activity_count; a++)
            for (size_t r = 0; r < t->activities[a].reply_count; r++)
                replies = replies || t->activities[a].replies[r] == (int)e;
        if (!called[e] && !lc_is_source(t))
            lc_add_call(&m->entries[entry].phases[0], replies ? LC_CALL_SYNC : LC_CALL_ASYNC, (int)e, 1);
    }
    free(called);
}

/* What a simulation of the model recorded. */
static struct lc_model *learned_again(const struct lc_model *model, uint64_t seed)
{
    struct lc_diag diag = {0};
    struct lc_recorded recorded;
    struct lc_sim_options simulation = lc_sim_defaults();
    struct lc_record_options options = lc_record_defaults();
    simulation.warmup = 0;
    simulation.seed = seed;
    options.traces = 200;
    char *file = lc_format("lqns-%ld.jsonl.gz", (long)getpid());
    const int status = lc_record(model, &simulation, &options, file, &recorded, &diag);
    struct lc_model *learned = status == 0 ? learned_from(file) : NULL;
    unlink(file);
    free(file);
    lc_diag_free(&diag);
    return learned;
}

enum { ENTRIES = 9 };

/* An entry of this or a later number that another task has, and that is called in the same way; LC_NONE: none. */
static int later_entry(struct random_model *g, int entry, bool async)
{
    for (int tries = 0; tries < 10; tries++) {
        const int to = entry + 1 + random_below(g, ENTRIES);
        if (to < ENTRIES && g->async[to] == async && g->model->entries[to].task != g->model->entries[entry].task)
            return to;
    }
    return LC_NONE;
}

static void call_later(struct random_model *g, int entry, struct lc_activity *a)
{
    a->present = true;
    a->demand = random_time(g, 0.05);
    a->deterministic = random_chance(g, 0.5);
    for (int n = 0; n < 2; n++) {
        const bool async = random_chance(g, 0.3);
        const int to = later_entry(g, entry, async);
        if (to != LC_NONE && (a->call_count == 0 || a->calls[0].entry != to))
            lc_add_call(a, async ? LC_CALL_ASYNC : LC_CALL_SYNC, to, a->deterministic ? 1 : 0.7);
    }
}

static int caller(struct random_model *g, int entry)
{
    const int task = g->model->entries[entry].task;
    char *name = lc_format("a%d", g->number++);
    const int index = lc_add_activity(g->model, task, name);
    free(name);
    call_later(g, entry, &g->model->tasks[task].activities[index]);
    return index;
}

/* Either of two, both, or one of them some times; then the answer, and maybe something after it. */
static void later_graph(struct random_model *g, int entry)
{
    static const double parts[] = {0.25, 0.75}, counts[] = {1.5, 2};
    const int first = caller(g, entry), last = caller(g, entry), kind = random_below(g, 3);
    const int branch[] = {caller(g, entry), caller(g, entry)};
    struct lc_task *t = &g->model->tasks[g->model->entries[entry].task];
    g->model->entries[entry].start = first;
    if (kind == 0) {
        lc_add_precedence(t, LC_JOIN_NONE, &first, 1, LC_FORK_LOOP, branch, counts, 2, last);
    } else {
        lc_add_precedence(t, LC_JOIN_NONE, &first, 1, kind == 1 ? LC_FORK_OR : LC_FORK_AND, branch,
                          kind == 1 ? parts : NULL, 2, LC_NONE);
        lc_add_precedence(t, kind == 1 ? LC_JOIN_OR : LC_JOIN_AND, branch, 2, LC_FORK_NONE, &last, NULL, 1, LC_NONE);
    }
    if (!g->async[entry])
        lc_add_reply(&t->activities[last], entry);
    if (g->async[entry] || random_chance(g, 0.5))
        return;
    const int after = caller(g, entry);
    t = &g->model->tasks[g->model->entries[entry].task];
    lc_add_precedence(t, LC_JOIN_NONE, &last, 1, LC_FORK_NONE, &after, NULL, 1, LC_NONE);
}

/* Three services without limits whose entries call later ones, so that requests come back to services that wait. */
static struct lc_model *random_cycles(uint64_t seed)
{
    struct random_model g = {.model = lc_model_new("cycles"), .flags = RANDOM_MODEL_LQN};
    lc_random_init(&g.random, seed, 0, "cycles", "test");
    for (int i = 0; i < 3; i++) {
        const int task = random_place(&g, LC_INF, "service");
        g.model->tasks[task].scheduling = LC_INF;
        g.model->tasks[task].multiplicity = LC_INFINITE;
    }
    for (int e = 0; e < ENTRIES; e++)
        random_entry(&g, e < 3 ? e : random_below(&g, 3), random_chance(&g, 0.2));
    for (int e = 0; e < ENTRIES; e++) {
        struct lc_entry *entry = &g.model->entries[e];
        if (random_chance(&g, 0.4)) {
            later_graph(&g, e);
            continue;
        }
        call_later(&g, e, &entry->phases[0]);
        const int to = later_entry(&g, e, false);
        if (to != LC_NONE && !g.async[e] && random_chance(&g, 0.2))
            lc_add_forward(entry, to, 0.5);
        else if (random_chance(&g, 0.3))
            call_later(&g, e, &entry->phases[1]);
    }
    free(g.async);
    return g.model;
}

static void judge_random(struct lc_model *model)
{
    struct lc_diag diag = {0};
    ask_for_all(model);
    make_plain(model);
    const int status = lc_model_check(model, &diag);
    print_messages(&diag);
    assert_int_equal(status, 0);
    judge_files(model);
    lc_diag_free(&diag);
}

static void judge_seed(uint64_t seed)
{
    struct lc_model *model = random_policies(seed, true), *learned = learned_again(model, seed);
    judge_random(model);
    lc_model_free(model);
    model = random_cycles(seed);
    judge_random(model);
    size_t length;
    char *text = written(&lci_format_lqnx, model, NULL, &length, NULL);
    split += strstr(text, " (nested 1)") != NULL;
    free(text);
    if (learned != NULL) {
        judge_files(learned);
        struct lc_diag diag = {0};
        lci_graphs_to_phases(learned, &diag);
        lc_diag_free(&diag);
        judge_files(learned);
        judged++;
    }
    lc_model_free(learned);
    lc_model_free(model);
}

static uint64_t first_seed = 1, last_seed = LEISURELY ? 20 : 60;

static void random_models_are_fit_for_lqns(void **state)
{
    (void)state;
    judged = 0;
    for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        judge_seed(seed);
    }
    print_message("%zu learned models, %zu cycles of tasks\n", judged, split);
    assert_true(judged > (last_seed - first_seed) / 2 && split > (last_seed - first_seed) / 4);
}

/* With names of recordings: whether what is learned from these is fit, too. With FIRST LAST: random models of these
 * seeds. */
int main(int argc, char **argv)
{
    const struct CMUnitTest random[] = {cmocka_unit_test(random_models_are_fit_for_lqns)};
    if (argc == 3 && isdigit((unsigned char)*argv[1])) {
        first_seed = strtoul(argv[1], NULL, 10);
        last_seed = strtoul(argv[2], NULL, 10);
        return cmocka_run_group_tests(random, NULL, NULL);
    }
    for (int i = 1; i < argc; i++) {
        judge_traces(argv[i]);
        print_message("%s: %zu\n", argv[i], judged);
    }
    if (argc > 1)
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_time_tells_its_origin), cmocka_unit_test(a_learned_system_is_fit_for_lqns),
        cmocka_unit_test(cycles_of_tasks_become_layers), cmocka_unit_test(whatever_is_learned_is_fit_for_lqns),
        cmocka_unit_test(random_models_are_fit_for_lqns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
