/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The schema of our own model format (docs/model-format.md) as tables of fields. One table serves reading and writing,
 * in YAML and in JSON: a new attribute of a model is one line of its table in schema_model.c. */
#ifndef LOADCAST_FORMAT_SCHEMA_H
#define LOADCAST_FORMAT_SCHEMA_H

#include "base/text.h"
#include "format/document.h"
#include "format/lqn_build.h"
#include "model/format/node.h"

/* Reading under way. All elements exist when their fields are read, so that fields may refer to any of them. */
struct lci_reader {
    struct lci_build build;
    double unit; /* seconds of the model's unit of time; 0: seconds, and times and rates must carry their unit */
    int task;    /* whose fields are read */
    const struct lci_node *key; /* of the value that is read */
};

/* Writing under way. */
struct lci_layout {
    const struct lc_model *model;
    const struct lc_task *task; /* that is written */
    struct lc_diag *diag;
};

struct lci_field;
struct lci_type {
    void (*read)(struct lci_reader *r, const struct lci_field *f, const struct lci_node *node, void *value);
    /* False: the value is the default and left out. */
    bool (*write)(const struct lci_layout *l, const struct lci_field *f, const void *value, struct lci_doc *doc);
    /* What stands in a file, for schemas and the reference: names of shapes (schema_json.h), with '[call]' for a list,
     * '{number}' for a map from any names, and '|' between alternatives. */
    const char *shape;
};

struct lci_field {
    const char *name; /* beginning with '^': a regular expression that keys match (ECMA 262), in schemas alone */
    const struct lci_type *type;
    size_t offset;                  /* of the value in the element */
    double standard;                /* default of numbers and flags */
    const char *const *words;       /* of lci_type_word: the words of an enumeration from 0, ends with NULL */
    const char *about;              /* one sentence for people, in editors and in docs/keys.md */
    const char *shape;              /* where it is not that of the type */
    const struct lci_field *fields; /* of lci_type_map */
};

/* A table of fields (ends with a name that is NULL) and the element that they are of. */
struct lci_part {
    const struct lci_field *fields;
    void *element;
    const struct lci_type
        *type; /* reads all fields, into the element itself, instead of their own types; NULL: none does */
};
/* Reads a map (nothing at all is an empty one), in the order of the file. Returns which parts had a key: bit i for
 * parts[i]. */
unsigned lci_read_fields(struct lci_reader *r, const struct lci_node *node, const char *what,
                         const struct lci_part *parts, size_t count);
/* Where keys hang together, readers look at the values of several at once: a table names the keys, and reading it fills
 * a struct of the nodes that were found, NULL where there is none. */
extern const struct lci_type lci_type_node; /* const struct lci_node * */
#define LCI_NODE(of, key, shape_, about_)                                                                              \
    {                                                                                                                  \
#key, &lci_type_node, offsetof(struct of, key), .shape = (shape_), .about = (about_)                           \
    }
/* 0, or −1 where `node` is no map or has other keys. */
int lci_read_nodes(const struct lci_node *node, const char *what, const struct lci_field *fields, void *nodes,
                   struct lc_diag *diag);

/* Puts what is not default into the map. */
void lci_write_fields(const struct lci_layout *l, const struct lci_field *fields, const void *element,
                      struct lci_doc *map);

/* Simple types, and the C type of the value. */
extern const struct lci_type lci_type_text;         /* char *, owned */
extern const struct lci_type lci_type_number;       /* double, no unit */
extern const struct lci_type lci_type_time;         /* double in the model's unit */
extern const struct lci_type lci_type_rate;         /* double per unit of the model */
extern const struct lci_type lci_type_count;        /* uint32_t from 1, or "infinite" */
extern const struct lci_type lci_type_size;         /* uint32_t from 0 */
extern const struct lci_type lci_type_integer;      /* int */
extern const struct lci_type lci_type_flag;         /* bool */
extern const struct lci_type lci_type_word;         /* an enumeration */
extern const struct lci_type lci_type_map;          /* an element with the `fields`, left out where all are default */
extern const struct lci_type lci_type_distribution; /* struct lc_dist */
extern const struct lci_type lci_type_pattern;      /* struct lc_pattern */
extern const struct lci_type lci_type_flow;         /* struct lc_task: its precedences */

/* A number in the model's unit: plain, or with a unit that is converted (LC_TIME, LC_RATE). −1 and an error if it is
 * none. */
int lci_read_number(struct lci_reader *r, const struct lci_node *node, enum lc_dimension dimension, const char *what,
                    double *value);

/* Keys of maps for which no field of an element stands. */
extern const struct lci_field lci_pattern_fields[], lci_mmpp_fields[], lci_moment_fields[], lci_phase_type_fields[];

/* The tables of the elements. */
extern const struct lci_tables {
    const struct lci_field *processor, *group, *task, *solver;
    const struct lci_shape *shapes; /* schema_json.h */
} lci_tables;

/* The whole of a model from a text that `parser` understands; NULL with errors appended. Not checked. */
typedef struct lci_node *lci_tree_parser(const char *text, size_t length, const char *name, struct lc_diag *diag);
struct lc_model *lci_model_of_text(lci_tree_parser *parser, const char *text, size_t length, const char *name,
                                   struct lc_diag *diag);
/* The whole of a model as a document. */
struct lci_doc lci_model_layout(const struct lc_model *model, struct lc_diag *diag);

#endif
