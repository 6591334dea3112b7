/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parameters, observations, report and convergence of LQN text (SPEX). Texts of expressions are kept as they are. */
#include "format/lqn_text.h"

#include "base/buffer.h"
#include "expression.h"
#include "observe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The expression that begins at `from`, trimmed; the token behind it becomes the current one. NULL and an error if it
 * is none. Owned by the caller. */
static char *expression(struct lci_text *t, const char *from)
{
    const char *wrong;
    char *message;
    from += strspn(from, " \t\r\n");
    const char *end = lci_expression_end(from, true, &wrong, &message);
    if (end == NULL) {
        const struct lc_place place = lci_lines_place(&t->lines, (size_t)(wrong - t->lines.text));
        lc_error(t->build->diag, LC_INPUT, &place, "%s", message);
        free(message);
        return NULL;
    }
    t->at = end;
    lci_text_next(t);
    while (end > from && isspace((unsigned char)end[-1]))
        end--;
    return lc_strndup(from, (size_t)(end - from));
}

/* `$x = …` or `$i, $x = …`; the token is the first variable. */
static void read_parameter(struct lci_text *t)
{
    t->errors = t->build->diag->errors;
    const struct lc_place place = lci_text_place(t);
    char *name = lc_strndup(t->start + 1, t->length - 1);
    lci_text_next(t);
    while (lci_text_take(t, ',')) {
        if (t->token != LCI_VARIABLE) {
            lci_text_wrong(t, "a variable such as $x");
            break;
        }
        char *both = lc_format("%s, %.*s", name, (int)t->length, t->start);
        free(name);
        name = both;
        lci_text_next(t);
    }
    if (!lci_text_is(t, '='))
        lci_text_wrong(t, "'=' and the value of the parameter");
    char *text = lci_text_good(t) ? expression(t, t->at) : NULL;
    if (text != NULL && strncmp(name, "solver", 6) == 0)
        lc_warn(t->build->diag, &place, "$%s is ignored: it belongs to an old LQNS", name);
    else if (text != NULL)
        lci_build_variable(t->build, name, text, &place);
    if (!lci_text_good(t)) { /* to the next line that may begin a parameter or the model */
        while (t->token != LCI_END && t->token != LCI_VARIABLE && !lci_text_is(t, 'G') && !lci_text_is(t, 'P'))
            lci_text_next(t);
    }
    free(text);
    free(name);
}

void lci_text_parameters(struct lci_text *t)
{
    while (t->token == LCI_VARIABLE)
        read_parameter(t);
}

void lci_spex_parameters(struct lci_build *build, const char *text, const struct lc_place *place)
{
    struct lci_text t = {.build = build, .at = text};
    lci_lines_find(&t.lines, text, strlen(text), place->file);
    const size_t errors = build->diag->errors;
    lci_text_next(&t);
    lci_text_parameters(&t);
    if (t.token != LCI_END && build->diag->errors == errors)
        lc_error(build->diag, LC_INPUT, place, "'%.*s' is wrong here; expected parameters such as $x = 5",
                 (int)t.length, t.start);
    lci_lines_free(&t.lines);
}

/* The key of an observation. The only wait that an entry itself has is that of its open arrivals. */
static char *key_of(const struct lci_text *t, const char *prefix)
{
    const bool open = t->length >= 2 && strncmp(t->start, "%w", 2) == 0 && strncmp(prefix, "entry/", 6) == 0;
    return lc_format("%s%s/%.*s", open ? "open" : "", open ? prefix + strlen("entry") : prefix, (int)t->length,
                     t->start);
}

void lci_text_observations(struct lci_text *t, const char *format, ...)
{
    if (t->token != LCI_OBSERVE)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *prefix = lc_vformat(format, arguments);
    va_end(arguments);
    while (t->token == LCI_OBSERVE) {
        const struct lc_place place = lci_text_place(t);
        char *key = key_of(t, prefix);
        const size_t end = strlen(key);
        const bool interval = end > 2 && (strcmp(key + end - 2, "95") == 0 || strcmp(key + end - 2, "99") == 0);
        struct lci_buffer parts = {0};
        lci_text_next(t);
        for (int i = 0; i < 1 + interval; i++) {
            if (t->token != LCI_VARIABLE) {
                lci_text_wrong(t,
                               interval ? "two variables: of the mean and of its half-width" : "a variable such as $x");
                break;
            }
            lci_buffer_join(&parts, ", $", "%.*s", (int)t->length - 1, t->start + 1);
            lci_text_next(t);
        }
        char *name = lci_buffer_take(&parts);
        if (lci_text_good(t))
            lci_build_observation(t->build, name, key, &place);
        free(key);
        free(name);
    }
    free(prefix);
}

/* The first phase of the entry that calls the other; names of LQN text hold no '/'. */
static int first_phase(const struct lci_text *t, const char *path)
{
    const char *slash = strchr(path, '/'), *end = strrchr(path, '/');
    if (slash == NULL || end == slash)
        return 0;
    char *from = lc_strndup(path, (size_t)(slash - path)), *to = lc_strndup(slash + 1, (size_t)(end - slash) - 1);
    const int entry = lci_names_find(&t->build->entries, from), called = lci_names_find(&t->build->entries, to);
    free(from);
    free(to);
    for (int p = 0; entry != LC_NONE && p < LC_PHASES; p++) {
        const struct lc_activity *a = &t->build->model->entries[entry].phases[p];
        for (size_t i = 0; i < a->call_count; i++)
            if (a->calls[i].entry == called)
                return p + 1;
    }
    return 0;
}

void lci_text_finish_observations(struct lci_text *t)
{
    struct lc_model *m = t->build->model;
    for (size_t i = 0; i < m->observation_count; i++) {
        char *key = m->observations[i].expression;
        const char *part = lci_observed_part(key);
        struct lci_observed what;
        if (part == NULL || !lci_observed_parse(part, &what))
            continue;
        if (strncmp(key, "entry/", 6) == 0) {
            if (what.phase == 0 && strchr("svpx", what.quantity[0]) != NULL && strcmp(what.quantity, "pu") != 0)
                what.phase = 1;
        } else if (strncmp(key, "call/", 5) == 0) {
            if (what.phase == first_phase(t, key + 5))
                what.phase = 0;
        } else if (strncmp(key, "task/", 5) != 0) {
            what.phase = 0;
        }
        char phase[12] = "", interval[12] = "";
        if (what.phase > 0)
            snprintf(phase, sizeof phase, "%d", what.phase);
        if (what.interval > 0)
            snprintf(interval, sizeof interval, "%d", what.interval);
        m->observations[i].expression =
            lc_format("%.*s%%%s%s%s", (int)(part - key), key, what.quantity, phase, interval);
        free(key);
    }
    lci_build_sort_observations(t->build);
}

static bool is_assignment(const struct lci_text *t)
{
    const char *c = t->at + strspn(t->at, " \t\r\n");
    return t->token == LCI_VARIABLE && c[0] == '=' && c[1] != '=';
}

static void read_report(struct lci_text *t, bool convergence)
{
    while (t->token != LCI_LIST_END && t->token != LCI_END) {
        t->errors = t->build->diag->errors;
        const struct lc_place place = lci_text_place(t);
        const char *from = t->start;
        char *name = lc_strdup(convergence ? "!" : "");
        if (is_assignment(t)) {
            free(name);
            name = lc_format("%s%.*s", convergence ? "!" : "", (int)t->length - 1, t->start + 1);
            lci_text_next(t);
            from = t->at;
        } else if (convergence) {
            lci_text_wrong(t, "an assignment such as $x = $y");
        }
        char *text = lci_text_good(t) ? expression(t, from) : NULL;
        if (text != NULL)
            lci_build_report(t->build, name, text, &place);
        else
            lci_text_recover(t, "");
        lci_text_take(t, ',');
        free(text);
        free(name);
    }
}

void lci_text_report(struct lci_text *t, bool convergence)
{
    read_report(t, convergence);
    lci_text_list_end(t);
}

void lci_spex_report(struct lci_build *build, const char *text, bool convergence, const struct lc_place *place)
{
    struct lci_text t = {.build = build, .at = text};
    lci_lines_find(&t.lines, text, strlen(text), place->file);
    lci_text_next(&t);
    read_report(&t, convergence);
    lci_lines_free(&t.lines);
}
