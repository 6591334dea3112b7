/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "expression.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------------------------------ */

struct value {
    double number; /* NaN for arrays and texts */
    double *items; /* arrays; owned */
    size_t count, capacity;
    bool array;
    char *text; /* texts; owned */
};

struct variable {
    char *name, *expression;
    struct lc_place place;
    struct value value; /* at the current point */
    double *list;       /* swept: its values */
    size_t list_count;
    bool valid;
};

struct lci_scope {
    struct variable *variables;
    size_t count, capacity;
    size_t point;
};

enum { DEPTH = 100, ITEMS = 1000000 };

static void free_value(struct value *v)
{
    free(v->items);
    free(v->text);
    *v = (struct value){.number = NAN};
}

static struct value number_value(double x)
{
    return (struct value){.number = x};
}

static struct value copy_value(const struct value *v)
{
    struct value copy = *v;
    copy.text = v->text != NULL ? lc_strdup(v->text) : NULL;
    copy.items = NULL;
    copy.capacity = 0;
    if (v->count > 0) {
        copy.items = lc_alloc(v->count * sizeof *copy.items);
        memcpy(copy.items, v->items, v->count * sizeof *copy.items);
        copy.capacity = v->count;
    }
    return copy;
}

/* ---- the parser evaluates as it goes ----------------------------------------------------------------------------- */

struct parser {
    const struct lci_scope *scope;
    size_t visible; /* how many of the scope's variables may be used */
    const char *at;
    bool lists;    /* "-1" after a blank is the end of a list */
    bool evaluate; /* false: only the extent is wanted, or this branch is not taken */
    int depth;
    char *message; /* the first error; owned */
    const char *wrong;
};

static void fail(struct parser *p, const char *at, char *message)
{
    if (p->message != NULL) {
        free(message);
        return;
    }
    p->message = message;
    p->wrong = at;
}

static void skip(struct parser *p)
{
    for (;;) {
        while (isspace((unsigned char)*p->at))
            p->at++;
        if (*p->at != '#')
            return;
        while (*p->at != 0 && *p->at != '\n')
            p->at++;
    }
}

static bool is_end_of_list(const char *at)
{
    return at[0] == '-' && at[1] == '1' && at[2] != '.' && !isalnum((unsigned char)at[2]) && at[2] != '_';
}

/* Takes an operator; longer ones must be asked for first. */
static bool take(struct parser *p, const char *token)
{
    skip(p);
    const size_t length = strlen(token);
    if (strncmp(p->at, token, length) != 0 || p->message != NULL)
        return false;
    if (token[0] == '-' && p->lists && is_end_of_list(p->at))
        return false;
    p->at += length;
    return true;
}

static void expect(struct parser *p, const char *token)
{
    if (p->message == NULL && !take(p, token))
        fail(p, p->at, lc_format("the expression is not closed; '%s' is missing", token));
}

static struct value ternary(struct parser *p);

/* The number in a value, which is freed; an error if it is none. */
static double number_of(struct parser *p, struct value *v, const char *at)
{
    const double x = v->number;
    if (p->evaluate && p->message == NULL && (v->array || v->text != NULL))
        fail(p, at,
             lc_strdup(v->array ? "a list stands where a number is needed" : "a text stands where a number is needed"));
    free_value(v);
    return x;
}

static const struct variable *find(const struct lci_scope *scope, size_t visible, const char *name, size_t length)
{
    for (size_t i = visible; i-- > 0;)
        if (strlen(scope->variables[i].name) == length && strncmp(scope->variables[i].name, name, length) == 0)
            return &scope->variables[i];
    return NULL;
}

static struct value variable(struct parser *p)
{
    const char *start = p->at++;
    while (isalnum((unsigned char)*p->at) || *p->at == '_')
        p->at++;
    const size_t length = (size_t)(p->at - start) - 1;
    if (length == 0)
        fail(p, start, lc_strdup("a '$' without a name; expected a variable such as $x"));
    if (!p->evaluate || p->message != NULL)
        return number_value(1);
    const struct variable *v = find(p->scope, p->visible, start + 1, length);
    if (v == NULL)
        fail(p, start, lc_format("the variable $%.*s is not defined", (int)length, start + 1));
    else if (!v->valid)
        fail(p, start, lc_format("the variable $%s has no value", v->name));
    return v != NULL && v->valid ? copy_value(&v->value) : number_value(NAN);
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

enum { ARGUMENTS = 64 };

static double call_one(const char *name, double x)
{
    static const struct {
        const char *name;
        double (*function)(double);
    } functions[] = {{"abs", fabs}, {"ceil", ceil},   {"exp", exp},   {"floor", floor}, {"log", log},
                     {"ln", log},   {"round", round}, {"sqrt", sqrt}, {"log10", log10}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].function(x);
    return NAN;
}

static struct value array_of(const double *x, size_t count)
{
    struct value v = {.number = NAN, .array = true, .count = count, .capacity = count};
    v.items = lc_alloc(count * sizeof *v.items);
    memcpy(v.items, x, count * sizeof *v.items);
    return v;
}

static struct value item_of(struct parser *p, struct value *array, double index, const char *at)
{
    double x = NAN;
    if (!array->array)
        fail(p, at, lc_strdup("only a list has elements"));
    else if (!(index >= 0 && index < (double)array->count && index == floor(index)))
        fail(p, at, lc_format("the list has no element %g; expected 0 to %zu", index, array->count - 1));
    else
        x = array->items[(size_t)index];
    free_value(array);
    return number_value(x);
}

static struct value call(struct parser *p, const char *name, struct value *v, size_t count, const char *at)
{
    static const char *const random[] = {"rand", "normal", "gamma", "poisson", "uniform", NULL};
    static const char *const one[] = {"abs", "ceil", "exp", "floor", "log", "ln", "round", "sqrt", "log10", NULL};
    for (const char *const *r = random; *r != NULL; r++)
        if (strcmp(*r, name) == 0) {
            fail(p, at, lc_format("%s() is random, and models are not: write the numbers", name));
            return number_value(NAN);
        }
    if (strcmp(name, "array_get") == 0 && count == 2) {
        struct value array = v[0];
        v[0] = (struct value){.number = NAN};
        return item_of(p, &array, v[1].number, at);
    }
    double x[ARGUMENTS];
    for (size_t i = 0; i < count; i++)
        x[i] = number_of(p, &v[i], at);
    if (strcmp(name, "array_create") == 0)
        return array_of(x, count);
    if (strcmp(name, "pow") == 0 && count == 2)
        return number_value(pow(x[0], x[1]));
    if ((strcmp(name, "min") == 0 || strcmp(name, "max") == 0) && count >= 1) {
        for (size_t i = 1; i < count; i++)
            x[0] = name[1] == 'i' ? fmin(x[0], x[i]) : fmax(x[0], x[i]);
        return number_value(x[0]);
    }
    for (const char *const *f = one; *f != NULL; f++)
        if (strcmp(*f, name) == 0 && count == 1)
            return number_value(call_one(name, x[0]));
    fail(p, at, lc_format("there is no function %s() of %zu arguments", name, count));
    return number_value(NAN);
}

static struct value function(struct parser *p)
{
    const char *start = p->at;
    while (isalnum((unsigned char)*p->at) || *p->at == '_')
        p->at++;
    char *name = lc_strndup(start, (size_t)(p->at - start));
    struct value arguments[ARGUMENTS], result = number_value(1);
    size_t count = 0;
    if (!take(p, "(")) {
        fail(p, start, lc_format("'%s' is neither a number nor a function; variables begin with '$'", name));
        free(name);
        return result;
    }
    if (!take(p, ")")) {
        do {
            if (count == ARGUMENTS) {
                fail(p, start, lc_format("%s() has more than %d arguments", name, ARGUMENTS));
                break;
            }
            arguments[count++] = ternary(p);
        } while (take(p, ","));
        expect(p, ")");
    }
    if (p->evaluate && p->message == NULL)
        result = call(p, name, arguments, count, start);
    for (size_t i = 0; i < count; i++)
        free_value(&arguments[i]);
    free(name);
    return result;
}

/* ---- grammar ----------------------------------------------------------------------------------------------------- */

static struct value text_literal(struct parser *p)
{
    const char *start = p->at++;
    while (*p->at != 0 && *p->at != '"')
        p->at += p->at[0] == '\\' && p->at[1] != 0 ? 2 : 1;
    if (*p->at == 0) {
        fail(p, start, lc_strdup("the text is not closed; '\"' is missing"));
        return number_value(1);
    }
    p->at++;
    return (struct value){.number = NAN, .text = lc_strndup(start + 1, (size_t)(p->at - start) - 2)};
}

static struct value number_literal(struct parser *p)
{
    char *end;
    char digits[64];
    size_t length = 0;
    const char *start = p->at;
    /* Exponents may be written with D, and no hexadecimal numbers or names of infinity are taken. */
    while (length < sizeof digits - 1 && *p->at != 0 &&
           (strchr("0123456789.", *p->at) != NULL || (length > 0 && strchr("DEde", *p->at) != NULL) ||
            (strchr("+-", *p->at) != NULL && length > 0 && digits[length - 1] == 'e'))) {
        digits[length++] = strchr("DEde", *p->at) != NULL ? 'e' : *p->at;
        p->at++;
    }
    digits[length] = 0;
    const double x = strtod(digits, &end);
    if (length == 0 || end == digits || !isfinite(x)) {
        p->at = start;
        fail(p, start,
             *start == 0 ? lc_strdup("the expression ends too early")
                         : lc_format("'%.10s' is not a number; expected a number or a $variable", start));
        return number_value(1);
    }
    p->at = start + (end - digits);
    return number_value(x);
}

static struct value primary(struct parser *p)
{
    skip(p);
    const char c = *p->at;
    if (++p->depth > DEPTH) {
        fail(p, p->at, lc_strdup("the expression is nested too deeply"));
        p->depth--;
        return number_value(1);
    }
    struct value v;
    if (c == '(') {
        p->at++;
        v = ternary(p);
        expect(p, ")");
    } else if (c == '$') {
        v = variable(p);
    } else if (c == '"') {
        v = text_literal(p);
    } else if (isalpha((unsigned char)c) || c == '_') {
        v = function(p);
    } else {
        v = number_literal(p);
    }
    while (p->message == NULL && *p->at == '[') {
        const char *at = p->at++;
        struct value index = ternary(p);
        expect(p, "]");
        const double i = number_of(p, &index, at);
        if (p->evaluate && p->message == NULL)
            v = item_of(p, &v, i, at);
    }
    p->depth--;
    return v;
}

static struct value unary(struct parser *p)
{
    skip(p);
    const char *at = p->at;
    int signs = 0, nots = 0;
    bool negative = false;
    while (p->message == NULL && signs + nots < DEPTH) {
        if (*p->at == '!' && p->at[1] != '=') {
            p->at++;
            nots++;
        } else if (nots == 0 && (*p->at == '-' || *p->at == '+') && !(p->lists && is_end_of_list(p->at))) {
            negative ^= *p->at++ == '-';
            signs++;
        } else {
            break;
        }
        skip(p);
    }
    struct value v = primary(p);
    if (signs + nots == 0)
        return v;
    double x = number_of(p, &v, at);
    for (int i = 0; i < nots; i++)
        x = x == 0;
    return number_value(negative ? -x : x);
}

static struct value power(struct parser *p)
{
    struct value base = unary(p);
    if (!take(p, "**"))
        return base;
    const char *at = p->at;
    if (++p->depth > DEPTH)
        fail(p, at, lc_strdup("the expression is nested too deeply"));
    struct value exponent = p->message == NULL ? power(p) : number_value(1);
    p->depth--;
    const double b = number_of(p, &base, at), e = number_of(p, &exponent, at);
    return number_value(pow(b, e));
}

/* Binary operators of one level, to the left; longer ones before their prefixes. */
static const char *const level_or[] = {"||", NULL};
static const char *const level_and[] = {"&&", NULL};
static const char *const level_compare[] = {"<=", ">=", "==", "!=", "<", ">", NULL};
static const char *const level_add[] = {"+", "-", NULL};
static const char *const level_multiply[] = {"*", "/", "%", NULL};
static const char *const *const levels[] = {level_or, level_and, level_compare, level_add, level_multiply};
enum { LEVELS = sizeof levels / sizeof *levels };

static double operate(const char *operator, double a, double b)
{
    switch (operator[0]) {
    case '|': return a != 0 || b != 0;
    case '&': return a != 0 && b != 0;
    case '<': return operator[1] == '=' ? a <= b : a<b;
    case '>': return operator[1] == '=' ? a >= b : a> b;
    case '=': return a == b;
    case '!': return a != b;
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return a / b;
    default: return fmod(a, b);
    }
}

/* "%f" begins an observation, not a remainder. */
static bool is_observation(const char *at)
{
    return at[0] == '%' && isalpha((unsigned char)at[1]);
}

static const char *take_operator(struct parser *p, const char *const *operators)
{
    skip(p);
    if (is_observation(p->at))
        return NULL;
    for (; *operators != NULL; operators++)
        if (take(p, *operators))
            return *operators;
    return NULL;
}

static struct value binary(struct parser *p, size_t level)
{
    if (level == LEVELS)
        return power(p);
    struct value left = binary(p, level + 1);
    const char *operator;
    while (p->message == NULL && (operator= take_operator(p, levels[level])) != NULL) {
        const char *at = p->at;
        struct value right = binary(p, level + 1);
        const double a = number_of(p, &left, at), b = number_of(p, &right, at);
        left = number_value(operate(operator, a, b));
    }
    return left;
}

static struct value ternary(struct parser *p)
{
    if (++p->depth > DEPTH) {
        fail(p, p->at, lc_strdup("the expression is nested too deeply"));
        p->depth--;
        return number_value(1);
    }
    struct value v = binary(p, 0);
    const char *at = p->at;
    if (take(p, "?")) {
        const bool evaluate = p->evaluate;
        const bool yes = number_of(p, &v, at) != 0;
        p->evaluate = evaluate && yes;
        struct value first = ternary(p);
        expect(p, ":");
        p->evaluate = evaluate && !yes;
        struct value second = ternary(p);
        p->evaluate = evaluate;
        free_value(yes ? &second : &first);
        v = yes ? first : second;
    }
    p->depth--;
    return v;
}

/* ---- lists that are swept ---------------------------------------------------------------------------------------- */

static void add_item(struct parser *p, struct value *list, double x, const char *at)
{
    if (list->count >= ITEMS) {
        fail(p, at, lc_format("the list has more than %d elements", ITEMS));
        return;
    }
    LC_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = x;
}

static void fill_range(struct parser *p, struct value *list, double to, double step, const char *at)
{
    const double from = list->items[0], steps = floor((to - from) / step * (1 + 1e-12) + 1e-9);
    if (!(steps >= 0) || !(steps < ITEMS) || step == 0) {
        fail(p, at, lc_format("the range from %g to %g by %g is empty or endless", from, to, step));
        return;
    }
    for (int i = 1; i <= steps && p->message == NULL; i++)
        add_item(p, list, from + i * step, at);
}

/* [a, b, …] or [from : to, step]; the '[' is taken. */
static struct value list_literal(struct parser *p)
{
    struct value list = {.number = NAN, .array = true};
    const char *at = p->at;
    do {
        struct value v = ternary(p);
        const double x = number_of(p, &v, at);
        if (p->message == NULL)
            add_item(p, &list, x, at);
    } while (p->message == NULL && take(p, ","));
    if (list.count == 1 && take(p, ":")) {
        struct value to = ternary(p), step = number_value(1);
        if (take(p, ",")) {
            free_value(&step);
            step = ternary(p);
        }
        const double t = number_of(p, &to, at), s = number_of(p, &step, at);
        if (p->evaluate && p->message == NULL)
            fill_range(p, &list, t, s, at);
    }
    expect(p, "]");
    return list;
}

/* The right side of an assignment. */
static struct value whole(struct parser *p, bool *list)
{
    *list = take(p, "[");
    return *list ? list_literal(p) : ternary(p);
}

/* ---- scopes ------------------------------------------------------------------------------------------------------ */

struct lci_scope *lci_scope_new(void)
{
    return lc_calloc(1, sizeof(struct lci_scope));
}

void lci_scope_free(struct lci_scope *scope)
{
    if (scope == NULL)
        return;
    for (size_t i = 0; i < scope->count; i++) {
        free(scope->variables[i].name);
        free(scope->variables[i].expression);
        free(scope->variables[i].list);
        free_value(&scope->variables[i].value);
    }
    free(scope->variables);
    free(scope);
}

size_t lci_scope_points(const struct lci_scope *scope)
{
    size_t points = 1;
    for (size_t i = 0; i < scope->count; i++)
        if (scope->variables[i].list_count > 0)
            points = points > LCI_POINTS / scope->variables[i].list_count ? LCI_POINTS
                                                                          : points * scope->variables[i].list_count;
    return points;
}

/* Which element of its list variable `v` has at a point: later ones change faster. */
static size_t choice(const struct lci_scope *scope, size_t v)
{
    size_t rest = scope->point;
    for (size_t i = scope->count; i-- > v + 1;)
        if (scope->variables[i].list_count > 0)
            rest /= scope->variables[i].list_count;
    return rest % scope->variables[v].list_count;
}

/* Reads the whole of an expression, which may use the first `visible` variables; an error if something is left over. */
static struct value read_whole(const struct lci_scope *scope, size_t visible, const char *expression, bool *list,
                               struct lc_diag *diag, const struct lc_place *place, bool *good)
{
    struct parser p = {.scope = scope, .visible = visible, .at = expression, .evaluate = true};
    struct value v = whole(&p, list);
    skip(&p);
    if (p.message == NULL && *p.at != 0)
        fail(&p, p.at, lc_format("'%.20s' does not belong in an expression", p.at));
    if (p.message != NULL)
        lc_error(diag, LC_INPUT, place, "%s", p.message);
    *good = p.message == NULL;
    free(p.message);
    return v;
}

/* Gives a variable its value at the current point, from those before it. */
static int compute(struct lci_scope *scope, size_t index, struct lc_diag *diag)
{
    struct variable *v = &scope->variables[index];
    bool list, good;
    struct value value = read_whole(scope, index, v->expression, &list, diag, &v->place, &good);
    free_value(&v->value);
    v->valid = good;
    list = list || (value.array && value.count > 0); /* array_create(…) assigned is a list as well */
    if (!list) {
        v->value = value;
    } else if (!good) {
        free_value(&value);
    } else {
        free(v->list);
        v->list = value.items;
        v->list_count = value.count;
        v->value = number_value(v->list[choice(scope, index)]);
    }
    return good ? 0 : -1;
}

int lci_scope_add(struct lci_scope *scope, const char *name, const char *expression, struct lc_diag *diag,
                  const struct lc_place *place)
{
    LC_GROW(scope->variables, scope->count, scope->capacity);
    scope->variables[scope->count] = (struct variable){.name = lc_strdup(name),
                                                       .expression = lc_strdup(expression),
                                                       .place = place != NULL ? *place : LC_NOWHERE,
                                                       .value = number_value(NAN)};
    return compute(scope, scope->count++, diag);
}

struct lci_scope *lci_scope_of(const struct lc_model *model, struct lc_diag *diag)
{
    struct lci_scope *scope = lci_scope_new();
    int status = 0;
    for (size_t i = 0; i < model->variable_count; i++) {
        const struct lc_variable *v = &model->variables[i];
        const char *name = strrchr(v->name, '$'); /* "i, $x": x for each i */
        status |= lci_scope_add(scope, name != NULL ? name + 1 : v->name, v->expression, diag, &v->place);
    }
    if (status == 0)
        return scope;
    lci_scope_free(scope);
    return NULL;
}

int lci_scope_select(struct lci_scope *scope, size_t point, struct lc_diag *diag)
{
    scope->point = point;
    for (size_t i = 0; i < scope->count; i++)
        if (compute(scope, i, diag) != 0)
            return -1;
    return 0;
}

bool lci_scope_number(const struct lci_scope *scope, const char *name, double *value)
{
    const struct variable *v = find(scope, scope->count, name, strlen(name));
    if (v == NULL || !v->valid || v->value.array || v->value.text != NULL)
        return false;
    *value = v->value.number;
    return true;
}

struct lci_scope *lci_scope_copy(const struct lci_scope *scope)
{
    struct lci_scope *copy = lci_scope_new();
    for (size_t i = 0; i < scope->count; i++) {
        const struct variable *v = &scope->variables[i];
        LC_GROW(copy->variables, copy->count, copy->capacity);
        copy->variables[copy->count++] = (struct variable){.name = lc_strdup(v->name),
                                                           .expression = lc_strdup(v->expression),
                                                           .place = v->place,
                                                           .value = copy_value(&v->value),
                                                           .valid = v->valid};
    }
    return copy;
}

void lci_scope_set(struct lci_scope *scope, const char *name, double value)
{
    LC_GROW(scope->variables, scope->count, scope->capacity);
    scope->variables[scope->count++] = (struct variable){.name = lc_strdup(name),
                                                         .expression = lc_strdup(""),
                                                         .place = LC_NOWHERE,
                                                         .value = number_value(value),
                                                         .valid = true};
}

static int evaluate(const struct lci_scope *scope, const char *expression, bool finite, double *value,
                    struct lc_diag *diag, const struct lc_place *place)
{
    bool list, good;
    struct value v = read_whole(scope, scope->count, expression, &list, diag, place, &good);
    *value = v.number;
    const bool number = !v.array && v.text == NULL, right = number && (!finite || isfinite(v.number));
    if (good && !right)
        lc_error(diag, LC_INPUT, place, "'%s' is %s; a number is needed here", expression,
                 number    ? "not a finite number"
                 : v.array ? "a list"
                           : "a text");
    free_value(&v);
    return good && right ? 0 : -1;
}

int lci_evaluate(const struct lci_scope *scope, const char *expression, double *value, struct lc_diag *diag,
                 const struct lc_place *place)
{
    return evaluate(scope, expression, true, value, diag, place);
}

int lci_evaluate_any(const struct lci_scope *scope, const char *expression, double *value, struct lc_diag *diag,
                     const struct lc_place *place)
{
    return evaluate(scope, expression, false, value, diag, place);
}

const char *lci_expression_end(const char *text, bool lists, const char **wrong, char **message)
{
    struct parser p = {.at = text, .lists = lists};
    bool list;
    struct value v = whole(&p, &list);
    free_value(&v);
    *message = p.message;
    *wrong = p.wrong;
    return p.message == NULL ? p.at : NULL;
}
