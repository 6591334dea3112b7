/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts of spans: valid UTF-8, ids, kinds.
 */
#include "fit/trace/symbols.h"
#include "reader.h"

#include "base/digits.h"
#include "base/shown.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

/* Bytes of the well-formed UTF-8 character at `t` (RFC 3629), 0 when there is none. A 0 byte counts as ill-formed,
 * because texts end with it. */
static size_t character(const unsigned char *t, size_t left)
{
    if (t[0] < 0x80)
        return t[0] != 0;
    if (t[0] < 0xC2 || t[0] > 0xF4)
        return 0;
    const size_t length = t[0] < 0xE0 ? 2 : t[0] < 0xF0 ? 3 : 4;
    if (left < length || (t[1] & 0xC0) != 0x80)
        return 0;
    if ((t[0] == 0xE0 && t[1] < 0xA0) || (t[0] == 0xED && t[1] > 0x9F) || (t[0] == 0xF0 && t[1] < 0x90) ||
        (t[0] == 0xF4 && t[1] > 0x8F))
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((t[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

static size_t valid_prefix(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        const size_t step = character((const unsigned char *)text + at, length - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}

/* Puts U+FFFD for every byte that belongs to no character. The copy is the caller's. */
static char *mend(const char *text, size_t *length)
{
    char *out = lc_alloc(3 * *length);
    size_t put = 0;
    for (size_t at = 0; at < *length;) {
        const size_t step = character((const unsigned char *)text + at, *length - at);
        memcpy(out + put, step ? text + at : "\xEF\xBF\xBD", step ? step : 3);
        put += step ? step : 3;
        at += step ? step : 1;
    }
    *length = put;
    return out;
}

lc_symbol lci_symbol(struct lci_context *context, const char *text, size_t length)
{
    /* Only valid texts are in the table, so what is found needs no check. */
    const lc_symbol known = lci_symbol_lookup(context->symbols, text, length);
    if (known != 0 || length == 0)
        return known;
    const bool valid = valid_prefix(text, length) == length;
    if (valid && lci_is_shown(text, length, false))
        return lci_symbol_of(context->symbols, text, length);
    context->repairs->count[LC_REPAIR_UTF8] += !valid;
    char *mended = mend(text, &length), *shown = lci_shown(mended, length, false);
    const lc_symbol symbol = lci_symbol_of(context->symbols, shown, strlen(shown));
    free(mended);
    free(shown);
    return symbol;
}

lc_symbol lci_value_symbol(struct lci_context *context, const char *text, size_t length)
{
    if (context->values < LCI_VALUES) {
        const size_t before = lci_symbols_count(context->symbols);
        const lc_symbol symbol = lci_symbol(context, text, length);
        context->values += lci_symbols_count(context->symbols) - before;
        return symbol;
    }
    const lc_symbol symbol = lci_symbol_lookup(context->symbols, text, length);
    if (symbol == 0 && length != 0 && !context->values_warned) {
        context->values_warned = true;
        lc_warn(
            context->diag, NULL,
            "more than %u different attribute values; new ones are left out from here on: keep fewer attributes, or "
            "read the input in parts",
            LCI_VALUES);
    }
    return symbol;
}

lc_symbol lci_event_symbol(struct lci_context *context, const char *text, size_t length)
{
    return length <= 128 ? lci_value_symbol(context, text, length) : 0;
}

/* ---- ids --------------------------------------------------------------------------------------------------------- */

/* 1 + the value of a hexadecimal digit, 0 for other characters. */
static const uint8_t hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* Up to 16 digits. */
static bool hex64_of(const char *text, size_t length, uint64_t *value)
{
    uint64_t sum = 0;
    if (length == 16)
        return lci_sixteen_hex_digits(text, value);
    for (size_t i = 0; i < length; i++) {
        const unsigned digit = hex_digits[(unsigned char)text[i]];
        if (digit == 0)
            return false;
        sum = sum << 4 | (digit - 1);
    }
    *value = sum;
    return true;
}

static bool hex_of(const char *text, size_t length, struct lci_trace_id *id)
{
    const size_t low = length < 16 ? length : 16;
    id->high = 0;
    return length <= 32 && hex64_of(text, length - low, &id->high) && hex64_of(text + length - low, low, &id->low);
}

/* 1 + the value of a digit of base64, of either alphabet; 0 for other characters. */
static const uint8_t base64_digits[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,
    ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27,
    ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45,
    ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
    ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

/* Base64 (of either alphabet, padded or not) of exactly `bytes` bytes, which are 8 or 16. */
static bool base64_of(const char *text, size_t length, size_t bytes, struct lci_trace_id *id)
{
    while (length > 0 && text[length - 1] == '=')
        length--;
    if (length != (8 * bytes + 5) / 6)
        return false;
    uint64_t high = 0, low = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned digit = base64_digits[(unsigned char)text[i]];
        const unsigned bits = i + 1 < length ? 6 : (unsigned)(8 * bytes % 6); /* of the last the rest is padding */
        if (digit == 0)
            return false;
        high = high << bits | low >> (64 - bits);
        low = low << bits | (digit - 1) >> (6 - bits);
    }
    *id = (struct lci_trace_id){high, low};
    return true;
}

struct lci_trace_id lci_trace_id_of(struct lci_trace_reader *reader, const char *text, size_t length)
{
    struct lci_trace_id id = {0, 0};
    if (length == 0 || hex_of(text, length, &id) || base64_of(text, length, 16, &id))
        return id;
    reader->draft.named = true;
    return (struct lci_trace_id){0, lci_name_id(lci_name_hash(LCI_NAME_EMPTY, text, length))};
}

uint64_t lci_span_id_of(struct lci_trace_reader *reader, const char *text, size_t length)
{
    struct lci_trace_id id = {0, 0};
    if (length == 0 || (length <= 16 && hex_of(text, length, &id)) || base64_of(text, length, 8, &id))
        return id.low;
    reader->draft.named = true;
    return lci_name_id(lci_name_hash(LCI_NAME_EMPTY, text, length));
}

uint64_t lci_span_id_of_bytes(const char *bytes, size_t length)
{
    uint64_t id = 0;
    if (length == sizeof id)
        memcpy(&id, bytes, sizeof id);
    return be64toh(id);
}

struct lci_trace_id lci_trace_id_of_bytes(const char *bytes, size_t length)
{
    return length == 16 ? (struct lci_trace_id){lci_span_id_of_bytes(bytes, 8), lci_span_id_of_bytes(bytes + 8, 8)}
                        : (struct lci_trace_id){0, lci_span_id_of_bytes(bytes, length)};
}

uint8_t lci_kind_of(const char *text, size_t length)
{
#define KIND(name)                                                                                                     \
    {                                                                                                                  \
        name, sizeof(name) - 1                                                                                         \
    }
    static const struct {
        const char *name;
        size_t length;
    } kinds[] = {KIND("unspecified"), KIND("internal"), KIND("server"),
                 KIND("client"),      KIND("producer"), KIND("consumer")};
#undef KIND
    static const char prefix[] = "SPAN_KIND_";
    if (length >= sizeof prefix && memcmp(text, prefix, sizeof prefix - 1) == 0) {
        text += sizeof prefix - 1;
        length -= sizeof prefix - 1;
    }
    if (length == 1 && *text >= '0' && *text <= '5')
        return (uint8_t)(*text - '0'); /* the numbers of OTLP */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].length == length && (*text | 0x20) == *kinds[i].name &&
            strncasecmp(kinds[i].name, text, length) == 0)
            return (uint8_t)i;
    return LC_KIND_UNKNOWN;
}
