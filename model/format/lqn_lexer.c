/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokens, names and numbers of LQN text. */
#include "base/text.h"
#include "format/lqn_text.h"

#include "expression.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

/* "#pragma name=value, …" from the beginning of a line. */
static void read_pragma(struct lci_text *t, const char *line)
{
    const char *c = line + strlen("#pragma");
    t->pragma = c;
    while (*c != 0 && *c != '\n') {
        c += strspn(c, " \t,\r");
        const size_t name = strcspn(c, "=, \t\r\n"), blank = strspn(c + name, " \t");
        if (name == 0)
            break;
        const char *v = c + name + blank;
        v += *v == '=' ? 1 + strspn(v + 1, " \t") : 0;
        const size_t value = c[name + blank] == '=' ? strcspn(v, ", \t\r\n") : 0;
        char *n = lc_strndup(c, name), *x = lc_strndup(v, value);
        lci_build_pragma(t->build, n, x);
        free(n);
        free(x);
        c = v + value;
    }
}

static void skip(struct lci_text *t)
{
    for (;;) {
        while (isspace((unsigned char)*t->at))
            t->at++;
        if (*t->at != '#')
            return;
        const bool first = t->at == t->lines.text || t->at[-1] == '\n';
        if (first && t->at > t->pragma && strncmp(t->at, "#pragma", 7) == 0 && (t->at[7] == ' ' || t->at[7] == '\t'))
            read_pragma(t, t->at);
        while (*t->at != 0 && *t->at != '\n')
            t->at++;
    }
}

static size_t number_length(const char *c, bool *decimal)
{
    size_t n = strspn(c, "0123456789");
    *decimal = false;
    if (c[n] == '.') {
        n++;
        n += strspn(c + n, "0123456789");
        *decimal = true;
    }
    if (c[n] != 0 && strchr("DEde", c[n]) != NULL) {
        const size_t sign = c[n + 1] == '+' || c[n + 1] == '-';
        const size_t digits = strspn(c + n + 1 + sign, "0123456789");
        if (digits > 0) {
            n += 1 + sign + digits;
            *decimal = true;
        }
    }
    return n;
}

static size_t string_length(const char *c)
{
    size_t n = 1;
    while (c[n] != 0 && c[n] != '"')
        n += c[n] == '\\' && c[n + 1] != 0 ? 2 : 1;
    return c[n] == '"' ? n + 1 : n;
}

static size_t word_length(const char *c)
{
    size_t n = 0;
    while (isalnum((unsigned char)c[n]) || c[n] == '_')
        n++;
    return n;
}

void lci_text_next(struct lci_text *t)
{
    skip(t);
    const char *c = t->start = t->at;
    bool decimal;
    t->length = 1;
    t->token = LCI_MARK;
    if (*c == 0) {
        t->token = LCI_END;
        t->length = 0;
    } else if (c[0] == '-' && c[1] == '1') {
        t->token = LCI_LIST_END;
        t->length = 2;
    } else if (c[0] == '-' && c[1] == '>') {
        t->token = LCI_ARROW;
        t->length = 2;
    } else if (isdigit((unsigned char)*c) || (*c == '.' && isdigit((unsigned char)c[1]))) {
        t->length = number_length(c, &decimal);
        t->token = decimal ? LCI_DECIMAL : LCI_WHOLE;
        if (!decimal && word_length(c) > t->length) { /* 2nd: a name all the same */
            t->length = word_length(c);
            t->token = LCI_WORD;
        }
    } else if (isalpha((unsigned char)*c) || *c == '_') {
        t->length = word_length(c);
        t->token = LCI_WORD;
    } else if (*c == '"') {
        t->length = string_length(c);
        t->token = LCI_STRING;
    } else if (*c == '$' && word_length(c + 1) > 0) {
        t->length = 1 + word_length(c + 1);
        t->token = LCI_VARIABLE;
    } else if (*c == '%' && isalpha((unsigned char)c[1])) {
        t->length = 1 + word_length(c + 1);
        t->token = LCI_OBSERVE;
    } else if (*c == '{') {
        t->token = LCI_BRACE;
    } else if (strncasecmp(c, "@infinity", 9) == 0) {
        t->token = LCI_LIMITLESS;
        t->length = 9;
    }
    t->at = c + t->length;
}

struct lc_place lci_text_place(const struct lci_text *t)
{
    return lci_lines_place(&t->lines, (size_t)(t->start - t->lines.text));
}

bool lci_text_is(const struct lci_text *t, char mark_or_letter)
{
    return (t->token == LCI_MARK || t->token == LCI_WORD) && t->length == 1 && *t->start == mark_or_letter;
}

bool lci_text_take(struct lci_text *t, char mark_or_letter)
{
    if (!lci_text_is(t, mark_or_letter))
        return false;
    lci_text_next(t);
    return true;
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

bool lci_text_good(const struct lci_text *t)
{
    return t->build->diag->errors == t->errors;
}

void lci_text_wrong(struct lci_text *t, const char *right)
{
    const struct lc_place place = lci_text_place(t);
    if (!lci_text_good(t))
        return;
    if (t->token == LCI_END && !t->ended)
        lc_error(t->build->diag, LC_INPUT, &place, "the file ends too early; expected %s", right);
    else if (t->token != LCI_END)
        lc_error(t->build->diag, LC_INPUT, &place, "'%.*s' is wrong here; expected %s",
                 (int)(t->length < 40 ? t->length : 40), t->start, right);
    t->ended = t->token == LCI_END;
}

void lci_text_recover(struct lci_text *t, const char *letters)
{
    while (t->token != LCI_END) {
        const char *line = t->start;
        while (line > t->lines.text && (line[-1] == ' ' || line[-1] == '\t'))
            line--;
        const bool first = line == t->lines.text || line[-1] == '\n';
        const bool letter = t->token == LCI_WORD && t->length == 1 && strchr(letters, *t->start) != NULL;
        if (first && (t->token == LCI_LIST_END || letter))
            return;
        lci_text_next(t);
    }
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

char *lci_text_name(struct lci_text *t, const char *what)
{
    if (t->token != LCI_WORD && t->token != LCI_WHOLE) {
        char *right = lc_format("the name of %s", what);
        lci_text_wrong(t, right);
        free(right);
        return NULL;
    }
    char *name = lc_strndup(t->start, t->length);
    lci_text_next(t);
    return name;
}

int lci_text_entry(struct lci_text *t)
{
    const struct lc_place place = lci_text_place(t);
    char *name = lci_text_name(t, "an entry");
    const int entry = name != NULL ? lci_build_find_entry(t->build, name, &place) : LC_NONE;
    free(name);
    return entry;
}

int lci_text_task(struct lci_text *t)
{
    const struct lc_place place = lci_text_place(t);
    char *name = lci_text_name(t, "a task");
    const int task = name != NULL ? lci_build_find_task(t->build, name, &place) : LC_NONE;
    free(name);
    return task;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

bool lci_text_is_number(const struct lci_text *t)
{
    return t->token == LCI_WHOLE || t->token == LCI_DECIMAL || t->token == LCI_VARIABLE || t->token == LCI_BRACE ||
           t->token == LCI_LIMITLESS;
}

/* The text between braces, without the blanks around it; NULL and an error if it is not an expression. */
static char *braces(struct lci_text *t)
{
    const char *wrong, *start = t->at + strspn(t->at, " \t\r\n");
    char *message;
    const char *end = lci_expression_end(t->at, false, &wrong, &message);
    const char *close = end != NULL ? end + strspn(end, " \t\r\n") : NULL;
    if (close == NULL || *close != '}') {
        const struct lc_place place =
            lci_lines_place(&t->lines, (size_t)((close != NULL ? close : wrong) - t->lines.text));
        lc_error(t->build->diag, LC_INPUT, &place, "%s", message != NULL ? message : "the expression ends with '}'");
        free(message);
        return NULL;
    }
    t->at = close + 1;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    return lc_strndup(start, (size_t)(end - start));
}

struct lci_number lci_text_number(struct lci_text *t)
{
    struct lci_number n = {.value = NAN, .place = lci_text_place(t)};
    if (t->token == LCI_WHOLE || t->token == LCI_DECIMAL) {
        char digits[64];
        const size_t length = t->length < sizeof digits - 1 ? t->length : sizeof digits - 1;
        for (size_t i = 0; i < length; i++)
            digits[i] = (char)(strchr("dD", t->start[i]) != NULL ? 'e' : t->start[i]);
        digits[length] = 0;
        n.value = t->length == length ? strtod(digits, NULL) : INFINITY;
        if (!isfinite(n.value))
            lci_text_wrong(t, "a number within the range of doubles");
    } else if (t->token == LCI_VARIABLE) {
        n.expression = lc_strndup(t->start, t->length);
    } else if (t->token == LCI_BRACE) {
        n.expression = braces(t);
    } else if (t->token == LCI_LIMITLESS) {
        n.value = INFINITY;
    } else {
        lci_text_wrong(t, "a number");
        return n;
    }
    lci_text_next(t);
    return n;
}

static void out_of_range(struct lci_text *t, const struct lci_number *n, const char *right)
{
    char text[32];
    if (lci_text_good(t))
        lc_error(t->build->diag, LC_INPUT, &n->place, "%s is wrong here; expected %s", lci_number_text(n->value, text),
                 right);
}

double lci_text_value(struct lci_text *t, struct lci_number *number, double low, struct lci_owner owner,
                      const char *attribute)
{
    if (number->expression != NULL) {
        if (lci_build_expression(t->build, number->expression, owner, attribute, &number->value, &number->place) != 0)
            number->value = NAN;
        free(number->expression);
        number->expression = NULL;
    }
    char right[64], text[32];
    snprintf(right, sizeof right, "a number of at least %s", lci_number_text(low, text));
    if (number->value < low || isinf(number->value))
        out_of_range(t, number, right);
    return number->value >= low && isfinite(number->value) ? number->value : low;
}

double lci_text_real(struct lci_text *t, double low, struct lci_owner owner, const char *attribute)
{
    struct lci_number n = lci_text_number(t);
    return lci_text_value(t, &n, low, owner, attribute);
}

static uint32_t whole(struct lci_text *t, uint32_t low, uint32_t high, struct lci_owner owner, const char *attribute)
{
    struct lci_number n = lci_text_number(t);
    if (isinf(n.value) && attribute != NULL &&
        (strcmp(attribute, "multiplicity") == 0 || strcmp(attribute, "cores") == 0))
        return LC_INFINITE;
    const double x = lci_text_value(t, &n, low, owner, attribute);
    if (x == floor(x) && x <= high)
        return (uint32_t)x;
    char right[64];
    if (high == INT32_MAX)
        snprintf(right, sizeof right, "a whole number from %u to %u", low, high);
    else
        snprintf(right, sizeof right, "a whole number of at least %u", low);
    out_of_range(t, &n, right);
    return low;
}

uint32_t lci_text_whole(struct lci_text *t, uint32_t low, struct lci_owner owner, const char *attribute)
{
    return whole(t, low, LC_INFINITE - 1, owner, attribute);
}

int lci_text_integer(struct lci_text *t, struct lci_owner owner, const char *attribute)
{
    return (int)whole(t, 0, INT32_MAX, owner, attribute);
}

void lci_text_list_end(struct lci_text *t)
{
    if (t->token == LCI_LIST_END)
        lci_text_next(t);
    else
        lci_text_wrong(t, "-1, the end of the list");
}
