/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "base/sort.h"
#include "loadcast/format.h"

enum { LONGEST = 63 }; /* characters of a word that can be a number; longer ones are wrong */

struct reader {
    const char *at, *end;
    struct lc_place place;
    struct samples *samples;
    struct lc_diag *diag;
};

void samples_free(struct samples *samples)
{
    free(samples->low);
    free(samples->high);
    free(samples->weight);
    *samples = (struct samples){0};
}

/* A plain decimal number: not what else strtod() takes (hexadecimal, infinities). */
static bool number(const char *text, double *value)
{
    char *end;
    if (text[0] == 0 || strspn(text, "0123456789.+-eE") != strlen(text))
        return false;
    *value = strtod(text, &end);
    return *end == 0 && isfinite(*value);
}

static int wrong(const struct reader *r, const char *word)
{
    if (word[0] == '-' && number(word, &(double){0}))
        lc_error(r->diag, LC_INPUT, &r->place, "%s is below 0; durations are 0 or more", word);
    else
        lc_error(r->diag, LC_INPUT, &r->place,
                 "'%s' is not an observation; expected a number, >30 (cut off), <0.5 or 10..20", word);
    return -1;
}

/* Takes `word` apart into the ends of an interval. */
static int observation(struct reader *r, char *word, double *low, double *high)
{
    char *dots = strstr(word, "..");
    bool good;
    r->samples->stated |= word[0] == '>' || word[0] == '<' || dots != NULL;
    if (word[0] == '>') {
        good = number(word + 1, low);
        *high = INFINITY;
    } else if (word[0] == '<') {
        good = number(word + 1, high);
        *low = 0;
    } else if (dots != NULL) {
        *dots = 0;
        good = number(word, low) && number(dots + 2, high);
        *dots = '.';
    } else {
        good = number(word, low);
        *high = *low;
    }
    if (!good || *low < 0 || *high < 0)
        return wrong(r, word);
    if (*low > *high) {
        lc_error(r->diag, LC_INPUT, &r->place, "%s ends before it begins; the smaller number comes first", word);
        return -1;
    }
    return 0;
}

/* The next word of the line, or false at its end or at a comment. Longer words are cut, and so no number. */
static bool next_word(struct reader *r, const char *line, char *word)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
    if (r->at == r->end || *r->at == '\n' || *r->at == '#')
        return false;
    const char *start = r->at;
    while (r->at < r->end && *r->at != ' ' && *r->at != '\t' && *r->at != '\r' && *r->at != '\n' && *r->at != '#')
        r->at++;
    const size_t length = (size_t)(r->at - start);
    memcpy(word, start, length < LONGEST ? length : LONGEST);
    word[length < LONGEST ? length : LONGEST] = 0;
    if (length > LONGEST)
        memcpy(word + LONGEST - 3, "…", sizeof "…");
    for (size_t i = 0; i < length && i < LONGEST; i++) /* what a terminal should not get, and what would end the word */
        if ((unsigned char)word[i] < ' ' || word[i] == 127)
            word[i] = '?';
    r->place.column = (int)(start - line) + 1;
    return true;
}

static void add(struct samples *s, double low, double high, double weight)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity > 0 ? 2 * s->capacity : 1024;
        s->low = lc_realloc(s->low, s->capacity, sizeof *s->low);
        s->high = lc_realloc(s->high, s->capacity, sizeof *s->high);
        s->weight = lc_realloc(s->weight, s->capacity, sizeof *s->weight);
    }
    s->low[s->count] = low;
    s->high[s->count] = high;
    s->weight[s->count++] = weight;
}

static void read_line(struct reader *r)
{
    const char *line = r->at;
    char word[LONGEST + 2];
    double low = 0, high = 0, weight = 1;
    if (!next_word(r, line, word) || observation(r, word, &low, &high) != 0)
        return;
    if (next_word(r, line, word) && !(number(word, &weight) && weight >= 0)) {
        lc_error(r->diag, LC_INPUT, &r->place, "expected a weight of 0 or more in the second column, found '%s'", word);
        return;
    }
    if (next_word(r, line, word)) {
        lc_error(r->diag, LC_INPUT, &r->place, "expected a value and perhaps its weight, found a third column '%s'",
                 word);
        return;
    }
    if (weight > 0) /* a count of 0, in a histogram say, is no observation */
        add(r->samples, low, high, weight);
}

/* Columns that say nothing are dropped: the plain case is the fast one. */
static void simplify(struct samples *s)
{
    bool exact = true, ones = true;
    for (size_t i = 0; i < s->count; i++) {
        exact = exact && s->low[i] == s->high[i];
        ones = ones && s->weight[i] == 1;
    }
    if (exact) {
        free(s->high);
        s->high = NULL;
    }
    if (ones) {
        free(s->weight);
        s->weight = NULL;
    }
}

/* The most equal ones among sorted values. */
static size_t most_equal(const double *sorted, size_t count)
{
    size_t most = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count && !(sorted[next] > sorted[first]);)
            next++;
        most = next - first > most ? next - first : most;
    }
    return most;
}

/* A timeout writes its own length for whatever took longer: the maximum stands there many times, three times as often
 * as any other value of the upper half. One value more often than all others together is a constant instead. */
static void recognise_cut_off(struct samples *s)
{
    enum { LEAST = 3, TIMES = 3 };
    if (s->stated || s->weight != NULL || s->count == 0)
        return;
    double *sorted = lc_alloc(s->count * sizeof *sorted);
    memcpy(sorted, s->low, s->count * sizeof *sorted);
    lci_sort_doubles(sorted, s->count);
    const double greatest = sorted[s->count - 1];
    size_t below = s->count;
    while (below > 0 && !(sorted[below - 1] < greatest))
        below--;
    const size_t tied = s->count - below, half = below / 2;
    if (tied >= LEAST && tied <= s->count / 2 && tied >= TIMES * most_equal(sorted + half, below - half)) {
        s->tied = tied;
        s->high = lc_alloc(s->count * sizeof *s->high);
        for (size_t i = 0; i < s->count; i++)
            s->high[i] = s->low[i] < greatest ? s->low[i] : INFINITY;
    }
    free(sorted);
}

int samples_read(const char *file, struct samples *samples, struct lc_diag *diag)
{
    size_t length;
    char *text = lci_file_read(file, (size_t)1 << 31, &length, diag);
    if (text == NULL)
        return -1;
    const size_t before = diag->errors;
    const char *name = strcmp(file, "-") == 0 ? "standard input" : file;
    struct reader r = {text, text + length, {name, 1, 0, -1}, samples, diag};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) /* what some editors put before UTF-8 */
        r.at += 3;
    while (r.at < r.end) {
        read_line(&r);
        while (r.at < r.end && *r.at != '\n')
            r.at++;
        r.at += r.at < r.end;
        r.place.line++;
    }
    free(text);
    if (samples->count == 0 && diag->errors == before)
        lc_error(diag, LC_INPUT, &(struct lc_place){name, 0, 0, -1}, "expected observations, one a line, found none");
    simplify(samples);
    if (diag->errors == before)
        recognise_cut_off(samples);
    return diag->errors == before ? 0 : -1;
}
