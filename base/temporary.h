/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Temporary files beside what they are to become. None stays: each is removed when the program ends, by exit() or by a
 * signal that can be caught, and what a program left that was killed, the next one removes. */
#ifndef LCI_BASE_TEMPORARY_H
#define LCI_BASE_TEMPORARY_H

struct lci_temporary {
    char *path; /* NULL: none */
    int slot;
};

/* A new file in the folder of `target`, with the permissions that a new file gets there, once those of dead programs
 * are removed. Returns its descriptor, open for reading and writing; −1 and errno on failure. As long as that is open,
 * nobody takes the file for one of a dead program: close it last. */
int lci_temporary_make(const char *target, struct lci_temporary *t);
/* Renames the file, which then is no temporary one, durably. −1 and errno on failure. */
int lci_temporary_become(struct lci_temporary *t, const char *target);
/* Removes the file, if there is one, with what SQLite keeps beside it. */
void lci_temporary_end(struct lci_temporary *t);
/* Removes what dead programs left in the folder of `target`. */
void lci_temporary_sweep(const char *target);
/* Removes all files of this process that lci_temporary_end() has not seen. May be called in a signal handler. */
void lci_temporary_end_all(void);

#endif
