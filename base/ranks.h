/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes of the same program that work together (MPI), on one machine or many. Rank 0 is the program that a person
 * started: it reads, decides, prints and writes. The others serve: they take a piece of work, send back what came of
 * it, and know nothing of files but traces that they are told to read. So a result can depend on their number only
 * where one piece of work depends on another, which none does.
 *
 * Built without MPI (-DLOADCAST_MPI=ON), or started without mpirun, there is one rank, and nothing here costs anything.
 */
#ifndef LCI_BASE_RANKS_H
#define LCI_BASE_RANKS_H

#include "base/pack.h"

#include <stdatomic.h>

bool lci_ranks_built(void); /* with MPI */
/* How many processes the launcher started, by what it left in the environment (Open MPI, MPICH, Slurm); 1: none did.
 * And which of them this one is. */
unsigned lci_ranks_launched(void);
unsigned lci_ranks_launched_as(void);
bool lci_ranks_managed(void); /* by a launcher, be it one process only */

/* First of all in main(): joins the others, if there are any. The process that goes on is a child whose death its
 * parent turns into an exit status of the contract: of a rank that is killed, mpirun would say 128 + 9. */
void lci_ranks_start(void);
unsigned lci_ranks_count(void); /* 1: alone */
unsigned lci_rank(void);
/* Threads that each rank has for itself: the cores that it may use, shared by the ranks of its machine. */
unsigned lci_ranks_threads(void);

enum lci_errand {                          /* what rank 0 asks of others */
                  LCI_ERRAND_SIMULATE,     /* a model, whole: sim/elsewhere.c */
                  LCI_ERRAND_CURVES,       /* the same over time */
                  LCI_ERRAND_REPLICATIONS, /* some of a model's */
                  LCI_ERRAND_READ,         /* a part of the traces: fit/network/parts.c */
                  LCI_ERRANDS
};

/* Whether a rank on this machine is gone, which was told by who watched it. May be called in a signal handler. */
bool lci_ranks_lost(void);

/* ---- of rank 0, from any thread ---------------------------------------------------------------------------------- */

/* Takes up to `wanted` ranks that do nothing; returns how many, with their numbers. */
unsigned lci_ranks_take(unsigned wanted, unsigned *ranks);
void lci_ranks_give(unsigned rank);
/* To a rank that the caller has taken, and the answer, for which it waits. Where a rank says that it cannot go on (out
 * of memory), its message is the program's, which ends. */
void lci_ranks_send(unsigned rank, enum lci_errand work, const struct lci_buffer *message);
void lci_ranks_receive(unsigned rank, struct lci_buffer *answer);
/* Tells, to who asked for the volume (LOADCAST_MPI_VOLUME), why something is not spread. */
void lci_ranks_tell(const char *why);

/* ---- of the others ----------------------------------------------------------------------------------------------- */

/* What a rank does with a message; `out` is the answer. */
typedef void (*lci_rank_work)(struct lci_pack *in, struct lci_buffer *out);
/* Not 0 once somebody asked for the end (SIGUSR1): what is simulated here stops, with what is known. A signal sets it.
 */
atomic_int *lci_ranks_stop(void);
/* Serves until rank 0 ends. */
_Noreturn void lci_ranks_serve(const lci_rank_work work[LCI_ERRANDS]);
/* Ends all of them with one line from rank 0, and the status. Allocates nothing. On rank 0 it returns. */
void lci_ranks_give_up(int status, const char *text);

#endif
