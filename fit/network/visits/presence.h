/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many of something there were at a time, in bounded memory: looked at at instants that are multiples of a power of
 * two of nanoseconds, the least one with which all times span at most LCI_MOST_INSTANTS. What is found depends on the
 * set of intervals alone, neither on their order nor on how they were divided.
 */
#ifndef LCI_NETWORK_PRESENCE_H
#define LCI_NETWORK_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LCI_MOST_INSTANTS 4096

struct lci_change { /* at an instant, of a shift that instants had once */
    int64_t instant;
    int32_t by;
    unsigned shift;
};

struct lci_presence {
    unsigned shift;         /* instants are multiples of 2^shift ns */
    int64_t first;          /* number of the first instant */
    size_t count;           /* instants; 0: nothing was added */
    int32_t *changes;       /* that many more are there at an instant than at the one before; NULL: they are in `few` */
    struct lci_change *few; /* in any order, as long as they take less memory */
    size_t few_count, few_capacity;
};

/* Something was there from `begin` until before `end`, ns. */
void lci_presence_add(struct lci_presence *presence, int64_t begin, int64_t end);
/* Counts something at a time, in the unit in which `shift` is 0: `changes` are then numbers between instants. */
void lci_presence_count(struct lci_presence *presence, int64_t time);
/* Adds what another one saw. */
void lci_presence_merge(struct lci_presence *presence, const struct lci_presence *other);
/* The changes at all instants: those of the presence, or `scratch`, which has room for LCI_MOST_INSTANTS. */
const int32_t *lci_presence_changes(const struct lci_presence *presence, int32_t *scratch);
void lci_presence_free(struct lci_presence *presence);

#endif
