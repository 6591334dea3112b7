/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Digits, eight at a time: as bytes of one word, which arithmetic on the word tests and adds up all at once.
 */
#ifndef LCI_BASE_DIGITS_H
#define LCI_BASE_DIGITS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LCI_EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Eight bytes, the first one lowest. */
static inline uint64_t lci_eight_bytes(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return le64toh(word);
}

/* Value of eight decimal digits as the bytes of a word; false: one of them is none. */
static inline bool lci_digits_of_word(uint64_t word, uint64_t *value)
{
    const uint64_t high = LCI_EACH_BYTE(0xF0);
    if (((word & high) | ((word + LCI_EACH_BYTE(6)) & high) >> 4) != LCI_EACH_BYTE(0x33))
        return false;
    word = (word & ~high) * 2561 >> 8; /* pairs, fours, all */
    word = (word & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;
    *value = (word & UINT64_C(0x0000FFFF0000FFFF)) * UINT64_C(42949672960001) >> 32;
    return true;
}

static inline bool lci_eight_digits(const char *text, uint64_t *value)
{
    return lci_digits_of_word(lci_eight_bytes(text), value);
}

/* Value of a text that is nothing but 1 to 16 decimal digits; false: it is not. */
static inline bool lci_all_digits(const char *text, size_t length, uint64_t *value)
{
    if (length >= 8 && length <= 16) { /* those before the last eight are moved behind noughts */
        const unsigned shift = 8 * (unsigned)(16 - length);
        uint64_t first = 0, last;
        const uint64_t noughts = LCI_EACH_BYTE('0') >> 1 >> (63 - (shift & 63));
        if (length > 8 && !lci_digits_of_word(lci_eight_bytes(text) << (shift & 63) | noughts, &first))
            return false;
        const bool right = lci_digits_of_word(lci_eight_bytes(text + length - 8), &last);
        *value = 100000000 * first + last;
        return right;
    }
    if (length >= 4 && length < 8) {
        uint32_t first, last; /* overlap, and cover all */
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        const uint64_t word = (uint64_t)le32toh(first) << (64 - 8 * length) | (uint64_t)le32toh(last) << 32;
        return lci_digits_of_word(word | LCI_EACH_BYTE('0') >> 8 * length, value);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned digit = (unsigned)text[i] - '0';
        if (digit > 9 || length > 16)
            return false;
        sum = 10 * sum + digit;
    }
    *value = sum;
    return length > 0;
}

/* Reads decimal digits, at the most 19, which cannot overflow; returns how many there are. */
static inline size_t lci_digits(const char *text, size_t length, uint64_t *value)
{
    uint64_t sum = 0, eight;
    size_t at = 0;
    length = length < 19 ? length : 19;
    for (; length - at >= 8 && lci_eight_digits(text + at, &eight); at += 8)
        sum = 100000000 * sum + eight;
    for (unsigned digit; at < length && (digit = (unsigned)text[at] - '0') <= 9; at++)
        sum = 10 * sum + digit;
    *value = sum;
    return at;
}

/* Value of sixteen hexadecimal digits of either case; false: one of them is none. */
static inline bool lci_sixteen_hex_digits(const char *text, uint64_t *value)
{
    typedef uint8_t bytes __attribute__((vector_size(16)));
    typedef uint16_t pairs __attribute__((vector_size(16)));
    typedef uint8_t halves __attribute__((vector_size(8)));
    bytes each;
    memcpy(&each, text, sizeof each);
    const bytes digit = each - '0', letter = (each | 0x20) - 'a';
    const bytes is_digit = (bytes)(digit < 10), is_letter = (bytes)(letter < 6), is_right = is_digit | is_letter;
    uint64_t right[2];
    memcpy(right, &is_right, sizeof right);
    if ((right[0] & right[1]) != UINT64_MAX)
        return false;
    const pairs two = (pairs)((digit & is_digit) | ((letter + 10) & is_letter));
#if __BYTE_ORDER == __LITTLE_ENDIAN
    const halves packed = __builtin_convertvector((two << 4 | two >> 8) & 0xFF, halves);
#else
    const halves packed = __builtin_convertvector((two >> 4 | two) & 0xFF, halves);
#endif
    memcpy(value, &packed, sizeof *value);
    *value = be64toh(*value);
    return true;
}

#endif
