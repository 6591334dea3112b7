/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Protocol Buffers as a stream of wanted fields. A reader describes with static tables which fields of which messages
 * it wants; all else is skipped by its wire type, as the encoding demands of readers.
 * https://protobuf.dev/programming-guides/encoding/
 */
#ifndef LCI_TRACE_PROTOBUF_H
#define LCI_TRACE_PROTOBUF_H

#include "loadcast/base.h"

/* Messages inside of messages deeper than this are refused. */
#define LCI_PROTOBUF_DEPTH 64
/* The longest message or text that is held in memory as a whole. */
#define LCI_PROTOBUF_HELD ((size_t)64 << 20)

enum lci_wire { LCI_VARINT, LCI_FIXED64, LCI_BYTES, LCI_FIXED32 = 5 };

struct lci_message;
struct lci_message_field {
    uint8_t number; /* in the message */
    uint8_t wire;   /* enum lci_wire */
    uint8_t id;     /* what the reader calls it, when it is no message */
    const struct lci_message *message;
};
struct lci_message {
    uint8_t id;    /* what the reader calls it */
    uint8_t count; /* of fields */
    bool streamed; /* too large to be held as a whole; of the outermost ones only */
    bool pair;     /* field 1 is a key, 2 a text or a message whose field 1 is a text: what nearly all messages are */
    uint8_t as;    /* the field that had the number `old` (0: none) in former versions of the format */
    uint16_t old;
    const char *name;                       /* in messages of errors: "a span" */
    const struct lci_message_field *fields; /* by number: [n] is field n, with number 0 where it is not wanted */
};
#define LCI_MESSAGE(id_, name_, table, ...)                                                                            \
    {                                                                                                                  \
        .id = (id_), .count = sizeof(table) / sizeof *(table), .name = (name_), .fields = (table), __VA_ARGS__         \
    }
#define LCI_NUMBER(number_, wire_, id_) [number_] = {.number = (number_), .wire = (wire_), .id = (id_)}
#define LCI_TEXT(number_, id_)          [number_] = {.number = (number_), .wire = LCI_BYTES, .id = (id_)}
#define LCI_INNER(number_, message_)    [number_] = {.number = (number_), .wire = LCI_BYTES, .message = (message_)}

/* What a reader does. Texts are valid during the call only and do not end with 0. */
struct lci_message_grammar {
    const struct lci_message *root;
    bool (*begin)(void *reader, unsigned message); /* false: the message is skipped, without an end */
    void (*end)(void *reader, unsigned message);
    void (*text)(void *reader, unsigned field, const char *text, size_t length);
    void (*number)(void *reader, unsigned field, uint64_t number); /* as it lies there; fixed32 too */
    /* A message that is a pair, all of whose fields are there and in order, instead of all of the above; NULL: never.
     */
    void (*pair)(void *reader, unsigned message, const char *key, size_t key_length, const char *text, size_t length);
};

struct lci_protobuf;
struct lci_protobuf *lci_protobuf_new(const struct lci_message_grammar *grammar, void *reader);
void lci_protobuf_free(struct lci_protobuf *protobuf);
struct lci_protobuf_error {
    int64_t offset; /* from the first byte of the input */
    char text[200];
};
/* Both return 0, or −1 with what is wrong; nothing may be fed after that. */
int lci_protobuf_feed(struct lci_protobuf *protobuf, const char *bytes, size_t length,
                      struct lci_protobuf_error *error);
int lci_protobuf_finish(struct lci_protobuf *protobuf, struct lci_protobuf_error *error);

/* Whether bytes begin like a message of this kind: the first field of each message inside the other is one that the
 * tables know, fits into its message and has its wire type. */
bool lci_protobuf_begins(const struct lci_message *root, const char *bytes, size_t length);

#endif
