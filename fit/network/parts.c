/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network/parts.h"

#include "base/text.h"
#include "fit/trace/symbols.h"
#include "network/visits/shard.h"
#include "trace/divide.h"
#include "trace/reader.h"
#include "tree/decisions.h"
#include "tree/trees.h"

#include <stdlib.h>
#include <string.h>

/* ---- the question ------------------------------------------------------------------------------------------------ */

struct question {
    struct lci_files files;
    struct lc_tree_options tree;
    struct lc_learn_options learn;
    bool learns;     /* into a summary; otherwise services are counted */
    char *decisions; /* to decide as these; NULL: as the traces tell */
    size_t decisions_length;
};

static void pack_list(struct lci_pack *p, const char *const **list)
{
    size_t count = 0;
    while (!lci_pack_reads(p) && *list != NULL && (*list)[count] != NULL)
        count++;
    LCI_PACK(p, count);
    const char **items = (const char **)*list;
    bool there = items != NULL;
    LCI_PACK(p, there);
    if (lci_pack_reads(p))
        items = there ? lc_calloc(count + 1, sizeof *items) : NULL;
    for (size_t i = 0; i < count; i++)
        lci_pack_name(p, &items[i]);
    *list = items;
}

/* Names are borrowed in the options, and so they are of what was read: from the pack. */
#define PACK_OWN(p, text) lci_pack_name(p, (const char **)&(text))

static void pack_slots(struct lci_pack *p, const struct lc_tree_slot **slots, size_t count)
{
    LCI_PACK_ARRAY(p, *slots, count);
    struct lc_tree_slot *items = (struct lc_tree_slot *)*slots;
    for (size_t i = 0; i < count; i++) {
        lci_pack_name(p, &items[i].service);
        lci_pack_name(p, &items[i].span);
        lci_pack_name(p, &items[i].place.file);
    }
}

static void pack_texts(struct lci_pack *p, const char *const **texts, size_t count)
{
    LCI_PACK_ARRAY(p, *texts, count);
    for (size_t i = 0; i < count; i++)
        lci_pack_name(p, (const char **)&(*texts)[i]);
}

static void pack_classes(struct lci_pack *p, struct lc_learn_options *o)
{
    LCI_PACK_ARRAY(p, o->classes, o->class_count);
    struct lc_request_class *classes = (struct lc_request_class *)o->classes;
    for (size_t i = 0; i < o->class_count; i++) {
        struct lc_request_class *c = &classes[i];
        lci_pack_name(p, &c->name);
        lci_pack_name(p, &c->task);
        lci_pack_name(p, &c->operation);
        lci_pack_name(p, &c->activity);
        pack_texts(p, &c->keys, c->condition_count);
        pack_texts(p, &c->patterns, c->condition_count);
    }
}

static void pack_capacities(struct lci_pack *p, struct lc_learn_options *o)
{
    LCI_PACK_ARRAY(p, o->capacities, o->capacity_count);
    struct lc_capacity *capacities = (struct lc_capacity *)o->capacities;
    for (size_t i = 0; i < o->capacity_count; i++) {
        struct lc_capacity *c = &capacities[i];
        lci_pack_name(p, &c->task);
        LCI_PACK_ARRAY(p, c->entries, c->entry_count);
        for (size_t k = 0; k < c->entry_count; k++)
            PACK_OWN(p, c->entries[k].entry);
        LCI_PACK_ARRAY(p, c->pools, c->pool_count);
        for (size_t k = 0; k < c->pool_count; k++)
            PACK_OWN(p, c->pools[k].target);
    }
}

static void pack_learn(struct lci_pack *p, struct lc_learn_options *o)
{
    LCI_PACK(p, *o);
    o->cache = NULL;
    pack_classes(p, o);
    LCI_PACK_ARRAY(p, o->activities, 1);
    if (o->activities != NULL) {
        struct lc_activity_runs *runs = (struct lc_activity_runs *)o->activities;
        LCI_PACK_ARRAY(p, runs->runs, runs->count);
        for (size_t i = 0; i < runs->count; i++) {
            PACK_OWN(p, runs->runs[i].activity);
            PACK_OWN(p, runs->runs[i].release);
            PACK_OWN(p, runs->runs[i].run);
        }
    }
    lci_pack_name(p, &o->release);
    pack_capacities(p, o);
    pack_slots(p, &o->slots, o->slot_count);
    LCI_PACK_ARRAY(p, o->utilization, 1);
    if (o->utilization != NULL) {
        struct lc_utilization *u = (struct lc_utilization *)o->utilization;
        LCI_PACK_ARRAY(p, u->windows, u->count); /* files and hosts are for whoever fits */
        for (size_t i = 0; i < u->count; i++) {
            PACK_OWN(p, u->windows[i].component);
            lci_pack_name(p, &u->windows[i].file);
        }
    }
    pack_list(p, &o->keep);
    LCI_PACK_ARRAY(p, o->within, o->within_count);
}

static void pack_tree(struct lci_pack *p, struct lc_tree_options *o)
{
    LCI_PACK(p, *o);
    o->given = NULL;
    o->reader.progress = NULL;
    o->reader.assembled = NULL;
    o->reader.context = NULL;
    pack_list(p, &o->reader.keep);
    pack_list(p, &o->assume_async);
    pack_list(p, &o->assume_sync);
    pack_slots(p, &o->slots, o->slot_count);
}

static void pack_question(struct lci_pack *p, struct question *q)
{
    LCI_PACK(p, q->files);
    LCI_PACK_ARRAY(p, q->files.items, q->files.count);
    for (size_t i = 0; i < q->files.count; i++)
        PACK_OWN(p, q->files.items[i].name);
    pack_tree(p, &q->tree);
    LCI_PACK(p, q->learns);
    if (q->learns)
        pack_learn(p, &q->learn);
    LCI_PACK(p, q->decisions_length);
    LCI_PACK_ARRAY(p, q->decisions, q->decisions_length);
}

static void free_learn(struct lc_learn_options *o)
{
    for (size_t i = 0; i < o->class_count; i++) {
        free((void *)o->classes[i].keys);
        free((void *)o->classes[i].patterns);
    }
    for (size_t i = 0; i < o->capacity_count; i++) {
        free(o->capacities[i].entries);
        free(o->capacities[i].pools);
    }
    if (o->activities != NULL)
        free(o->activities->runs);
    if (o->utilization != NULL)
        free(o->utilization->windows);
    const void *owned[] = {o->classes, o->capacities, o->activities, o->utilization, o->slots, o->keep, o->within};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free((void *)owned[i]);
}

/* Of one that was read. */
static void free_question(struct question *q)
{
    if (q->learns)
        free_learn(&q->learn);
    free((void *)q->tree.reader.keep);
    free((void *)q->tree.assume_async);
    free((void *)q->tree.assume_sync);
    free((void *)q->tree.slots);
    free(q->files.items);
    free(q->decisions);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

struct answer {
    bool good; /* read, without a word */
    struct lc_reading reading;
    uint64_t trees, nodes;
    struct lc_span_fates fates;
    struct lci_seen seen;
    char *text; /* the summary, or the decisions alone */
    size_t length;
    char *services; /* with nodes: a line each; NULL: not counted */
};

static void pack_answer(struct lci_pack *p, struct answer *a)
{
    LCI_PACK(p, *a);
    LCI_PACK_ARRAY(p, a->reading.times, a->reading.time_count);
    LCI_PACK_ARRAY(p, a->seen.ids, a->seen.id_count);
    LCI_PACK_ARRAY(p, a->seen.file_of, a->reading.time_count);
    lci_pack_text(p, &a->seen.services);
    LCI_PACK_ARRAY(p, a->text, a->length);
    lci_pack_text(p, &a->services);
}

static void free_answer(struct answer *a)
{
    free(a->reading.times);
    lci_seen_free(&a->seen);
    free(a->text);
    free(a->services);
}

struct counting { /* the services of trees */
    const struct lc_symbols *symbols;
    uint8_t *is_service;
    size_t capacity;
};

static int count_services(void *context, const struct lc_tree *tree)
{
    struct counting *c = context;
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *n = &tree->nodes[i];
        if (n->external)
            continue;
        if (n->task >= c->capacity) {
            const size_t old = c->capacity;
            c->capacity = 2 * (size_t)n->task + 64;
            c->is_service = lc_realloc(c->is_service, c->capacity, 1);
            memset(c->is_service + old, 0, c->capacity - old);
        }
        c->is_service[n->task] = 1;
    }
    return 0;
}

static char *services_text(const struct counting *c)
{
    struct lci_buffer lines = {0};
    for (size_t i = 0; i < c->capacity; i++)
        if (c->is_service[i])
            lci_buffer_add(&lines, "%s\n", lci_symbol_text(c->symbols, (lc_symbol)i));
    return lci_buffer_take(&lines);
}

static int learn_tree(void *learner, const struct lc_tree *tree)
{
    return lc_learner_add(learner, tree);
}

static void read_part(struct question *q, struct lc_symbols *symbols, struct answer *a)
{
    struct lc_diag diag = {0};
    struct lc_extraction extraction = {0};
    struct counting counting = {.symbols = symbols};
    struct lc_learner *learner = q->learns ? lc_learner_new(&q->learn, symbols) : NULL;
    const int status = lci_trees_read_files(&q->files, &q->tree, symbols, q->learns ? learn_tree : count_services,
                                            q->learns ? (void *)learner : &counting, &extraction, &a->seen, &diag);
    a->good = status == 0 && diag.count == 0 && extraction.reading.renamed_count == 0 &&
              (learner == NULL || (learner->visits.deep == NULL && learner->visits.far == NULL));
    a->reading = extraction.reading;
    a->reading.times = NULL;
    a->reading.renamed = NULL;
    a->trees = extraction.trees;
    a->nodes = extraction.nodes;
    a->fates = extraction.fates;
    if (a->good && q->learns) {
        lc_learner_note(learner, &extraction);
        a->text = lci_learner_text(learner, &a->length);
    } else if (a->good) {
        a->text = lci_decisions_text(extraction.decisions, &a->length);
        a->services = services_text(&counting);
    }
    if (a->good) {
        a->reading.times = extraction.reading.times;
        extraction.reading.times = NULL;
    } else {
        a->reading.time_count = 0;
        lci_seen_free(&a->seen);
    }
    lc_extraction_free(&extraction);
    lc_learner_free(learner);
    free(counting.is_service);
    lc_diag_free(&diag);
}

void lci_parts_read(struct lci_pack *in, struct lci_buffer *out)
{
    struct question q = {.learns = false};
    struct answer a = {.good = false};
    struct lc_diag diag = {0};
    struct lc_decisions *given = NULL;
    struct lc_symbols *symbols = lci_symbols_new();
    pack_question(in, &q);
    if (q.decisions != NULL) {
        given = lci_decisions_new(symbols);
        lci_decisions_read_text(given, symbols, q.decisions, q.decisions_length, &diag);
        lci_decisions_settle(given);
    }
    q.tree.given = given;
    read_part(&q, symbols, &a);
    struct lci_pack p = lci_pack_writer(out);
    pack_answer(&p, &a);
    free_answer(&a);
    lc_decisions_free(given);
    free_question(&q);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
}

/* ---- asking all -------------------------------------------------------------------------------------------------- */

struct answers {
    struct answer *items;
    size_t count;
};

static void free_answers(struct answers *all)
{
    for (size_t i = 0; i < all->count; i++)
        free_answer(&all->items[i]);
    free(all->items);
    *all = (struct answers){0};
}

static void take_answer(struct lci_buffer *bytes, struct answer *a)
{
    struct lci_pack p = lci_pack_reader(bytes->text, bytes->length);
    pack_answer(&p, a);
    lci_pack_end(&p);
    free(bytes->text);
}

/* Each part by a rank; the first one here. */
static struct answers ask(const struct question *question, const struct lci_division *d, const unsigned *ranks)
{
    struct answers all = {lc_calloc(d->count, sizeof *all.items), d->count};
    struct lci_buffer own = {0};
    for (size_t i = d->count; i-- > 0;) {
        struct question q = *question;
        struct lci_buffer message = {0};
        struct lci_pack p = lci_pack_writer(&message);
        q.files = d->parts[i];
        pack_question(&p, &q);
        if (i > 0) {
            lci_ranks_send(ranks[i - 1], LCI_ERRAND_READ, &message);
        } else {
            struct lci_pack in = lci_pack_reader(message.text, message.length);
            lci_parts_read(&in, &own);
            lci_pack_end(&in);
        }
        free(message.text);
    }
    take_answer(&own, &all.items[0]);
    for (size_t i = 1; i < d->count; i++) {
        struct lci_buffer answer = {0};
        lci_ranks_receive(ranks[i - 1], &answer);
        take_answer(&answer, &all.items[i]);
    }
    return all;
}

/* ---- whether they are one ---------------------------------------------------------------------------------------- */

static int by_value(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Whether a trace has spans in two parts, as far as the ids that were kept tell. */
static bool are_cut(const struct answers *all)
{
    uint64_t last = UINT64_MAX, *ids = NULL;
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct lci_seen *seen = &all->items[i].seen;
        last = seen->last != 0 && seen->last < last ? seen->last : last;
        ids = lc_realloc(ids, count + seen->id_count, sizeof *ids);
        if (seen->id_count > 0)
            memcpy(ids + count, seen->ids, seen->id_count * sizeof *ids);
        count += seen->id_count;
    }
    if (count > 1)
        qsort(ids, count, sizeof *ids, by_value);
    bool cut = false;
    for (size_t i = 1; i < count && ids[i] <= last; i++)
        cut |= ids[i] == ids[i - 1];
    free(ids);
    return cut;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The different lines of all the texts, sorted. The array is the caller's, its lines are in `*whole`, too. */
static char **different_lines(const struct answers *all, bool seen, char **whole, size_t *count)
{
    struct lci_buffer text = {0};
    char **lines = NULL;
    size_t found = 0, capacity = 0;
    for (size_t i = 0; i < all->count; i++)
        lci_buffer_add(&text, "%s", seen ? all->items[i].seen.services : all->items[i].services);
    *whole = lci_buffer_take(&text);
    for (char *line = *whole, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = 0;
        LC_GROW(lines, found, capacity);
        lines[found++] = line;
    }
    if (found > 1)
        qsort(lines, found, sizeof *lines, by_text);
    *count = 0;
    for (size_t i = 0; i < found; i++)
        if (i == 0 || strcmp(lines[i], lines[*count - 1]) != 0)
            lines[(*count)++] = lines[i];
    return lines;
}

/* Whether services of one name differ in namespace or environment: they get other names then. */
static bool share_names(const struct answers *all)
{
    char *whole;
    size_t count;
    char **lines = different_lines(all, true, &whole, &count);
    bool shared = false;
    for (size_t i = 1; i < count; i++) {
        const size_t length = strcspn(lines[i], "\t");
        shared |= strncmp(lines[i], lines[i - 1], length + 1) == 0;
    }
    free(lines);
    free(whole);
    return shared;
}

static uint64_t count_lines(const struct answers *all)
{
    char *whole;
    size_t count;
    free(different_lines(all, false, &whole, &count));
    free(whole);
    return count;
}

#define ALONE "traces are read by rank 0 alone: "

static bool are_one(const struct answers *all)
{
    uint64_t values = 0;
    bool good = true;
    for (size_t i = 0; i < all->count; i++) {
        good &= all->items[i].good;
        values += all->items[i].seen.values;
    }
    const char *why = NULL;
    if (!good)
        why = ALONE "a part has something to say";
    else if (are_cut(all))
        why = ALONE "a trace has spans in two parts";
    else if (share_names(all))
        why = ALONE "services share names";
    else if (values >= LCI_VALUES)
        why = ALONE "attributes have too many values";
    if (why != NULL)
        lci_ranks_tell(why);
    return why == NULL;
}

static int by_end(const void *left, const void *right)
{
    const struct lc_file_times *a = left, *b = right;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* When each file was recorded, of all its parts together. */
static void join_times(const struct answers *all, const struct lci_division *d, struct lc_reading *to)
{
    struct lc_file_times *times = lc_calloc(d->files.count, sizeof *times);
    bool *known = lc_calloc(d->files.count, sizeof *known);
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->items[i].reading.time_count; k++) {
            const struct lc_file_times *part = &all->items[i].reading.times[k];
            const size_t of = d->file_of[i][all->items[i].seen.file_of[k]];
            struct lc_file_times *whole = &times[of];
            whole->begin = known[of] && whole->begin < part->begin ? whole->begin : part->begin;
            whole->end = known[of] && whole->end > part->end ? whole->end : part->end;
            whole->roots += part->roots;
            known[of] = true;
        }
    for (size_t i = 0; i < d->files.count; i++)
        if (known[i])
            times[to->time_count++] = times[i];
    qsort(times, to->time_count, sizeof *times, by_end);
    to->times = times;
    free(known);
}

static void join(const struct answers *all, const struct lci_division *d, double seconds, struct lc_extraction *to)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct answer *a = &all->items[i];
        to->reading.bytes += a->reading.bytes;
        to->reading.traces += a->reading.traces;
        to->reading.read += a->reading.read;
        to->reading.spans += a->reading.spans;
        for (int k = 0; k < LC_REPAIR_KINDS; k++)
            to->reading.repairs.count[k] += a->reading.repairs.count[k];
        to->trees += a->trees;
        to->nodes += a->nodes;
        to->fates.nodes += a->fates.nodes;
        to->fates.merged += a->fates.merged;
        to->fates.inside += a->fates.inside;
        to->fates.polling += a->fates.polling;
    }
    to->reading.files = d->files.count;
    to->reading.seconds = seconds;
    join_times(all, d, &to->reading);
}

/* Whether any two files would be told of: by which order they are compared is the reader's. */
static bool any_odd(const struct lc_reading *reading)
{
    bool odd = false;
    for (size_t i = 0; i < reading->time_count && !odd; i++)
        for (size_t k = i + 1; k < reading->time_count && !odd; k++) {
            struct lc_file_times pair[] = {reading->times[i], reading->times[k]};
            struct lc_diag diag = {0};
            lci_files_note(&(struct lc_reading){.times = pair, .time_count = 2}, &diag);
            odd = diag.count > 0;
            lc_diag_free(&diag);
        }
    return odd;
}

enum agreement { DIFFER, AGREE, AGAIN };

/* Whether each part was decided as all of them together are; AGAIN: with these decisions it will be. */
static enum agreement agree(struct lc_decisions *decisions)
{
    struct lc_diag diag = {0};
    lci_decisions_settle(decisions);
    const int status = lci_decisions_agree(decisions, &diag);
    const enum agreement agreement = decisions->unjoined > 0 ? DIFFER
                                     : status != 0           ? AGAIN
                                     : diag.count > 0        ? DIFFER
                                                             : AGREE;
    if (agreement == DIFFER)
        lci_ranks_tell(ALONE "jobs name senders in other parts, or spans are lost");
    lc_diag_free(&diag);
    return agreement;
}

/* ---- learning ---------------------------------------------------------------------------------------------------- */

static struct lc_learner *add_up(const struct answers *all, const struct lc_learn_options *options,
                                 struct lc_symbols *symbols)
{
    struct lc_learner *learner = lc_learner_new(options, symbols);
    struct lc_diag diag = {0};
    int status = 0;
    for (size_t i = 0; i < all->count && status == 0; i++)
        status = lci_learner_read_text(learner, symbols, all->items[i].text, all->items[i].length, "a part", &diag);
    lc_diag_free(&diag);
    if (status == 0)
        return learner;
    lc_learner_free(learner);
    return NULL;
}

static struct lc_learner *learn(struct question *q, const struct lci_division *d, const unsigned *ranks,
                                struct lc_symbols *symbols, struct lc_extraction *extraction)
{
    struct lc_learner *learner = NULL;
    enum agreement agreement = AGAIN;
    const double started = lci_seconds();
    for (int round = 0; round < 2 && agreement == AGAIN; round++) {
        struct answers all = ask(q, d, ranks);
        lc_learner_free(learner);
        learner = are_one(&all) ? add_up(&all, &q->learn, symbols) : NULL;
        agreement = learner != NULL ? agree(learner->visits.decisions) : DIFFER;
        if (agreement == AGREE)
            join(&all, d, lci_seconds() - started, extraction);
        else if (agreement == AGAIN)
            q->decisions = lci_decisions_text(learner->visits.decisions, &q->decisions_length);
        free_answers(&all);
    }
    free(q->decisions);
    if (agreement == AGREE && !any_odd(&extraction->reading))
        return learner;
    if (agreement == AGREE)
        lci_ranks_tell(ALONE "files of one time have other rates");
    lc_learner_free(learner);
    lc_extraction_free(extraction);
    return NULL;
}

/* The ranks for all parts but the first; 0: there are none, or too few to divide. */
static unsigned take_ranks(unsigned **ranks)
{
    const unsigned others = lci_ranks_count() - 1;
    *ranks = lc_calloc(others, sizeof **ranks);
    return lci_ranks_take(others, *ranks);
}

static void give_ranks(unsigned *ranks, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        lci_ranks_give(ranks[i]);
    free(ranks);
}

static bool wants_starts(const struct lc_learn_options *o)
{
    for (size_t i = 0; i < o->class_count; i++)
        if (o->classes[i].starts)
            return true;
    return false;
}

struct lc_learner *lci_parts_learn(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                                   const struct lc_learn_options *learn_options, struct lc_symbols *symbols,
                                   struct lc_extraction *extraction)
{
    struct lci_division division;
    struct lc_learner *learner = NULL;
    unsigned *ranks, taken;
    if (lci_ranks_count() == 1 || options->given != NULL || learn_options->exact_evidence ||
        wants_starts(learn_options))
        return NULL;
    taken = take_ranks(&ranks);
    if (lci_divide(inputs, count, taken + 1, &division)) {
        struct question q = {.tree = *options, .learn = *learn_options, .learns = true};
        learner = learn(&q, &division, ranks, symbols, extraction);
        lci_division_free(&division);
    }
    give_ranks(ranks, taken);
    if (learner == NULL)
        return NULL;
    learner->visits.file_count = 0; /* parts of one file are no recordings of their own */
    for (size_t i = 0; i < extraction->reading.time_count; i++)
        lci_files_add(&learner->visits, extraction->reading.times[i].begin, extraction->reading.times[i].end);
    lci_files_settle(&learner->visits);
    return learner;
}

/* ---- counting ---------------------------------------------------------------------------------------------------- */

bool lci_parts_extract(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                       struct lc_symbols *symbols, struct lc_extraction *extraction, uint64_t *services)
{
    struct lci_division division;
    unsigned *ranks, taken;
    enum agreement agreement = AGAIN;
    const double started = lci_seconds();
    *extraction = (struct lc_extraction){0};
    if (lci_ranks_count() == 1)
        return false;
    taken = take_ranks(&ranks);
    const bool divided = lci_divide(inputs, count, taken + 1, &division);
    struct question q = {.tree = *options};
    for (int round = 0; divided && round < 2 && agreement == AGAIN; round++) {
        struct answers all = ask(&q, &division, ranks);
        struct lc_decisions *d = lci_decisions_new(symbols);
        struct lc_diag diag = {0};
        agreement = are_one(&all) ? AGREE : DIFFER;
        for (size_t i = 0; i < all.count && agreement == AGREE; i++)
            if (lci_decisions_read_text(d, symbols, all.items[i].text, all.items[i].length, &diag) != 0)
                agreement = DIFFER;
        agreement = agreement == AGREE ? agree(d) : DIFFER;
        if (agreement == AGREE) {
            join(&all, &division, lci_seconds() - started, extraction);
            *services = count_lines(&all);
            lc_decisions_list(d, extraction);
        } else if (agreement == AGAIN) {
            q.decisions = lci_decisions_text(d, &q.decisions_length);
        }
        lc_diag_free(&diag);
        lc_decisions_free(d);
        free_answers(&all);
    }
    free(q.decisions);
    lci_division_free(&division);
    give_ranks(ranks, taken);
    return agreement == AGREE;
}
