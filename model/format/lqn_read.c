/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads LQN text: general information, processors, groups and tasks; the other sections have files of their own. After
 * an error reading goes on with the next record. */
#include "format/lqn_text.h"

#include "base/utf8.h"
#include "format/lqn.h"
#include "format/lqn_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lci_owner nobody = {LCI_OWNER_NONE, LC_NONE, LC_NONE};

void lci_text_records(struct lci_text *t, const char *letters, const char *right,
                      void (*record)(struct lci_text *t, char letter, const struct lc_place *place))
{
    while (t->token != LCI_LIST_END && t->token != LCI_END) {
        const struct lc_place place = lci_text_place(t);
        t->errors = t->build->diag->errors;
        if (t->token == LCI_WORD && t->length == 1 && strchr(letters, *t->start) != NULL) {
            const char letter = *t->start;
            lci_text_next(t);
            record(t, letter, &place);
        } else {
            lci_text_wrong(t, right);
            lci_text_next(t);
        }
        if (!lci_text_good(t))
            lci_text_recover(t, letters);
    }
    t->errors = t->build->diag->errors;
    lci_text_list_end(t);
}

/* The count behind a section's letter, which means nothing. */
static void skip_count(struct lci_text *t)
{
    if (t->token == LCI_WHOLE)
        lci_text_next(t);
}

/* ---- general information ----------------------------------------------------------------------------------------- */

static char *string_value(const struct lci_text *t)
{
    char *value = lc_alloc(t->length + 1), *to = value;
    for (const char *c = t->start + 1; c < t->start + t->length && *c != '"'; c++) {
        if (*c == '\\' && c + 1 < t->start + t->length)
            c++;
        *to++ = *c;
    }
    *to = 0;
    return value;
}

/* comment [convergence iterations [[print] relaxation]] -1 */
static void read_general(struct lci_text *t)
{
    struct lc_model *m = t->build->model;
    t->errors = t->build->diag->errors;
    if (t->token == LCI_STRING) {
        char *comment = string_value(t);
        m->comment = comment[0] == 0           ? NULL
                     : lci_utf8_valid(comment) ? lc_strdup(comment)
                                               : lci_utf8_from_latin1(comment);
        free(comment);
        lci_text_next(t);
        double values[4] = {0};
        int count = 0;
        while (count < 4 && lci_text_is_number(t))
            values[count++] = lci_text_real(t, 0, nobody, NULL);
        m->convergence = values[0];
        m->iteration_limit = values[1] <= INT32_MAX ? (int)values[1] : 0;
        m->print_interval = count == 4 && values[2] <= INT32_MAX ? (int)values[2] : 0;
        m->underrelaxation = values[count == 4 ? 3 : 2];
    }
    lci_text_list_end(t);
    lci_text_observations(t, "model");
    if (!lci_text_good(t))
        lci_text_recover(t, "P");
}

/* ---- processors and groups --------------------------------------------------------------------------------------- */

static void processor_option(struct lci_text *t, int processor)
{
    const struct lci_owner owner = {LCI_OWNER_PROCESSOR, processor, LC_NONE};
    struct lc_processor *p = &t->build->model->processors[processor];
    if (lci_text_take(t, 'i'))
        p->multiplicity = LC_INFINITE;
    else if (lci_text_take(t, 'm'))
        p->multiplicity = lci_text_whole(t, 1, owner, "cores");
    else if (lci_text_take(t, 'r'))
        p->replicas = lci_text_whole(t, 1, owner, "replicas");
    else if (lci_text_take(t, 'R'))
        p->speed = lci_text_real(t, 0, owner, "speed");
}

static void read_scheduling(struct lci_text *t, bool task, enum lc_scheduling *to)
{
    const int found = t->token == LCI_WORD && t->length == 1 ? lci_lqn_find_scheduling(*t->start, task) : -1;
    if (found < 0) {
        lci_text_wrong(t, task ? "one of r b u n f h p P i S W" : "one of f h p r s i c");
        return;
    }
    *to = (enum lc_scheduling)found;
    lci_text_next(t);
}

static void read_processor(struct lci_text *t, char letter, const struct lc_place *place)
{
    if (letter == 'd') {
        lc_error(t->build->diag, LC_INPUT, place, "delays between processors are not supported, in LQNS neither");
        return;
    }
    char *name = lci_text_name(t, "a processor");
    if (name == NULL)
        return;
    const int index = lci_build_processor(t->build, name, place);
    struct lc_processor *p = &t->build->model->processors[index];
    read_scheduling(t, false, &p->scheduling);
    const bool quantum = p->scheduling == LC_PS || p->scheduling == LC_CFS;
    if (lci_text_good(t) && lci_text_is_number(t)) {
        if (quantum)
            p->quantum = lci_text_real(t, 0, (struct lci_owner){LCI_OWNER_PROCESSOR, index, LC_NONE}, "quantum");
        else { /* syntax of the 1990s */
            lc_warn(t->build->diag, place, "the quantum of processor '%s' is ignored: its scheduling needs none", name);
            lci_text_real(t, 0, nobody, NULL);
        }
    }
    while (lci_text_good(t) &&
           (lci_text_is(t, 'i') || lci_text_is(t, 'm') || lci_text_is(t, 'r') || lci_text_is(t, 'R')))
        processor_option(t, index);
    if (p->multiplicity == LC_INFINITE && p->scheduling != LC_INF) {
        lc_warn(t->build->diag, place, "an infinite processor has no queue; its scheduling is taken for inf");
        p->scheduling = LC_INF;
    }
    if (p->scheduling == LC_INF) {
        if (p->multiplicity > 1 && p->multiplicity != LC_INFINITE)
            lc_warn(t->build->diag, place, "processor '%s' serves without limit; its multiplicity of %u is ignored",
                    p->name, p->multiplicity);
        p->multiplicity = LC_INFINITE;
    }
    lci_text_observations(t, "processor/%s", name);
    free(name);
}

static void read_group(struct lci_text *t, char letter, const struct lc_place *place)
{
    (void)letter;
    char *name = lci_text_name(t, "a group");
    if (name == NULL)
        return;
    struct lci_number share = lci_text_number(t);
    const bool cap = lci_text_take(t, 'c');
    const struct lc_place at = lci_text_place(t);
    char *processor = lci_text_name(t, "a processor");
    const int found = processor != NULL ? lci_build_find_processor(t->build, processor, &at) : LC_NONE;
    const int index = lci_build_group(t->build, name, found, place);
    struct lc_group *g = &t->build->model->groups[index];
    g->cap = cap;
    g->share = lci_text_value(t, &share, 0, (struct lci_owner){LCI_OWNER_GROUP, index, LC_NONE}, "share");
    lci_text_observations(t, "group/%s", name);
    free(processor);
    free(name);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------- */

/* The task that has the fan (the destination of fan-in, the source of fan-out) stands before the record. */
static void read_fan(struct lci_text *t, bool in)
{
    struct lci_fan fan = {.task = in ? LC_NONE : lci_text_task(t), .in = in, .place = lci_text_place(t)};
    fan.other = lci_text_name(t, "a task");
    if (in)
        fan.task = lci_text_task(t);
    char *attribute = lc_format("fan_%s.%s", in ? "in" : "out", fan.other != NULL ? fan.other : "");
    const struct lci_owner owner = {fan.task != LC_NONE ? LCI_OWNER_TASK : LCI_OWNER_NONE, fan.task, LC_NONE};
    fan.value = lci_text_whole(t, 1, owner, attribute);
    free(attribute);
    if (fan.other == NULL || fan.task == LC_NONE) {
        free(fan.other);
        return;
    }
    LC_GROW(t->fans, t->fan_count, t->fan_capacity);
    t->fans[t->fan_count++] = fan;
}

static void build_fans(struct lci_text *t)
{
    for (size_t i = 0; i < t->fan_count; i++) {
        const struct lci_fan *fan = &t->fans[i];
        const int other = lci_build_find_task(t->build, fan->other, &fan->place);
        if (other != LC_NONE)
            lci_build_fan(t->build, fan->task, other, fan->in, fan->value);
    }
}

static bool task_option(struct lci_text *t, int task)
{
    const struct lci_owner owner = {LCI_OWNER_TASK, task, LC_NONE};
    struct lc_task *s = &t->build->model->tasks[task];
    if (lci_text_take(t, 'm')) {
        s->multiplicity = lci_text_whole(t, 1, owner, "multiplicity");
    } else if (lci_text_take(t, 'i')) {
        s->multiplicity = LC_INFINITE;
    } else if (lci_text_take(t, 'r')) {
        s->replicas = lci_text_whole(t, 1, owner, "replicas");
    } else if (lci_text_take(t, 'z')) {
        lc_dist_free(&s->think_time);
        s->think_time = lci_demand(lci_text_real(t, 0, owner, "think_time"), 1);
    } else if (lci_text_take(t, 'q')) {
        s->queue_length = lci_text_whole(t, 0, owner, "queue_length");
    } else if (lci_text_take(t, 'g')) {
        const struct lc_place at = lci_text_place(t);
        char *name = lci_text_name(t, "a group");
        s->group = name != NULL ? lci_build_find_group(t->build, name, &at) : LC_NONE;
        free(name);
    } else if (lci_text_take(t, 'T')) {
        s->initially = lci_text_integer(t, nobody, NULL);
    } else if (lci_text_is_number(t)) {
        s->priority = lci_text_integer(t, owner, "priority");
    } else {
        return false;
    }
    return lci_text_good(t);
}

static void read_task(struct lci_text *t, char letter, const struct lc_place *place)
{
    if (letter != 't') {
        read_fan(t, letter == 'I');
        return;
    }
    char *name = lci_text_name(t, "a task");
    if (name == NULL)
        return;
    const int index = lci_build_task(t->build, name, LC_NONE, place);
    read_scheduling(t, true, &t->build->model->tasks[index].scheduling);
    size_t entries = 0;
    while (lci_text_good(t) && t->token != LCI_LIST_END) {
        const struct lc_place at = lci_text_place(t);
        char *entry = lci_text_name(t, "an entry, or -1 behind the last one");
        if (entry != NULL)
            lci_build_entry(t->build, entry, index, &at);
        entries++;
        free(entry);
    }
    if (lci_text_good(t) && entries == 0)
        lc_error(t->build->diag, LC_INPUT, place, "task '%s' has no entries", name);
    if (t->token == LCI_LIST_END)
        lci_text_next(t);
    const struct lc_place at = lci_text_place(t);
    char *processor = lci_text_good(t) ? lci_text_name(t, "the task's processor") : NULL;
    struct lc_task *s = &t->build->model->tasks[index];
    if (processor != NULL)
        s->processor = lci_build_find_processor(t->build, processor, &at);
    while (lci_text_good(t) && task_option(t, index))
        ;
    if (s->scheduling == LC_INF)
        lci_build_limitless(t->build, s, place);
    lci_text_observations(t, "task/%s", name);
    free(processor);
    free(name);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* The letter of a section and its count; false if the section is absent. */
static bool section(struct lci_text *t, char letter)
{
    if (!lci_text_take(t, letter))
        return false;
    skip_count(t);
    return true;
}

static void start_entries(struct lci_text *t)
{
    for (size_t i = 0; i < t->start_count; i++) {
        const struct lci_start *s = &t->starts[i];
        const int task = t->build->model->entries[s->entry].task;
        const int activity = lci_build_find_activity(t->build, task, s->activity, &s->place);
        if (activity != LC_NONE)
            lci_build_start_activity(t->build, task, activity, s->entry, &s->place);
    }
}

static void read_entries(struct lci_text *t)
{
    struct lc_model *m = t->build->model;
    t->phase_count = LC_PHASES * m->entry_count;
    t->phases = lc_calloc(t->phase_count, sizeof *t->phases);
    for (size_t i = 0; i < t->phase_count; i++)
        t->phases[i].cv2 = 1;
    lci_text_entries(t);
    for (size_t i = 0; i < t->phase_count; i++)
        lci_text_finish_activity(&m->entries[i / LC_PHASES].phases[i % LC_PHASES], &t->phases[i]);
}

static void need(struct lci_text *t, bool there, const char *right)
{
    t->errors = t->build->diag->errors;
    if (!there)
        lci_text_wrong(t, right);
}

static void read_model(struct lci_text *t)
{
    lci_text_next(t);
    lci_text_parameters(t);
    if (lci_text_take(t, 'G'))
        read_general(t);
    const bool processors = section(t, 'P');
    need(t, processors, "P, the processors");
    if (!processors)
        return;
    lci_text_records(t, "pd", "p and the name of a processor", read_processor);
    if (section(t, 'U'))
        lci_text_records(t, "g", "g and the name of a group", read_group);
    const bool tasks = section(t, 'T');
    need(t, tasks, "T, the tasks");
    if (!tasks)
        return;
    lci_text_records(t, "tIO", "t and the name of a task", read_task);
    build_fans(t);
    const bool entries = section(t, 'E');
    need(t, entries, "E, the entries");
    if (!entries)
        return;
    read_entries(t);
    while (lci_text_take(t, 'A'))
        lci_text_activities(t);
    start_entries(t);
    if (section(t, 'R'))
        lci_text_report(t, false);
    if (section(t, 'C'))
        lci_text_report(t, true);
    need(t, t->token == LCI_END, "A, R, C or the end of the file");
}

struct lc_model *lci_lqn_parse(const char *text, size_t length, const char *name, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    struct lci_build build;
    lci_build_start(&build, name, diag);
    char *copy = lc_strndup(text, length); /* ends with a 0 */
    struct lci_text t = {.build = &build, .at = copy};
    lci_lines_find(&t.lines, copy, length, build.model->source);
    if (memchr(copy, 0, length) != NULL) {
        const struct lc_place place = lci_lines_place(&t.lines, strlen(copy));
        lc_error(diag, LC_INPUT, &place, "a zero byte; an LQN file is text");
    } else {
        read_model(&t);
    }
    lci_text_finish_observations(&t);
    lci_lines_free(&t.lines);
    for (size_t i = 0; i < t.start_count; i++)
        free(t.starts[i].activity);
    free(t.starts);
    for (size_t i = 0; i < t.fan_count; i++)
        free(t.fans[i].other);
    free(t.fans);
    free(t.phases);
    free(copy);
    return lci_build_finish(&build, errors);
}
