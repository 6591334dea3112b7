/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of operations made short and of low cardinality, and what their first word tells.
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
        const bool uuid = is_uuid(name);
        if (uuid)
            length = 36;
        if (uuid || is_id(name, length, segment && ends_segment(name[length]))) {
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

static bool word_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

enum lc_access lci_access_of(const char *text, bool key_value)
{
    static const char *const reading[] = {"select", "show",  "describe", "explain", "fetch",  "get",     "find", "scan",
                                          "query",  "count", "mget",     "hget",    "exists", "hgetall", NULL};
    static const char *const writing[] = {"insert", "update", "delete", "replace", "merge",    "upsert",
                                          "put",    "create", "drop",   "alter",   "truncate", "mset",
                                          "hset",   "incr",   "del",    "setex",   NULL};
    const char *verb = text;
    while (*verb != 0 && !is_word(*verb))
        verb++;
    size_t length = 0;
    while (is_word(verb[length]))
        length++;
    for (const char *const *w = reading; *w != NULL; w++)
        if (word_is(verb, length, *w))
            return LC_ACCESS_READ;
    for (const char *const *w = writing; *w != NULL; w++)
        if (word_is(verb, length, *w))
            return LC_ACCESS_WRITE;
    return key_value && word_is(verb, length, "set") ? LC_ACCESS_WRITE : LC_ACCESS_NONE;
}
