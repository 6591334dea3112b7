/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts made short and of low cardinality: names of operations, SQL statements.
 */
#include "tree/classify.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (c & 0x80) != 0;
}

static bool is_uuid(const char *text)
{
    for (int i = 0; i < 36; i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return !is_word(text[36]);
}

/* Numbers that stand alone between slashes or spaces, or have three digits or more; hexadecimal words of eight digits
 * or more that hold a number. So "v2", "2.0.1", "utf8" and "service1" stay. */
static bool is_id(const char *word, size_t length, bool alone)
{
    size_t digits = 0, hex = 0;
    for (size_t i = 0; i < length; i++) {
        digits += isdigit((unsigned char)word[i]) != 0;
        hex += isxdigit((unsigned char)word[i]) != 0;
    }
    if (digits == length)
        return alone || length >= 3;
    return hex == length && length >= 8 && digits > 0;
}

static bool ends_segment(char c)
{
    return c == 0 || c == '/' || c == ' ' || c == '?' || c == '=' || c == ',';
}

size_t lci_plain_name(const char *name, char *out, size_t size)
{
    size_t n = 0;
    bool segment = true; /* at the beginning of what lies between slashes or spaces */
    while (*name != 0 && *name != '?' && n + 4 < size) {
        if (!is_word(*name)) {
            segment = ends_segment(*name);
            out[n++] = *name++;
            continue;
        }
        size_t length = 0;
        while (is_word(name[length]))
            length++;
        if (is_uuid(name))
            length = 36;
        if (length == 36 || is_id(name, length, segment && ends_segment(name[length]))) {
            memcpy(out + n, ":id", 3);
            n += 3;
        } else {
            const size_t room = size - 1 - n, copied = length < room ? length : room;
            memcpy(out + n, name, copied);
            n += copied;
        }
        name += length;
        segment = false;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = 0;
    return n;
}

/* The next word of an SQL text, comments, punctuation and quotes skipped. Words may hold dots and underscores. */
static const char *next_word(const char *text, size_t *length)
{
    for (;;) {
        if (text[0] == '-' && text[1] == '-') {
            text += strcspn(text, "\n");
        } else if (text[0] == '/' && text[1] == '*') {
            const char *end = strstr(text + 2, "*/");
            if (end == NULL)
                return NULL;
            text = end + 2;
        } else if (*text == '\'') {
            const char *end = strchr(text + 1, '\'');
            if (end == NULL)
                return NULL;
            text = end + 1;
        } else if (*text == 0) {
            return NULL;
        } else if (is_word(*text) || *text == '_') {
            break;
        } else {
            text++;
        }
    }
    *length = 0;
    while (is_word(text[*length]) || text[*length] == '_' || text[*length] == '.')
        ++*length;
    return text;
}

static bool word_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

/* Skips "WITH name AS (…), …" to the verb of the statement proper: the first word after the closing parentheses. */
static const char *after_with(const char *text)
{
    int depth = 0;
    bool closed = false;
    for (; *text != 0; text++) {
        if (*text == '(') {
            depth++;
        } else if (*text == ')') {
            depth--;
            closed = depth == 0;
        } else if (closed && *text == ',') {
            closed = false;
        } else if (closed && is_word(*text)) {
            return text;
        }
    }
    return text;
}

static const char *verb_of(const char *query, size_t *length)
{
    const char *verb = next_word(query, length);
    if (verb != NULL && word_is(verb, *length, "with"))
        verb = next_word(after_with(verb + *length), length);
    return verb;
}

size_t lci_query_label(const char *query, char *out, size_t size)
{
    size_t length, n = 0;
    const char *verb = verb_of(query, &length);
    if (verb == NULL || isdigit((unsigned char)*verb))
        return 0;
    for (; n < length && n + 1 < size && n < 24; n++)
        out[n] = (char)toupper((unsigned char)verb[n]);
    const bool table_next = word_is(verb, length, "update") || word_is(verb, length, "truncate");
    const char *word = verb + length;
    for (int i = 0; i < 400 && (word = next_word(word, &length)) != NULL; i++, word += length) {
        const bool marks = word_is(word, length, "from") || word_is(word, length, "into") ||
                           word_is(word, length, "table") || word_is(word, length, "join");
        if (!marks && !(i == 0 && table_next))
            continue;
        if (marks && (word = next_word(word + length, &length)) == NULL)
            break;
        if (n + 1 + length < size && !word_is(word, length, "select")) {
            out[n++] = ' ';
            memcpy(out + n, word, length);
            n += length;
        }
        break;
    }
    out[n] = 0;
    return n;
}

enum lc_access lci_access_of(const char *text, bool key_value)
{
    static const char *const reading[] = {"select", "show",  "describe", "explain", "fetch",  "get",     "find", "scan",
                                          "query",  "count", "mget",     "hget",    "exists", "hgetall", NULL};
    static const char *const writing[] = {"insert", "update", "delete", "replace", "merge",    "upsert",
                                          "put",    "create", "drop",   "alter",   "truncate", "mset",
                                          "hset",   "incr",   "del",    "setex",   NULL};
    size_t length;
    const char *verb = verb_of(text, &length);
    if (verb == NULL)
        return LC_ACCESS_NONE;
    for (const char *const *w = reading; *w != NULL; w++)
        if (word_is(verb, length, *w))
            return LC_ACCESS_READ;
    for (const char *const *w = writing; *w != NULL; w++)
        if (word_is(verb, length, *w))
            return LC_ACCESS_WRITE;
    return key_value && word_is(verb, length, "set") ? LC_ACCESS_WRITE : LC_ACCESS_NONE;
}
