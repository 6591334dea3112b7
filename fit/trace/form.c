/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forms of attribute values that keep what tells operations apart and drop what tells requests apart, so that the table
 * of symbols stays small however long the input is.
 */
#include "attribute.h"

#include <string.h>

enum { DIGIT = 1, HEX = 2, LETTER = 4, BEYOND = 8 /* ASCII */, PATH_WORD = DIGIT | LETTER | BEYOND };
#define D (DIGIT | HEX)
#define H (LETTER | HEX)
#define L LETTER
#define B BEYOND, BEYOND, BEYOND, BEYOND, BEYOND, BEYOND, BEYOND, BEYOND
static const uint8_t classes[256] = {
    ['0'] = D, D, D, D, D, D, D, D, D, D, ['A'] = H,  H, H, H, H, H, L, L, L, L, L, L, L, L, L, L,
    L,         L, L, L, L, L, L, L, L, L, ['a'] = H,  H, H, H, H, H, L, L, L, L, L, L, L, L, L, L,
    L,         L, L, L, L, L, L, L, L, L, [0x80] = B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
};
#undef D
#undef H
#undef L
#undef B

static inline bool is_a(char c, unsigned class)
{
    return (classes[(unsigned char)c] & class) != 0;
}

static bool is_letter(char c)
{
    return is_a(c, LETTER);
}

static bool is_hex(char c)
{
    return is_a(c, HEX);
}

struct text { /* output, cut off at the end of the buffer */
    char *out;
    size_t length;
};

static void put(struct text *text, const char *from, size_t length)
{
    const size_t room = LCI_FORM_SIZE - text->length;
    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80)
            length--; /* no half character */
    }
    memcpy(text->out + text->length, from, length);
    text->length += length;
}

static void put_character(struct text *text, char c)
{
    if (text->length < LCI_FORM_SIZE)
        text->out[text->length++] = c;
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static bool in_path_word(char c)
{
    return is_a(c, PATH_WORD);
}

static bool is_uuid(const char *text, size_t length)
{
    for (size_t i = 0; i < 36; i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (i >= length || (dash ? text[i] != '-' : !is_hex(text[i])))
            return false;
    }
    return length == 36 || !in_path_word(text[36]);
}

/* Numbers that are a whole segment or have three digits or more; hexadecimal words of eight digits or more with a
 * number in them. So "v2", "utf8" and "service1" stay. */
static bool is_id(const char *word, size_t length, bool alone)
{
    unsigned all = HEX | DIGIT, any = 0; /* classes of all characters, and of any */
    for (size_t i = 0; i < length && all != 0; i++) {
        const unsigned class = classes[(unsigned char)word[i]];
        all &= class;
        any |= class;
    }
    if (all & DIGIT)
        return alone || length >= 3;
    return (all & HEX) != 0 && length >= 8 && (any & DIGIT) != 0;
}

static void put_path(struct text *text, const char *path, size_t length)
{
    bool segment = true;     /* at the beginning of one */
    size_t at = 0, kept = 0; /* kept: from there on nothing is put yet */
    while (at < length && path[at] != '?' && path[at] != '#') {
        if (!in_path_word(path[at])) {
            segment = path[at++] == '/';
            continue;
        }
        size_t end = at;
        while (end < length && in_path_word(path[end]))
            end++;
        if (end - at == 8 && is_uuid(path + at, length - at))
            end = at + 36;
        const bool alone = segment && (end == length || path[end] == '/' || path[end] == '?' || path[end] == '#');
        if (end - at == 36 || is_id(path + at, end - at, alone)) {
            put(text, path + kept, at - kept);
            put(text, ":id", 3);
            kept = end;
        }
        segment = false;
        at = end;
    }
    put(text, path + kept, at - kept);
}

/* The first "://"; memmem is made for longer texts. */
const char *lci_scheme_end(const char *url, size_t length)
{
    const char *end = url + length;
    for (const char *at = url; (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++)
        if (end - at >= 3 && at[1] == '/' && at[2] == '/')
            return at;
    return NULL;
}

static void put_url(struct text *text, const char *url, size_t length)
{
    const char *colon = lci_scheme_end(url, length);
    if (colon != NULL) {
        const char *host = colon + 3, *end = url + length, *path = host;
        while (path < end && *path != '/' && *path != '?' && *path != '#')
            path++;
        put(text, url, (size_t)(host - url));
        const char *at = memrchr(host, '@', (size_t)(path - host)); /* user and password are nobody's business */
        host = at != NULL ? at + 1 : host;
        put(text, host, (size_t)(path - host));
        length -= (size_t)(path - url);
        url = path;
    }
    put_path(text, url, length);
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

struct word {
    const char *text;
    size_t length;
    int depth; /* of parentheses */
};

/* The end of a quoted text or comment that begins at `at`, or `at` when none does. */
static const char *past_quoted(const char *at, const char *end)
{
    if (*at == '\'') {
        const char *close = memchr(at + 1, '\'', (size_t)(end - at - 1));
        return close != NULL ? close + 1 : end;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '*') {
        const char *close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
        return close != NULL ? close + 2 : end;
    }
    if (end - at >= 2 && at[0] == '-' && at[1] == '-') {
        const char *close = memchr(at, '\n', (size_t)(end - at));
        return close != NULL ? close + 1 : end;
    }
    return at;
}

static bool in_word(char c)
{
    return is_a(c, PATH_WORD) || c == '_' || c == '.' || c == '$' || c == '"' || c == '`' || c == '[' || c == ']';
}

static bool next_word(const char **at, const char *end, struct word *word)
{
    while (*at < end) {
        const char *after = past_quoted(*at, end);
        if (after != *at) {
            *at = after;
            continue;
        }
        if (in_word(**at)) {
            word->text = *at;
            while (*at < end && in_word(**at))
                ++*at;
            word->length = (size_t)(*at - word->text);
            return true;
        }
        word->depth += (**at == '(') - (**at == ')');
        ++*at;
    }
    return false;
}

static bool is(const struct word *word, const char *name)
{
    return strlen(name) == word->length && strncasecmp(word->text, name, word->length) == 0;
}

static void put_upper(struct text *text, const struct word *word)
{
    for (size_t i = 0; i < word->length; i++) {
        const char c = word->text[i];
        put_character(text, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
}

static void put_name(struct text *text, const struct word *word)
{
    put_character(text, ' ');
    for (size_t i = 0; i < word->length; i++) {
        const char c = word->text[i];
        if (c != '"' && c != '`' && c != '[' && c != ']')
            put_character(text, c);
    }
}

/* The word after which a verb names its table; "" when it comes at once; NULL when it names none. */
static const char *target_after(const struct word *verb)
{
    if (is(verb, "select") || is(verb, "delete"))
        return "from";
    if (is(verb, "insert") || is(verb, "merge") || is(verb, "replace"))
        return "into";
    if (is(verb, "create") || is(verb, "drop") || is(verb, "alter") || is(verb, "truncate"))
        return "table";
    return is(verb, "update") ? "" : NULL;
}

/* Goes on to the verb after "WITH name AS (…), …"; leaves the word when there is none. */
static void skip_with(const char **at, const char *end, struct word *word)
{
    struct word verb = *word;
    while (next_word(at, end, &verb))
        if (verb.depth <= word->depth && target_after(&verb) != NULL) {
            *word = verb;
            return;
        }
}

/* Words that may stand between the verb and the table. */
static bool is_filler(const struct word *word)
{
    static const char *const fillers[] = {"only", "if", "not", "exists", "ignore", "low_priority", "lateral"};
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
        if (is(word, fillers[i]))
            return true;
    return false;
}

/* Commands of Redis and Memcached whose first argument is a key. */
static bool takes_key(const struct word *verb)
{
    static const char *const verbs[] = {
        "get",      "set",       "setex",   "setnx",    "psetex", "mget",          "mset",     "getset",  "getdel",
        "getex",    "del",       "unlink",  "exists",   "expire", "pexpire",       "expireat", "ttl",     "pttl",
        "persist",  "touch",     "incr",    "incrby",   "decr",   "decrby",        "append",   "strlen",  "getrange",
        "setrange", "hget",      "hset",    "hmget",    "hmset",  "hgetall",       "hdel",     "hexists", "hkeys",
        "hvals",    "hlen",      "hincrby", "hsetnx",   "hscan",  "lpush",         "rpush",    "lpop",    "rpop",
        "llen",     "lrange",    "lindex",  "lrem",     "ltrim",  "blpop",         "brpop",    "sadd",    "srem",
        "smembers", "sismember", "scard",   "spop",     "sscan",  "zadd",          "zrem",     "zrange",  "zrevrange",
        "zscore",   "zcard",     "zrank",   "zincrby",  "zcount", "zrangebyscore", "xadd",     "xlen",    "pfadd",
        "pfcount",  "getbit",    "setbit",  "bitcount", "cas",    "gets",          "prepend",
    };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (is(verb, verbs[i]))
            return true;
    return false;
}

/* The key space of "user:123:name" is "user". A key without a separator is one when it has neither digits nor marks:
 * what else it is may be an id, and ids are many; after
 * SET it may be a setting of SQL's. */
static void put_key_space(struct text *text, const struct word *verb, const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '"' || *at == '\''))
        at++;
    const char *stop = at;
    while (stop < end && (is_letter(*stop) || *stop == '_' || *stop == '-'))
        stop++;
    const bool separated = stop < end && strchr(":/|#", *stop) != NULL;
    const bool whole = (stop == end || *stop == ' ' || *stop == '"' || *stop == '\'') && !is(verb, "set");
    const size_t length = (size_t)(stop - at);
    if (length == 0 || length > 32 || !(separated || whole))
        return;
    put(text, " ", 1);
    put(text, at, length);
}

/* What is left is a statement still: "SELECT FROM orders", "GET user". A table that is itself a query is that query's.
 */
static void put_statement(struct text *text, const char *statement, size_t length)
{
    const char *at = statement, *end = statement + (length < 4096 ? length : 4096);
    struct word word = {0};
    if (!next_word(&at, end, &word))
        return;
    if (is(&word, "with"))
        skip_with(&at, end, &word);
    put_upper(text, &word);
    const char *before = target_after(&word);
    if (before == NULL && takes_key(&word))
        put_key_space(text, &word, at, end);
    int depth = word.depth;
    bool found = before != NULL && *before == 0, told = found;
    while (before != NULL && next_word(&at, end, &word)) {
        if (found && is(&word, "select")) {
            before = "from";
            depth = word.depth;
            found = false;
        } else if (found && !is_filler(&word)) {
            put_name(text, &word);
            return;
        } else if (!found && word.depth == depth && is(&word, before)) {
            found = true;
            if (!told) {
                put(text, " ", 1);
                put_upper(text, &word);
            }
            told = true;
        }
    }
}

/* ---- trace state ------------------------------------------------------------------------------------------------- */

/* Value of the item `key` in a list of KEY, `is`, VALUE between `separator`s; NULL when there is none. */
static const char *item_of(const char *text, size_t *length, char separator, const char *key, char is)
{
    const char *end = text + *length;
    const size_t key_length = strlen(key);
    for (const char *item = text, *next; item < end; item = next + 1) {
        next = memchr(item, separator, (size_t)(end - item));
        next = next != NULL ? next : end;
        while (item < next && (*item == ' ' || *item == '\t'))
            item++;
        if ((size_t)(next - item) <= key_length || memcmp(item, key, key_length) != 0 || item[key_length] != is)
            continue;
        *length = (size_t)(next - item) - key_length - 1;
        return item + key_length + 1;
    }
    return NULL;
}

/* "a=1,ot=th:c;rv:9b8233f7e3a151" → "c" (W3C Trace Context §3.3; OpenTelemetry, "TraceState: Probability Sampling"). */
static void put_threshold(struct text *text, const char *state, size_t length)
{
    const char *entry = item_of(state, &length, ',', "ot", '=');
    const char *digits = entry != NULL ? item_of(entry, &length, ';', "th", ':') : NULL;
    for (size_t i = 0; digits != NULL && i < length && is_hex(digits[i]); i++)
        put(text, &digits[i], 1);
}

/* Nothing unless it is a statement that names its table: what is called "query" may be anything. */
static void put_sql(struct text *text, const char *statement, size_t length)
{
    const char *at = statement;
    struct word word = {0};
    if (next_word(&at, statement + length, &word) && (target_after(&word) != NULL || is(&word, "with")))
        put_statement(text, statement, length);
}

size_t lci_form(enum lci_form form, const char *from, size_t length, char *out)
{
    struct text text = {out, 0};
    switch (form) {
    case LCI_SQL: put_sql(&text, from, length); break;
    case LCI_STATEMENT: put_statement(&text, from, length); break;
    case LCI_PATH: put_path(&text, from, length); break;
    case LCI_URL: put_url(&text, from, length); break;
    case LCI_THRESHOLD: put_threshold(&text, from, length); break;
    case LCI_WHOLE: put(&text, from, length); break;
    }
    return text.length;
}
