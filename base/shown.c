/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/shown.h"

#include "base/buffer.h"

#include <stdint.h>
#include <string.h>

/* The length of the character at `text` if it is to be escaped, and its number; else 0. */
static size_t hidden(const unsigned char *text, size_t length, bool lines, uint32_t *number)
{
    *number = text[0];
    if (text[0] < 0x20 || text[0] == 0x7F)
        return lines && (text[0] == '\n' || text[0] == '\t') ? 0 : 1;
    if (text[0] == 0xC2 && length > 1) {
        *number = text[1];
        return text[1] >= 0x80 && text[1] < 0xA0 ? 2 : 0; /* C1 */
    }
    if ((text[0] != 0xE2 && text[0] != 0xEF) || length < 3 || (text[1] & 0xC0) != 0x80 || (text[2] & 0xC0) != 0x80)
        return 0;
    *number = (uint32_t)(text[0] & 15) << 12 | (uint32_t)(text[1] & 63) << 6 | (uint32_t)(text[2] & 63);
    const bool turns = *number == 0x200E || *number == 0x200F || (*number >= 0x2028 && *number <= 0x202E) ||
                       (*number >= 0x2066 && *number <= 0x2069);
    return turns || *number >= 0xFFFE ? 3 : 0;
}

bool lci_is_shown(const char *text, size_t length, bool lines)
{
    uint32_t number;
    for (size_t i = 0; i < length; i++)
        if (hidden((const unsigned char *)text + i, length - i, lines, &number) > 0)
            return false;
    return true;
}

char *lci_shown(const char *text, size_t length, bool lines)
{
    static const char letters[] = "\nn\tt\rr";
    struct lci_buffer out = {0};
    size_t done = 0;
    for (size_t i = 0, step; i < length; i += step) {
        uint32_t number;
        step = hidden((const unsigned char *)text + i, length - i, lines, &number);
        if (step == 0) {
            step = 1;
            continue;
        }
        lci_buffer_put(&out, text + done, i - done);
        done = i + step;
        const char *letter = number != 0 && number < ' ' ? strchr(letters, (int)number) : NULL;
        if (letter != NULL)
            lci_buffer_add(&out, "\\%c", letter[1]);
        else
            lci_buffer_add(&out, number < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)number);
    }
    lci_buffer_put(&out, text + done, length - done);
    return lci_buffer_take(&out);
}
