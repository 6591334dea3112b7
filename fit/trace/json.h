/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON as a stream of wanted values. A reader describes with static tables which keys of which objects it wants; all
 * else is skipped as cheaply as possible. Arrays are transparent: the elements of an array count as values of the
 * array's key, at any depth of nesting, so that `[[{…}]]` and `{…}` look the same.
 */
#ifndef LCI_TRACE_JSON_H
#define LCI_TRACE_JSON_H

#include "loadcast/base.h"

#include <string.h>

/* Nesting deeper than this is refused: no trace format needs a tenth of it. */
#define LCI_JSON_DEPTH 200
/* The longest string, number or run of blanks that is read. */
#define LCI_JSON_TOKEN ((size_t)8 << 20)

enum lci_json_type { LCI_STRING, LCI_NUMBER, LCI_BOOLEAN, LCI_NULL }; /* null counts as absent, but in tables */

struct lci_object;
struct lci_json_field {
    const char *key;
    uint8_t length;
    uint8_t id;                      /* what the reader calls it; 0: nothing but the object below is wanted */
    const struct lci_object *object; /* objects that are its value or in its array; NULL: skipped */
};
struct lci_object {
    uint8_t id;                          /* what the reader calls it */
    uint8_t count;                       /* of fields */
    const struct lci_json_field *fields; /* likely order first: the field after the one found last is tried first */
    const struct lci_json_field *any;    /* for keys that are not listed; may be NULL */
};
#define LCI_FIELD(key_, id_, object_)                                                                                  \
    {                                                                                                                  \
        .key = (key_), .length = sizeof(key_) - 1, .id = (id_), .object = (object_)                                    \
    }
#define LCI_OBJECT(id_, table)                                                                                         \
    {                                                                                                                  \
        .id = (id_), .count = sizeof(table) / sizeof *(table), .fields = (table)                                       \
    }

struct lci_json_cell { /* a number, a text, true or false; without length: null or an empty text */
    const char *text;
    size_t length;
};
#define LCI_JSON_CELLS 512 /* of a row, at the most */

/* What a reader does. Texts are valid during the call only and do not end with 0. */
struct lci_grammar {
    const struct lci_object *root;
    void (*begin)(void *reader, unsigned object);
    void (*end)(void *reader, unsigned object);
    void (*value)(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length);
    void (*any_key)(void *reader, unsigned object, const char *text, size_t length); /* a key matched by `any` */
    /* For tables, whose cells are told by their places: an array of a wanted field begins or ends. With it, null is a
     * value. Returns whether the array is a row: when all of its cells are plain, which takes no parser to see, they
     * come together by `cells`. Both are NULL otherwise. */
    bool (*array)(void *reader, unsigned field, bool begin);
    void (*cells)(void *reader, const struct lci_json_cell *cells, size_t count);
};

struct lci_json;
struct lci_json *lci_json_new(const struct lci_grammar *grammar, void *reader);
void lci_json_free(struct lci_json *json);
struct lci_json_error {
    int64_t offset; /* from the first of the bytes that were fed last; from their end in lci_json_finish */
    char text[200];
};
/* Both return 0, or −1 with what is wrong; nothing may be fed after that but after lci_json_restart. */
int lci_json_feed(struct lci_json *json, const char *bytes, size_t length, struct lci_json_error *error);
int lci_json_finish(struct lci_json *json, struct lci_json_error *error);
/* Whether an object or array is open. */
bool lci_json_open(const struct lci_json *json);
/* How many values were neither an object nor null where objects alone are wanted, so far, and the key of the first. */
uint64_t lci_json_misplaced(const struct lci_json *json, const char **key);
/* Forgets what is open, as at the beginning. */
void lci_json_restart(struct lci_json *json);

/* Finds the cells of a row behind its bracket, LCI_JSON_CELLS at the most, when all of them are within the bytes and
 * plain. Returns how many bytes they are, up to the closing bracket; 0: they are the parser's. */
size_t lci_json_cells(const char *bytes, size_t length, struct lci_json_cell *cells, size_t *count);

/* A decimal number as JSON writes it, times 10^shift, rounded towards zero. Fractions and exponents are exact. */
enum lci_integer { LCI_INTEGER_OK, LCI_INTEGER_RANGE, LCI_INTEGER_WRONG };
enum lci_integer lci_integer_of(const char *text, size_t length, int shift, int64_t *value);

/* The decimal digits of a number; returns how many there are, with the sign. */
#define LCI_INTEGER_DIGITS 20
size_t lci_integer_text(int64_t value, char text[LCI_INTEGER_DIGITS]);

#endif
