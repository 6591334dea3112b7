/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/pattern.h"
#include "model/pattern.h"
#include "model/random/generator.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 1e7 /* creations and turns of loops */
#define NONE       UINT32_MAX

enum kind { ONCE, LIST, RANDOM, LOOP };

struct node {
    enum kind kind;
    uint32_t first, next; /* child and sibling; NONE */
    uint32_t children;
    uint64_t count; /* loop */
    double pause;   /* loop: ms */
};

struct lc_script {
    struct node *nodes;
    size_t count, capacity;
    double creations, duration;
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct parser {
    struct lc_script *script;
    const char *text, *at;
    struct lc_diag *diag;
    const struct lc_place *place;
};

static void skip_blanks(struct parser *p)
{
    while (isspace((unsigned char)*p->at))
        p->at++;
}

static uint32_t wrong(struct parser *p, const char *right)
{
    lc_error(p->diag, LC_INPUT, p->place, "script '%s', character %zu: found '%.12s'; expected %s", p->text,
             (size_t)(p->at - p->text) + 1, *p->at != 0 ? p->at : "the end", right);
    return NONE;
}

static bool take(struct parser *p, char sign)
{
    skip_blanks(p);
    if (*p->at != sign)
        return false;
    p->at++;
    return true;
}

static bool number(struct parser *p, uint64_t *value)
{
    skip_blanks(p);
    if (!isdigit((unsigned char)*p->at))
        return false;
    char *end;
    *value = strtoull(p->at, &end, 10);
    if (end - p->at > 15) /* more than a double can count */
        return false;
    p->at = end;
    return true;
}

static uint32_t add_node(struct parser *p, enum kind kind)
{
    struct lc_script *s = p->script;
    LC_GROW(s->nodes, s->count, s->capacity);
    s->nodes[s->count] = (struct node){.kind = kind, .first = NONE, .next = NONE};
    return (uint32_t)s->count++;
}

static uint32_t expression(struct parser *p, int depth);

/* The expressions of a list or random, and the ")". */
static uint32_t several(struct parser *p, uint32_t parent, int depth)
{
    uint32_t last = NONE;
    do {
        const uint32_t child = expression(p, depth + 1);
        if (child == NONE)
            return NONE;
        if (last == NONE)
            p->script->nodes[parent].first = child;
        else
            p->script->nodes[last].next = child;
        last = child;
        p->script->nodes[parent].children++;
    } while (take(p, ','));
    return take(p, ')') ? parent : wrong(p, "',' or ')'");
}

static uint32_t loop(struct parser *p, uint32_t parent, int depth)
{
    uint64_t count, pause = 0;
    skip_blanks(p);
    uint32_t child;
    if (isdigit((unsigned char)*p->at)) {
        child = add_node(p, ONCE);
    } else {
        child = expression(p, depth + 1);
        if (child == NONE)
            return NONE;
        if (!take(p, ','))
            return wrong(p, "',' and the number of turns");
    }
    if (!number(p, &count))
        return wrong(p, "a whole number of up to 15 digits");
    if (take(p, ',') && !number(p, &pause))
        return wrong(p, "a pause in ms, a whole number of up to 15 digits");
    struct node *node = &p->script->nodes[parent];
    node->first = child;
    node->children = 1;
    node->count = count;
    node->pause = (double)pause;
    return take(p, ')') ? parent : wrong(p, "')'");
}

static uint32_t expression(struct parser *p, int depth)
{
    static const char *const words[] = {[ONCE] = "once", [LIST] = "list", [RANDOM] = "random", [LOOP] = "loop"};
    if (depth >= LC_SCRIPT_DEPTH) {
        lc_error(p->diag, LC_INPUT, p->place, "script '%.40s…' is nested more than %d deep; expected a simpler one",
                 p->text, LC_SCRIPT_DEPTH);
        return NONE;
    }
    skip_blanks(p);
    for (int kind = ONCE; kind <= LOOP; kind++) {
        const size_t length = strlen(words[kind]);
        if (strncmp(p->at, words[kind], length) != 0 || isalnum((unsigned char)p->at[length]))
            continue;
        p->at += length;
        if (!take(p, '('))
            return wrong(p, "'('");
        const uint32_t node = add_node(p, (enum kind)kind);
        if (kind == ONCE)
            return take(p, ')') ? node : wrong(p, "')'");
        return kind == LOOP ? loop(p, node, depth) : several(p, node, depth);
    }
    return wrong(p, "once(), list(…), loop(…) or random(…)");
}

/* ---- what it comes to -------------------------------------------------------------------------------------------- */

struct sums {
    double creations, duration, steps; /* steps: at the most */
};

static struct sums sum(const struct lc_script *s, uint32_t index)
{
    const struct node *n = &s->nodes[index];
    struct sums all = {.creations = n->kind == ONCE, .steps = 1};
    for (uint32_t child = n->first; child != NONE; child = s->nodes[child].next) {
        const struct sums one = sum(s, child);
        const double part = n->kind == RANDOM ? 1.0 / n->children : n->kind == LOOP ? (double)n->count : 1;
        all.creations += part * one.creations;
        all.duration += part * one.duration;
        all.steps += (n->kind == RANDOM ? 1 : part) * one.steps;
    }
    if (n->kind == LOOP)
        all.duration += (double)n->count * n->pause;
    return all;
}

struct lc_script *lci_script_parse(const char *text, struct lc_diag *diag, const struct lc_place *place)
{
    struct parser p = {lc_calloc(1, sizeof(struct lc_script)), text, text, diag, place};
    const uint32_t root = expression(&p, 0);
    bool right = root != NONE;
    if (right) {
        skip_blanks(&p);
        if (*p.at != 0) {
            wrong(&p, "the end");
            right = false;
        }
    }
    if (right) {
        const struct sums all = sum(p.script, root);
        p.script->creations = all.creations;
        p.script->duration = all.duration;
        if (!(all.steps <= MOST_STEPS)) {
            lc_error(diag, LC_INPUT, place, "script '%.60s' takes %.3g steps; expected %.0f at the most", text,
                     all.steps, MOST_STEPS);
            right = false;
        }
    }
    if (right)
        return p.script;
    lci_script_free(p.script);
    return NULL;
}

void lci_script_free(struct lc_script *script)
{
    if (script != NULL)
        free(script->nodes);
    free(script);
}

double lci_script_creations(const struct lc_script *script)
{
    return script->creations;
}

double lci_script_duration(const struct lc_script *script)
{
    return script->duration;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void enter(struct lc_script_run *run, uint32_t node)
{
    run->stack[run->depth].node = node;
    run->stack[run->depth++].at = 0;
}

static uint32_t child_of(const struct lc_script *s, const struct node *n, uint64_t which)
{
    uint32_t child = n->first;
    while (which-- > 0)
        child = s->nodes[child].next;
    return child;
}

bool lci_script_next(const struct lc_script *s, struct lc_script_run *run, struct lc_random *random, double *time)
{
    if (!run->started) {
        run->started = true;
        enter(run, 0); /* the root is the first node made */
    }
    while (run->depth > 0) {
        const struct node *n = &s->nodes[run->stack[run->depth - 1].node];
        const uint64_t at = run->stack[run->depth - 1].at++;
        if (n->kind == ONCE) {
            run->depth--;
            *time = run->now;
            return true;
        }
        if (n->kind == LOOP && at > 0)
            run->now += n->pause;
        if (at >= (n->kind == LOOP ? n->count : n->kind == LIST ? n->children : 1))
            run->depth--;
        else
            enter(run, n->kind == LOOP   ? n->first
                       : n->kind == LIST ? child_of(s, n, at)
                                         : child_of(s, n, lci_random_below(random, n->children)));
    }
    return false;
}
