/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One suite, a case for each goal at each point: met, a failure, or an error when it is undecided (what is
 * skipped is painted green). A point
 * without steady state is a failure of its own, so that a scenario without goals fails too. */
#include <math.h>
#include <stdlib.h>

#include "curve_goals_render.h"
#include "curves_render.h"
#include "findings.h"
#include "format/libxml.h"
#include "table.h"
#include "verdict_render.h"

static const xmlChar *x(const char *text)
{
    return (const xmlChar *)text;
}

static char *join(char *before, const char *between, char *text)
{
    char *whole = before == NULL ? lc_strdup(text) : lc_format("%s%s%s", before, between, text);
    free(before);
    free(text);
    return whole;
}

static char *value_text(const struct lc_verdict *verdict, const struct lc_goal_result *g)
{
    const double confidence = verdict->scenario->simulation.confidence;
    if (isnan(g->value.mean))
        return lc_strdup("no steady state");
    switch (g->goal->kind) {
    case LC_GOAL_LOAD:
    case LC_GOAL_ERRORS: return percent_estimate(&g->value, confidence);
    case LC_GOAL_RESPONSE: return time_estimate(&g->value, confidence);
    default: return estimate_text(&g->value, 1, confidence);
    }
}

static char *limit_text(const struct lc_goal *goal)
{
    switch (goal->kind) {
    case LC_GOAL_LOAD:
    case LC_GOAL_ERRORS: return percent_text(goal->limit);
    case LC_GOAL_RESPONSE: return time_text(goal->limit);
    default: return number_text(goal->limit);
    }
}

/* What is not met, one after the other: "photo 86.6 ± 0.5 %, limit 80.0 %; …". */
static char *details(const struct lc_verdict *verdict, const struct lc_point *p, const struct lc_goal *goal,
                     enum lc_judgement judgement)
{
    char *text = NULL;
    for (size_t i = 0; i < p->goal_count; i++) {
        const struct lc_goal_result *g = &p->goals[i];
        if (g->goal != goal || g->judgement != judgement)
            continue;
        char *value = p->curves != NULL ? curve_goal_text(verdict, g) : value_text(verdict, g);
        char *name =
            g->component != NULL ? verdict_component(g->component, g->processor) : lc_strdup(g->goal->workload);
        char *why = g->judgement == LC_GOAL_UNDECIDED ? verdict_undecided(verdict, g) : lc_strdup("");
        char *limit = limit_text(goal);
        char *one = lc_format("%s %s, limit %s%s", name, value, limit, why);
        free(limit);
        free(why);
        free(name);
        free(value);
        text = join(text, "; ", one);
    }
    return text != NULL ? text : lc_strdup("");
}

static void outcome(xmlTextWriterPtr w, const char *element, const char *message)
{
    xmlTextWriterStartElement(w, x(element));
    xmlTextWriterWriteAttribute(w, x("message"), x(message));
    xmlTextWriterEndElement(w);
}

static void start_case(xmlTextWriterPtr w, const struct lc_verdict *verdict, const struct lc_point *p, const char *name)
{
    char *seconds = lc_format("%.3f", p->result != NULL   ? p->result->elapsed_s
                                      : p->curves != NULL ? p->curves->elapsed_s
                                                          : 0.0);
    char *class_ = lc_format("%s.%s", verdict->scenario->name, p->label);
    xmlTextWriterStartElement(w, x("testcase"));
    xmlTextWriterWriteAttribute(w, x("classname"), x(class_));
    xmlTextWriterWriteAttribute(w, x("name"), x(name));
    xmlTextWriterWriteAttribute(w, x("time"), x(seconds));
    free(class_);
    free(seconds);
}

/* Whether the point fails whatever the goals are: curves that do not come back from a spike, or no steady state. */
static bool fails(const struct lc_point *p)
{
    return p->curves != NULL ? p->curves->recovery.judged && !p->curves->recovery.recovered : p->overloaded;
}

static void write_point(xmlTextWriterPtr w, const struct lc_verdict *verdict, const struct lc_point *p)
{
    start_case(w, verdict, p, p->curves != NULL ? "recovers" : "has a steady state");
    if (p->curves != NULL && fails(p)) {
        char *message = curves_recovery(p->curves, verdict->time_unit);
        outcome(w, "failure", message);
        free(message);
    } else if (p->curves == NULL && p->overloaded) {
        char *name = verdict_component(p->limit.name, p->limit.processor);
        char *message = p->result == NULL ? lc_format("%s would be busy %.1f %% of the time, limit 100 %%", name,
                                                      100 * p->traffic.load)
                        : p->refuses      ? lc_format("%s is full and refuses or loses requests", name)
                                          : lc_format("%s is full and the queue of %s grows without end", name,
                                                      p->model->tasks[p->result->overload.queue].name);
        outcome(w, "failure", message);
        free(message);
        free(name);
    }
    xmlTextWriterEndElement(w);
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        const enum lc_judgement judgement = verdict_judgement(p, goal);
        char *name = verdict_goal(goal), *message = details(verdict, p, goal, judgement);
        start_case(w, verdict, p, name);
        if (judgement == LC_GOAL_MISSED)
            outcome(w, "failure", message);
        else if (judgement == LC_GOAL_UNDECIDED)
            outcome(w, "error", message);
        xmlTextWriterEndElement(w);
        free(message);
        free(name);
    }
}

/* A case for each gate; one that has nothing to be held against is skipped. */
static void write_gates(xmlTextWriterPtr w, const struct page *page)
{
    const struct gate_outcomes *gates = page->gates;
    for (size_t i = 0; gates != NULL && i < gates->count; i++) {
        char *class_ = lc_format("%s.gates", page->verdict->scenario->name),
             *name = lc_format("gate %s", gates->items[i].name);
        xmlTextWriterStartElement(w, x("testcase"));
        xmlTextWriterWriteAttribute(w, x("classname"), x(class_));
        xmlTextWriterWriteAttribute(w, x("name"), x(name));
        xmlTextWriterWriteAttribute(w, x("time"), x("0"));
        if (!gates->items[i].judged)
            outcome(w, "skipped", gates->against == NULL ? "no release stands before this one" : gates->items[i].text);
        else if (!gates->items[i].met)
            outcome(w, "failure", gates->items[i].text);
        xmlTextWriterEndElement(w);
        free(name);
        free(class_);
    }
}

static void count_cases(const struct lc_verdict *verdict, int *failures, int *errors)
{
    *failures = *errors = 0;
    for (size_t i = 0; i < verdict->point_count; i++) {
        *failures += fails(&verdict->points[i]);
        for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
            const enum lc_judgement j = verdict_judgement(&verdict->points[i], &verdict->scenario->goals[g]);
            *failures += j == LC_GOAL_MISSED;
            *errors += j == LC_GOAL_UNDECIDED;
        }
    }
}

/* All that the terminal shows, without colours. */
static void write_text(xmlTextWriterPtr w, const struct page *page)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return;
    struct page plain = *page;
    plain.out = out;
    plain.colour = false;
    verdict_text(&plain, NULL);
    fclose(out);
    xmlTextWriterWriteElement(w, x("system-out"), x(text));
    free(text);
}

static int write_document(xmlTextWriterPtr w, const struct page *page)
{
    const struct lc_verdict *verdict = page->verdict;
    int failures, errors;
    count_cases(verdict, &failures, &errors);
    xmlTextWriterSetIndent(w, 1);
    xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    xmlTextWriterStartElement(w, x("testsuites"));
    xmlTextWriterStartElement(w, x("testsuite"));
    xmlTextWriterWriteAttribute(w, x("name"), x(verdict->scenario->name));
    xmlTextWriterWriteFormatAttribute(w, x("tests"), "%zu",
                                      verdict->point_count * (1 + verdict->scenario->goal_count) +
                                          (page->gates != NULL ? page->gates->count : 0));
    xmlTextWriterWriteFormatAttribute(w, x("failures"), "%zu", (size_t)failures + gates_broken(page->gates));
    xmlTextWriterWriteFormatAttribute(w, x("errors"), "%d", errors);
    xmlTextWriterWriteFormatAttribute(w, x("time"), "%.3f", page->seconds);
    for (size_t i = 0; i < verdict->point_count; i++)
        write_point(w, verdict, &verdict->points[i]);
    write_gates(w, page);
    write_text(w, page);
    return xmlTextWriterEndDocument(w) < 0 ? -1 : 0;
}

int verdict_junit(const struct page *page, struct lc_diag *diag)
{
    if (lci_libxml_load(diag) != 0)
        return -1;
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr writer = buffer != NULL ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    const int status = writer != NULL ? write_document(writer, page) : -1;
    xmlFreeTextWriter(writer);
    if (status != 0)
        lc_error(diag, LC_MACHINE, NULL, "the JUnit report cannot be made");
    else
        fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), page->out);
    xmlBufferFree(buffer);
    return status;
}
