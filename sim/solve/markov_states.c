/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The states of a small model, and what leads from one to the next. What happens at one instant happens in the order of
 * the simulation (docs/engine.md, "At one instant").
 *
 * One thing ends: a stage of a slice, of a delay. What it sets off takes no time and may go several ways; each way is a
 * sketch of the next state with the rate at which it is taken, and a stack of what is still to be done in it.
 */
#include "base/table.h"
#include "graph_times.h"
#include "loadcast/base.h"
#include "loadcast/traffic.h"
#include "markov.h"
#include "model/lqn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 32,
    ITEMS = 12, /* that can be at one place */
    TASKS = 24,
    PENDING = 12,  /* things still to be done in one way */
    DEEP = 60,     /* ways that one thing may go on without time passing */
    HELD = -2,     /* in the place of who has the processor between two slices */
    IN_ORDER = 40, /* calls in order that are told apart */
};

enum deed {
    DO_ASK,   /* for the processor of step `of` */
    DO_DONE,  /* with a slice of it */
    DO_STEP,  /* what comes at position `at` of the steps of entry `of` */
    DO_TAKE,  /* the next request to task `of` */
    DO_CYCLE, /* a customer of task `of` has ended one */
    DO_PASS,  /* the processor is passed on */
};

struct pending {
    enum deed deed;
    int of, at, parent;
    bool own;    /* it has the processor that is held */
    bool beside; /* the client that it answered waits for the same processor */
};

struct sketch {
    int count[PLACES], items[PLACES][ITEMS];
    int busy[TASKS];
    int held, level; /* the place where HELD is, or −1; the priority of who that is */
    double rate;
    struct pending pending[PENDING];
    int pending_count, depth;
};

struct maker {
    struct lcs_markov *m;
    const struct lcs_network *n;
    struct lci_table nodes, states;
    struct lcs_stages *slices, *pauses, *thinks; /* per step, step and task */
    int **loops;                                 /* per task and activity: the innermost loop that it is in, LC_NONE */
    int from;                                    /* the state at hand */
    bool failed;
};

/* ---- what is a model for it -------------------------------------------------------------------------------------- */

/* False: it takes more stages than there are. */
static bool stages_of(struct lcs_moments2 time, struct lcs_stages *to)
{
    *to = (struct lcs_stages){0};
    if (!(time.mean > 0))
        return true;
    const double cv2 = time.variance / (time.mean * time.mean);
    if (fabs(cv2 - 1) < 1e-9) {
        *to = (struct lcs_stages){.count = 1, .begins = {1}, .rate = {1 / time.mean}};
        return true;
    }
    if (cv2 > 1) { /* balanced means, as the simulation has it of two moments */
        const double p = 0.5 * (1 + sqrt((cv2 - 1) / (cv2 + 1)));
        *to =
            (struct lcs_stages){.count = 2, .begins = {p, 1 - p}, .rate = {2 * p / time.mean, 2 * (1 - p) / time.mean}};
        return true;
    }
    const double stages = ceil(1 / cv2 - 1e-9);
    if (!(cv2 > 0) || stages > LCS_STAGES)
        return false;
    const int k = (int)stages;
    /* k stages, or one less: p (1 + c²) = k c² − √(k (1 + c²) − k² c²) (Tijms) */
    const double p = (k * cv2 - sqrt(fmax(0, k * (1 + cv2) - k * k * cv2))) / (1 + cv2);
    *to = (struct lcs_stages){.count = k, .goes_on = true};
    to->begins[0] = 1 - p;
    to->begins[1] = p;
    for (int i = 0; i < k; i++)
        to->rate[i] = (k - p) / time.mean;
    return true;
}

static bool is_simple_task(const struct lcs_network *n, const struct lc_task *t)
{
    const bool closed = t->scheduling == LC_REF || t->scheduling == LC_UNIFORM;
    if (t->replicas != 1 ||
        (!closed && t->scheduling != LC_FCFS && t->scheduling != LC_HOL && t->scheduling != LC_INF) ||
        (closed && lci_is_session(n->model, t)))
        return false;
    for (size_t i = 0; i < t->entry_count; i++) {
        const struct lc_entry *e = &n->model->entries[t->entries[i]];
        if ((n->entries[t->entries[i]].plan != NULL && n->entries[t->entries[i]].plan->branches > 0) ||
            e->open_rate > 0 || e->open_arrivals.family != NULL || e->pause.family != NULL || e->next_count > 0)
            return false;
    }
    return true;
}

static bool is_simple_step(const struct lcs_step_info *step)
{
    double calls = 0;
    for (size_t c = 0; c < step->activity->call_count; c++) {
        const struct lc_call *call = &step->activity->calls[c];
        calls += call->mean;
        if (call->kind != LC_CALL_SYNC || step->caches[c].misses < 1 || (step->activity->deterministic && call->random))
            return false;
    }
    return !step->activity->deterministic || calls <= IN_ORDER;
}

static bool is_simple_processor(const struct lc_processor *p)
{
    const enum lc_scheduling s = p->scheduling;
    return p->replicas == 1 &&
           (s == LC_FCFS || s == LC_HOL || s == LC_PP || s == LC_INF || (s == LC_PS && !(p->quantum > 0)));
}

/* The least number of states that so many customers can make in the tasks that they come to. */
static double least_states(const struct lcs_network *n, size_t task)
{
    const struct lc_model *m = n->model;
    bool *seen = lc_calloc(m->entry_count, sizeof *seen), *tasks = lc_calloc(m->task_count, sizeof *tasks);
    double states = 1, places = 0;
    for (size_t i = 0; i < m->entry_count; i++) {
        const int e = n->order[i];
        seen[e] |= m->entries[e].task == (int)task;
        tasks[m->entries[e].task] |= seen[e];
        for (int s = 0; seen[e] && s < n->entries[e].step_count; s++)
            for (size_t c = 0; c < n->steps[n->entries[e].first_step + s].activity->call_count; c++)
                seen[n->steps[n->entries[e].first_step + s].activity->calls[c].entry] = true;
    }
    for (size_t t = 0; t < m->task_count; t++)
        places += tasks[t];
    const double customers = m->tasks[task].multiplicity;
    for (int i = 1; i < places; i++)
        states *= (customers + i) / i;
    free(seen);
    free(tasks);
    return states;
}

/* Whether mean value analysis is exact: no queue for threads, and all who stand in line are served alike. */
static bool has_product_form(const struct lcs_network *n)
{
    const struct lc_model *m = n->model;
    double *mean = lc_calloc(m->processor_count, sizeof *mean);
    bool same = true;
    for (size_t t = 0; t < m->task_count; t++)
        same = same && n->task_station[t] < 0;
    for (size_t s = 0; s < n->step_count && same; s++) {
        const struct lcs_moments2 slice = n->steps[s].slice;
        const int p = m->tasks[m->entries[n->steps[s].entry].task].processor;
        if (n->steps[s].slices == 0 || n->processor_station[p] < 0 || m->processors[p].scheduling == LC_PS)
            continue;
        same = m->processors[p].scheduling == LC_FCFS &&
               fabs(slice.variance - slice.mean * slice.mean) <= 1e-9 * slice.variance &&
               (mean[p] == 0 || fabs(mean[p] - slice.mean) <= 1e-9 * slice.mean);
        mean[p] = slice.mean;
    }
    free(mean);
    return same;
}

bool lcs_markov_fits(const struct lcs_network *n)
{
    const struct lc_model *m = n->model;
    double items = 0, states = 1;
    if (n->loses || m->processor_count + m->task_count + 1 > PLACES || m->task_count > TASKS || m->entry_count == 0)
        return false;
    for (size_t p = 0; p < m->processor_count; p++)
        if (!is_simple_processor(&m->processors[p]))
            return false;
    for (size_t t = 0; t < m->task_count; t++) {
        const struct lc_task *task = &m->tasks[t];
        bool more = false; /* phases behind the reply */
        if (!is_simple_task(n, task))
            return false;
        for (size_t i = 0; i < task->entry_count; i++) {
            const struct lcs_entry_info *e = &n->entries[task->entries[i]];
            for (int s = e->first_step; s < e->first_step + e->step_count; s++) {
                more |= n->steps[s].phase > 1 && !lc_is_source(task);
                if (!is_simple_step(&n->steps[s]))
                    return false;
            }
        }
        if (more && (task->scheduling == LC_INF || task->multiplicity == LC_INFINITE))
            return false; /* any number of them may be under way */
        items += lc_is_source(task) || more ? (double)task->multiplicity : 0;
        states *= lc_is_source(task) && items <= ITEMS ? least_states(n, t) : 1;
    }
    return items <= ITEMS && states <= LCS_STATES;
}

/* ---- nodes and states -------------------------------------------------------------------------------------------- */

static int node_of(struct maker *k, struct lcs_node node)
{
    const int words[] = {(int)node.what, node.of, node.at, node.which, node.parent, 0};
    const uint32_t hash = lci_hash_bytes(words, sizeof words);
    struct lcs_markov *m = k->m;
    uint32_t at;
    LCI_TABLE_FIND(&k->nodes, hash, at,
                   m->nodes[at].what == node.what && m->nodes[at].of == node.of && m->nodes[at].at == node.at &&
                       m->nodes[at].which == node.which && m->nodes[at].parent == node.parent);
    if (at != LCI_ABSENT)
        return (int)at;
    LC_GROW(m->nodes, m->node_count, m->node_capacity);
    lci_table_add(&k->nodes, hash, m->node_count);
    m->nodes[m->node_count] = node;
    return (int)m->node_count++;
}

double lcs_markov_servers(const struct lcs_markov *m, size_t place)
{
    const struct lc_model *model = m->network->model;
    if (place >= model->processor_count)
        return place + 1 == m->places ? INFINITY : 0;
    const struct lc_processor *p = &model->processors[place];
    return p->scheduling == LC_INF || p->multiplicity == LC_INFINITE ? INFINITY : (double)p->multiplicity;
}

bool lcs_markov_shares(const struct lcs_markov *m, size_t place)
{
    return place < m->network->model->processor_count && m->network->model->processors[place].scheduling == LC_PS;
}

static bool preempts(const struct lc_model *m, size_t place)
{
    return place < m->processor_count && m->processors[place].scheduling == LC_PP;
}

static void sort_few(int *items, int count)
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && items[k] < items[k - 1]; k--) {
            const int other = items[k];
            items[k] = items[k - 1];
            items[k - 1] = other;
        }
}

/* The number of the state, which is new where there is none like it. The order of those who are served is none. */
static int state_of(struct maker *k, struct sketch *s)
{
    int words[PLACES + PLACES * ITEMS + 1];
    size_t count = 0;
    struct lcs_markov *m = k->m;
    for (size_t p = 0; p < m->places; p++) {
        const double servers = lcs_markov_servers(m, p);
        if (!preempts(k->n->model, p)) /* there the place in line tells who comes first */
            sort_few(s->items[p], servers < s->count[p] && !lcs_markov_shares(m, p) ? (int)servers : s->count[p]);
        words[count++] = s->count[p];
        memcpy(words + count, s->items[p], (size_t)s->count[p] * sizeof *words);
        count += (size_t)s->count[p];
    }
    const uint32_t hash = lci_hash_bytes(words, count * sizeof *words);
    uint32_t at;
    LCI_TABLE_FIND(&k->states, hash, at, memcmp(m->items + m->first[at], words, count * sizeof *words) == 0);
    if (at != LCI_ABSENT)
        return (int)at;
    if (m->state_count >= LCS_STATES) {
        k->failed = true;
        return 0;
    }
    while (m->item_count + sizeof words / sizeof *words > m->item_capacity) { /* also what a comparison reads */
        m->item_capacity = 2 * m->item_capacity + sizeof words / sizeof *words;
        m->items = lc_realloc(m->items, m->item_capacity, sizeof *m->items);
    }
    LC_GROW(m->first, m->state_count, m->state_capacity);
    m->first[m->state_count] = m->item_count;
    memcpy(m->items + m->item_count, words, count * sizeof *words);
    m->item_count += count;
    lci_table_add(&k->states, hash, m->state_count);
    return (int)m->state_count++;
}

static int task_of_node(const struct maker *k, const struct lcs_node *node)
{
    if (node->what != LCS_RUNS && node->what != LCS_CALLS && node->what != LCS_PAUSES)
        return LC_NONE;
    return k->n->model->entries[k->n->steps[node->of].entry].task;
}

static void load_state(const struct maker *k, size_t state, struct sketch *s)
{
    const struct lcs_markov *m = k->m;
    const int *item = m->items + m->first[state];
    *s = (struct sketch){.held = -1};
    for (size_t p = 0; p < m->places; p++) {
        s->count[p] = *item++;
        for (int i = 0; i < s->count[p]; i++) {
            s->items[p][i] = *item;
            for (int node = *item++; node != LC_NONE; node = m->nodes[node].parent) {
                const int task = task_of_node(k, &m->nodes[node]);
                if (task != LC_NONE)
                    s->busy[task]++;
            }
        }
    }
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static void run(struct maker *k, struct sketch *s);

static size_t delays(const struct maker *k)
{
    return k->m->places - 1;
}

static size_t queue_of(const struct maker *k, int task)
{
    return k->n->model->processor_count + (size_t)task;
}

static void put(struct maker *k, struct sketch *s, size_t place, int at, int node)
{
    if (s->count[place] >= ITEMS) {
        k->failed = true;
        return;
    }
    memmove(&s->items[place][at + 1], &s->items[place][at], (size_t)(s->count[place] - at) * sizeof(int));
    s->items[place][at] = node;
    s->count[place]++;
}

static void take_out(struct sketch *s, size_t place, int at)
{
    s->count[place]--;
    memmove(&s->items[place][at], &s->items[place][at + 1], (size_t)(s->count[place] - at) * sizeof(int));
}

static int priority_of(const struct maker *k, int node)
{
    const struct lcs_node *it = &k->m->nodes[node];
    const struct lc_model *m = k->n->model;
    if (it->what == LCS_RUNS)
        return m->tasks[task_of_node(k, it)].priority;
    const int client = it->parent; /* a message: of who waits for its answer */
    return m->entries[it->of].priority +
           (client != LC_NONE ? m->tasks[task_of_node(k, &k->m->nodes[client])].priority : 0);
}

static bool by_priority(const struct maker *k, size_t place)
{
    const struct lc_model *m = k->n->model;
    return place < m->processor_count ? m->processors[place].scheduling == LC_HOL || preempts(m, place)
                                      : place < delays(k) && m->tasks[place - m->processor_count].scheduling == LC_HOL;
}

/* Stands in line. */
static void join_line(struct maker *k, struct sketch *s, size_t place, int node)
{
    int at = s->count[place];
    const double before = preempts(k->n->model, place) ? 0 : lcs_markov_servers(k->m, place);
    for (; by_priority(k, place) && at > before; at--) {
        const int other = s->items[place][at - 1];
        if ((other == HELD ? s->level : priority_of(k, other)) >= priority_of(k, node))
            break;
    }
    put(k, s, place, at, node);
}

static int held_at(const struct sketch *s)
{
    int i = 0;
    while (s->items[s->held][i] != HELD)
        i++;
    return i;
}

static void pass_on(struct sketch *s)
{
    if (s->held < 0)
        return;
    take_out(s, (size_t)s->held, held_at(s));
    s->held = -1;
}

/* ---- what happens at one instant --------------------------------------------------------------------------------- */

static void later(struct maker *k, struct sketch *s, struct pending pending)
{
    if (s->pending_count >= PENDING)
        k->failed = true;
    else
        s->pending[s->pending_count++] = pending;
}

/* A way that is taken with this probability, and what is done first in it. */
static void branch(struct maker *k, const struct sketch *s, double probability, struct pending first)
{
    if (!(probability > 0) || k->failed)
        return;
    struct sketch way = *s;
    way.rate *= probability;
    later(k, &way, first);
    run(k, &way);
}

/* A node at the place of its delay. */
static void begin_delay(struct maker *k, struct sketch *s, const struct lcs_stages *stages, struct lcs_node node)
{
    for (int i = 0; i < stages->count; i++) {
        if (!(stages->begins[i] > 0))
            continue;
        struct sketch way = *s;
        way.rate *= stages->begins[i];
        node.which = i;
        put(k, &way, delays(k), way.count[delays(k)], node_of(k, node));
        run(k, &way);
    }
}

/* In line at its processor; who has it keeps it or yields to those who wait. */
static void ask(struct maker *k, struct sketch *s, struct pending d)
{
    const struct lcs_stages *stages = &k->slices[d.of];
    const size_t place = (size_t)k->n->model->tasks[k->n->model->entries[k->n->steps[d.of].entry].task].processor;
    if (stages->count == 0) {
        later(k, s, (struct pending){DO_DONE, d.of, d.at, d.parent, d.own, false});
        run(k, s);
        return;
    }
    for (int i = 0; i < stages->count; i++) {
        const int node = node_of(k, (struct lcs_node){LCS_RUNS, d.of, d.at, i, d.parent});
        for (int keeps = 0; keeps < (d.own && d.beside ? 2 : 1) && stages->begins[i] > 0; keeps++) {
            struct sketch way = *s;
            way.rate *= stages->begins[i] * (d.own && d.beside ? 0.5 : 1);
            if (d.own) {
                const double servers = lcs_markov_servers(k->m, place);
                const int at = held_at(&way);
                const bool waits = way.count[place] > servers && !lcs_markov_shares(k->m, place);
                const bool yields = waits && !keeps &&
                                    (!by_priority(k, place) || preempts(k->n->model, place) ||
                                     priority_of(k, way.items[place][(int)servers]) >= priority_of(k, node));
                if (yields) {
                    pass_on(&way);
                    join_line(k, &way, place, node);
                } else {
                    way.items[place][at] = node;
                    way.held = -1;
                }
            } else {
                join_line(k, &way, place, node);
            }
            run(k, &way);
        }
    }
}

/* ---- what follows a step: of = the entry that it is of ----------------------------------------------------------- */

static void go_to(struct maker *k, const struct sketch *s, double probability, struct pending d, int position)
{
    branch(k, s, probability, (struct pending){DO_STEP, d.of, position, d.parent, d.own, false});
}

static int position_of(const struct lcs_network *n, int entry, int activity)
{
    const struct lcs_entry_info *e = &n->entries[entry];
    int position = 0;
    while (position < e->step_count && n->steps[e->first_step + position].index != activity)
        position++;
    return position;
}

static int first_position(const struct lcs_network *n, int entry)
{
    return n->entries[entry].plan != NULL ? position_of(n, entry, n->entries[entry].plan->order[0]) : 0;
}

/* Once more through a body of the loop, or behind it: then to what is behind the loop that it is in. */
static void repeat(struct maker *k, const struct sketch *s, struct pending d, int loop)
{
    const int t = k->n->model->entries[d.of].task;
    double probability = 1;
    while (loop != LC_NONE) {
        const struct lc_precedence *p = &k->n->model->tasks[t].precedences[loop];
        double bodies = 0;
        for (size_t i = 0; i < p->post_count; i++)
            bodies += p->weights[i];
        for (size_t i = 0; i < p->post_count; i++)
            go_to(k, s, probability * p->weights[i] / (1 + bodies), d, position_of(k->n, d.of, p->post[i]));
        probability /= 1 + bodies;
        if (p->end != LC_NONE) {
            go_to(k, s, probability, d, position_of(k->n, d.of, p->end));
            return;
        }
        loop = k->loops[t][p->pre[0]];
    }
    go_to(k, s, probability, d, k->n->entries[d.of].step_count);
}

static void follow(struct maker *k, const struct sketch *s, struct pending d, const struct lcs_step_info *step)
{
    const struct lcs_graph_plan *plan = k->n->entries[d.of].plan;
    const int t = k->n->model->entries[d.of].task, index = plan != NULL ? plan->from[step->index] : LC_NONE;
    const struct lc_precedence *p = index != LC_NONE ? &k->n->model->tasks[t].precedences[index] : NULL;
    if (plan == NULL)
        go_to(k, s, 1, d, (int)(step - k->n->steps) - k->n->entries[d.of].first_step + 1);
    else if (p == NULL || p->post_count == 0)
        repeat(k, s, d, k->loops[t][step->index]);
    else if (p->fork == LC_FORK_LOOP)
        repeat(k, s, d, index);
    else
        for (size_t i = 0; i < (p->fork == LC_FORK_OR ? p->post_count : 1); i++)
            go_to(k, s, p->fork == LC_FORK_OR ? p->weights[i] : 1, d, position_of(k->n, d.of, p->post[i]));
}

/* ---- requests and answers ---------------------------------------------------------------------------------------- */

/* A request comes to an entry; `caller` is blocked. A single thread stands in line before the processor is passed on.
 */
static void send(struct maker *k, struct sketch *s, struct lcs_node message, bool own)
{
    const struct lc_model *m = k->n->model;
    const int task = m->entries[message.of].task;
    const struct lc_task *to = &m->tasks[task];
    const bool limited = to->scheduling != LC_INF && to->multiplicity != LC_INFINITE;
    const bool delayed = limited && s->busy[task] >= (int)to->multiplicity;
    if (message.at == LC_NONE) {
        const struct lcs_node *caller = &k->m->nodes[message.parent];
        struct lcs_markov *c = k->m;
        LC_GROW(c->events, c->event_count, c->event_capacity);
        c->events[c->event_count++] = (struct lcs_event){k->from, LC_NONE, caller->of, caller->which, delayed, s->rate};
    }
    if (delayed) {
        join_line(k, s, queue_of(k, task), node_of(k, message));
        if (own)
            pass_on(s);
        run(k, s);
        return;
    }
    s->busy[task]++;
    const struct pending begins = {DO_STEP, message.of, first_position(k->n, message.of), message.parent, false, false};
    const struct pending passes = {DO_PASS, 0, 0, LC_NONE, true, false};
    const bool first = to->multiplicity == 1 && limited;
    if (own && first)
        later(k, s, passes);
    later(k, s, begins);
    if (own && !first)
        later(k, s, passes);
    run(k, s);
}

/* A slice has ended: a call, or the end of the step. */
static void done(struct maker *k, struct sketch *s, struct pending d)
{
    const struct lcs_step_info *step = &k->n->steps[d.of];
    const struct lc_activity *a = step->activity;
    double calls = 0;
    int in_order = d.at;
    for (size_t c = 0; c < a->call_count; c++)
        calls += a->calls[c].mean;
    for (size_t c = 0; c < a->call_count; c++) {
        double probability = a->calls[c].mean / (1 + calls);
        if (a->deterministic) {
            probability = in_order >= 0 && in_order < a->calls[c].mean ? 1 : 0;
            in_order -= (int)a->calls[c].mean;
        }
        if (!(probability > 0))
            continue;
        struct sketch way = *s;
        way.rate *= probability;
        const int caller =
            node_of(k, (struct lcs_node){LCS_CALLS, d.of, a->deterministic ? d.at + 1 : 0, (int)c, d.parent});
        send(k, &way, (struct lcs_node){LCS_MESSAGE, a->calls[c].entry, LC_NONE, 0, caller}, d.own);
    }
    d.of = step->entry;
    s->rate *= !a->deterministic ? 1 / (1 + calls) : d.at >= calls ? 1 : 0;
    if (s->rate > 0)
        follow(k, s, d, step);
}

/* The answer, or what it is forwarded to; then whatever comes behind it. */
static void answer(struct maker *k, struct sketch *s, struct pending d)
{
    const struct lc_model *m = k->n->model;
    const struct lc_entry *entry = &m->entries[d.of];
    const struct lcs_node caller = k->m->nodes[d.parent];
    const int client = m->entries[k->n->steps[caller.of].entry].task;
    struct pending behind = {DO_STEP, d.of, d.at, LC_NONE, d.own, false};
    double left = 1;
    for (size_t f = 0; f < entry->forward_count; f++) {
        struct sketch way = *s;
        way.rate *= entry->forwards[f].probability;
        left -= entry->forwards[f].probability;
        if (!(way.rate > 0))
            continue;
        later(k, &way, behind);
        send(k, &way, (struct lcs_node){LCS_MESSAGE, entry->forwards[f].entry, d.of, (int)f, d.parent}, false);
    }
    const struct pending goes_on = {DO_ASK, caller.of, caller.at, caller.parent, false, false};
    behind.beside = d.own && d.at < k->n->entries[d.of].step_count && k->slices[caller.of].count > 0 &&
                    m->tasks[client].processor == s->held;
    if (left > 1e-12) {
        s->rate *= left;
        later(k, s, behind);
        later(k, s, goes_on);
        run(k, s);
    }
}

/* Before the step at a position of an entry: the reply, its delay, its first slice; behind the last one the end. */
static void next_step(struct maker *k, struct sketch *s, struct pending d)
{
    const struct lcs_entry_info *e = &k->n->entries[d.of];
    const int task = k->n->model->entries[d.of].task;
    const bool source = lc_is_source(&k->n->model->tasks[task]), last = d.at >= e->step_count;
    const int step = e->first_step + d.at;
    if (!source && d.parent != LC_NONE && (last || k->n->steps[step].phase > 1)) {
        answer(k, s, d);
        return;
    }
    if (last) {
        s->busy[task]--;
        later(k, s, (struct pending){source ? DO_CYCLE : DO_TAKE, task, 0, LC_NONE, d.own, false});
    } else if (k->pauses[step].count > 0) {
        if (d.own)
            pass_on(s);
        begin_delay(k, s, &k->pauses[step], (struct lcs_node){LCS_PAUSES, step, 0, 0, d.parent});
        return;
    } else {
        later(k, s, (struct pending){DO_ASK, step, 0, d.parent, d.own, d.beside});
    }
    run(k, s);
}

static void begin_cycle(struct maker *k, struct sketch *s, int task, bool own)
{
    const struct lc_task *t = &k->n->model->tasks[task];
    double *visits = lc_calloc(t->entry_count, sizeof *visits);
    lci_session_visits(k->n->model, t, visits);
    s->busy[task]++;
    for (size_t i = 0; i < t->entry_count; i++)
        branch(k, s, visits[i],
               (struct pending){DO_STEP, t->entries[i], first_position(k->n, t->entries[i]), LC_NONE, own, false});
    free(visits);
}

static void end_cycle(struct maker *k, struct sketch *s, struct pending d)
{
    struct lcs_markov *c = k->m;
    LC_GROW(c->events, c->event_count, c->event_capacity);
    c->events[c->event_count++] = (struct lcs_event){k->from, d.of, 0, 0, false, s->rate};
    if (k->thinks[d.of].count == 0) {
        begin_cycle(k, s, d.of, d.own);
        return;
    }
    if (d.own)
        pass_on(s);
    begin_delay(k, s, &k->thinks[d.of], (struct lcs_node){LCS_THINKS, d.of, 0, 0, LC_NONE});
}

static void take_next(struct maker *k, struct sketch *s, struct pending d)
{
    const size_t queue = queue_of(k, d.of);
    if (s->count[queue] == 0) {
        if (d.own)
            pass_on(s);
    } else {
        const struct lcs_node message = k->m->nodes[s->items[queue][0]];
        take_out(s, queue, 0);
        s->busy[d.of]++;
        later(k, s,
              (struct pending){DO_STEP, message.of, first_position(k->n, message.of), message.parent, d.own, false});
    }
    run(k, s);
}

/* Until nothing is left to do; the state that it leads to then is one of the next. */
static void run(struct maker *k, struct sketch *s)
{
    if (k->failed || ++s->depth > DEEP) {
        k->failed = true;
        return;
    }
    if (s->pending_count == 0) {
        struct lcs_markov *m = k->m;
        const int to = state_of(k, s);
        LC_GROW(m->transitions, m->transition_count, m->transition_capacity);
        m->transitions[m->transition_count++] = (struct lcs_transition){k->from, to, s->rate};
        return;
    }
    const struct pending d = s->pending[--s->pending_count];
    switch (d.deed) {
    case DO_ASK: ask(k, s, d); break;
    case DO_DONE: done(k, s, d); break;
    case DO_STEP: next_step(k, s, d); break;
    case DO_TAKE: take_next(k, s, d); break;
    case DO_CYCLE: end_cycle(k, s, d); break;
    case DO_PASS:
        pass_on(s);
        run(k, s);
        break;
    }
}

/* ---- one thing ends ---------------------------------------------------------------------------------------------- */

static void end_delay(struct maker *k, struct sketch *s, const struct lcs_node *node)
{
    if (node->what == LCS_THINKS) {
        begin_cycle(k, s, node->of, false);
        return;
    }
    later(k, s, (struct pending){DO_ASK, node->of, 0, node->parent, false, false});
    run(k, s);
}

static void end_stage(struct maker *k, const struct sketch *state, size_t place, int at, double share)
{
    const struct lcs_node node = k->m->nodes[state->items[place][at]];
    const struct lcs_stages *stages = node.what == LCS_RUNS     ? &k->slices[node.of]
                                      : node.what == LCS_PAUSES ? &k->pauses[node.of]
                                                                : &k->thinks[node.of];
    struct sketch s = *state;
    s.rate = share * stages->rate[node.which];
    if (stages->goes_on && node.which + 1 < stages->count) {
        struct lcs_node next = node;
        next.which++;
        s.items[place][at] = node_of(k, next);
        run(k, &s);
        return;
    }
    if (node.what != LCS_RUNS) {
        take_out(&s, place, at);
        end_delay(k, &s, &node);
        return;
    }
    s.level = k->n->model->tasks[task_of_node(k, &node)].priority;
    s.items[place][at] = HELD;
    s.held = (int)place;
    later(k, &s, (struct pending){DO_DONE, node.of, node.at, node.parent, true, false});
    run(k, &s);
}

static void leave_state(struct maker *k, size_t state)
{
    struct sketch s;
    const struct lc_model *model = k->n->model;
    k->from = (int)state;
    load_state(k, state, &s);
    for (size_t p = 0; p < k->m->places && !k->failed; p++) {
        const double servers = lcs_markov_servers(k->m, p);
        const bool shares = lcs_markov_shares(k->m, p);
        if (p >= model->processor_count && p < delays(k))
            continue;
        const int served = shares || s.count[p] < servers ? s.count[p] : (int)servers;
        const double share = shares ? fmin(1, servers / s.count[p]) : 1;
        for (int i = 0, same; i < served; i += same) {
            for (same = 1; i + same < served && s.items[p][i + same] == s.items[p][i];)
                same++;
            end_stage(k, &s, p, i, same * share);
        }
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void find_loops(struct maker *k)
{
    const struct lc_model *m = k->n->model;
    k->loops = lc_calloc(m->task_count, sizeof *k->loops);
    for (size_t t = 0; t < m->task_count; t++) {
        k->loops[t] = lc_calloc(m->tasks[t].activity_count, sizeof(int));
        for (size_t a = 0; a < m->tasks[t].activity_count; a++)
            k->loops[t][a] = LC_NONE;
    }
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lcs_graph_plan *plan = k->n->entries[e].plan;
        int *loops = k->loops[m->entries[e].task];
        for (int i = 0; plan != NULL && i < plan->count; i++) {
            const int a = plan->order[i], index = plan->from[a];
            const struct lc_precedence *p = &m->tasks[m->entries[e].task].precedences[index == LC_NONE ? 0 : index];
            for (size_t b = 0; index != LC_NONE && b < p->post_count; b++)
                loops[p->post[b]] = p->fork == LC_FORK_LOOP ? index : loops[a];
            if (index != LC_NONE && p->fork == LC_FORK_LOOP && p->end != LC_NONE)
                loops[p->end] = loops[a];
        }
    }
}

static bool read_times(struct maker *k)
{
    const struct lcs_network *n = k->n;
    bool known = true;
    for (size_t s = 0; s < n->step_count && known; s++) {
        const struct lc_model *m = n->model;
        const enum lc_scheduling where =
            m->processors[m->tasks[m->entries[n->steps[s].entry].task].processor].scheduling;
        struct lcs_moments2 slice = n->steps[s].slice;
        if (where == LC_PS || where == LC_INF) /* what is shared, or waits for nothing, hardly knows of the shape */
            slice.variance = slice.mean * slice.mean;
        known = stages_of(slice, &k->slices[s]) && stages_of(n->steps[s].think, &k->pauses[s]);
    }
    for (size_t t = 0; t < n->model->task_count && known; t++) {
        const struct lc_dist *think = &n->model->tasks[t].think_time;
        if (think->family != NULL)
            known = stages_of((struct lcs_moments2){lc_dist_mean(think), lc_dist_variance(think)}, &k->thinks[t]);
    }
    return known;
}

/* All customers begin a cycle, one after the other; whatever state that leads to, the chain comes back to it or not. */
static void first_state(struct maker *k)
{
    struct sketch s = {.held = -1, .rate = 0};
    const struct lc_model *m = k->n->model;
    for (size_t t = 0; t < m->task_count; t++)
        for (uint32_t i = 0; lc_is_source(&m->tasks[t]) && i < m->tasks[t].multiplicity && !k->failed; i++) {
            if (k->thinks[t].count > 0) {
                put(k, &s, delays(k), s.count[delays(k)],
                    node_of(k, (struct lcs_node){LCS_THINKS, (int)t, 0, 0, LC_NONE}));
                continue;
            }
            struct sketch next = s;
            begin_cycle(k, &next, (int)t, false);
            k->failed |= k->m->transition_count == 0; /* nothing that takes time is ever reached */
            if (!k->failed)
                load_state(k, (size_t)k->m->transitions[k->m->transition_count - 1].to, &s);
        }
    k->m->transition_count = k->m->event_count = k->m->state_count = k->m->item_count = 0;
    lci_table_clear(&k->states, 0);
    if (!k->failed)
        state_of(k, &s);
}

struct lcs_markov *lcs_markov_new(const struct lcs_network *network)
{
    if (has_product_form(network) || !lcs_markov_fits(network))
        return NULL;
    const struct lc_model *model = network->model;
    struct lcs_markov *m = lc_calloc(1, sizeof *m);
    struct maker k = {.m = m,
                      .n = network,
                      .slices = lc_calloc(network->step_count, sizeof *k.slices),
                      .pauses = lc_calloc(network->step_count, sizeof *k.pauses),
                      .thinks = lc_calloc(model->task_count, sizeof *k.thinks)};
    m->network = network;
    m->places = model->processor_count + model->task_count + 1;
    find_loops(&k);
    k.failed = !read_times(&k);
    if (!k.failed)
        first_state(&k);
    size_t out_capacity = 0;
    for (size_t i = 0; i < m->state_count && !k.failed; i++) {
        LC_GROW(m->out, i + 1, out_capacity);
        m->out[i] = m->transition_count;
        leave_state(&k, i);
        m->out[i + 1] = m->transition_count;
    }
    lci_table_free(&k.nodes);
    lci_table_free(&k.states);
    free(k.slices);
    free(k.pauses);
    free(k.thinks);
    for (size_t t = 0; t < model->task_count; t++)
        free(k.loops[t]);
    free(k.loops);
    if (!k.failed)
        return m;
    lcs_markov_free(m);
    return NULL;
}

void lcs_markov_free(struct lcs_markov *m)
{
    if (m == NULL)
        return;
    void *const arrays[] = {m->nodes, m->items, m->first, m->out, m->transitions, m->events};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    free(m);
}
