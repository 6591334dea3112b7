/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words that LQN XML and LQN text use for scheduling disciplines and roles of entries.
 */
#ifndef LOADCAST_FORMAT_LQN_WORDS_H
#define LOADCAST_FORMAT_LQN_WORDS_H

#include "loadcast/lqn.h"

/* Word of LQN XML; NULL where the format has none (LC_OPEN). */
const char *lci_lqnx_scheduling(enum lc_scheduling scheduling);
/* Letter of LQN text for a processor or a task; 0 where the format has none. */
char lci_lqn_letter(enum lc_scheduling scheduling, bool task);

/* The discipline that a word of LQN XML (any case) means for a processor or a task; −1 and the nearest word (or NULL)
 * if it is none of those. */
int lci_lqnx_find_scheduling(const char *word, bool task, const char **nearest);
/* The discipline that a letter of LQN text means, or −1. */
int lci_lqn_find_scheduling(char letter, bool task);

/* Attribute ("semaphore", "rwlock") and word of a role in LQN XML; letter in LQN text. */
struct lci_role {
    enum lc_entry_role role;
    const char *attribute, *word;
    char letter;
};
extern const struct lci_role lci_roles[]; /* ends with LC_ROLE_NONE */
const struct lci_role *lci_role_of(enum lc_entry_role role);

#endif
