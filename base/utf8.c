/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

#include "base/buffer.h"
#include "base/text.h"
#include "loadcast/base.h"

#include <string.h>

/* Bytes of the character at `s`, 0 if it is none. A text ends with a zero byte, which continues nothing. */
static size_t character(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    const size_t length = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    const bool beyond = (s[0] == 0xED && s[1] >= 0xA0) || (s[0] == 0xF4 && s[1] >= 0x90);
    return overlong || beyond ? 0 : length;
}

bool lci_utf8_valid(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s != 0) {
        const size_t length = character(s);
        if (length == 0)
            return false;
        s += length;
    }
    return true;
}

char *lci_utf8_copy(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    char *copy = lc_alloc(3 * strlen(text) + 1), *to = copy;
    while (*s != 0) {
        const size_t length = character(s);
        memcpy(to, length ? (const char *)s : "\xEF\xBF\xBD", length ? length : 3);
        to += length ? length : 3;
        s += length ? length : 1;
    }
    *to = 0;
    return copy;
}

char *lci_utf8_from_latin1(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    char *copy = lc_alloc(2 * strlen(text) + 1), *to = copy;
    for (; *s != 0; s++) {
        if (*s >= 0x80)
            *to++ = (char)(0xC0 | *s >> 6);
        *to++ = (char)(*s >= 0x80 ? 0x80 | (*s & 0x3F) : *s);
    }
    *to = 0;
    return copy;
}

char *lci_xml_escaped(const char *text)
{
    struct lci_buffer out = {0};
    for (; *text != 0; text++)
        switch (*text) {
        case '&': lci_buffer_add(&out, "&amp;"); break;
        case '<': lci_buffer_add(&out, "&lt;"); break;
        case '>': lci_buffer_add(&out, "&gt;"); break;
        case '"': lci_buffer_add(&out, "&quot;"); break;
        case '\n':
        case '\r':
        case '\t': lci_buffer_add(&out, "&#%d;", *text); break;
        default:
            if ((unsigned char)*text >= ' ')
                lci_buffer_put(&out, text, 1);
        }
    return lci_buffer_take(&out);
}
