/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lqn_words.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

static const struct word {
    enum lc_scheduling scheduling;
    const char *xml;
    const char *processor_letters,
        *task_letters; /* the first is written, all are read; "": not for it; "-": XML only */
} words[] = {
    {LC_FCFS, "fcfs", "f", "nf"},
    {LC_HOL, "hol", "h", "h"},
    {LC_PP, "pri", "p", "p"},
    {LC_PP, "pp", "-", "-"}, /* the schema's word, which LQNS does not read */
    {LC_RAND, "rand", "r", "-"},
    {LC_PS, "ps", "s", ""},
    {LC_INF, "inf", "i", "i"},
    {LC_LCFS, "lcfs", "-", ""},
    {LC_CFS, "cfs", "c", ""},
    {LC_REF, "ref", "", "r"},
    {LC_BURST, "burst", "", "b"},
    {LC_UNIFORM, "uniform", "", "u"},
    {LC_POLL, "poll", "", "P"},
    {LC_SEMAPHORE, "semaphore", "", "S"},
    {LC_RWLOCK, "rwlock", "", "Ww"},
    {LC_TIMEOUT, "timeout", "", "-"},
    {LC_ABORT, "abort", "", "-"},
    {LC_RETRY, "retry", "", "-"},
    {LC_INF_RETRY, "inf-retry", "", "-"},
};
enum { WORDS = sizeof words / sizeof *words };

static const char *letters(const struct word *w, bool task)
{
    return task ? w->task_letters : w->processor_letters;
}

const char *lci_lqnx_scheduling(enum lc_scheduling scheduling)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].scheduling == scheduling)
            return words[i].xml;
    return NULL;
}

char lci_lqn_letter(enum lc_scheduling scheduling, bool task)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].scheduling == scheduling) {
            const char letter = letters(&words[i], task)[0];
            return letter == '-' ? 0 : letter;
        }
    return 0;
}

int lci_lqnx_find_scheduling(const char *word, bool task, const char **nearest)
{
    const char *known[WORDS + 1];
    size_t count = 0;
    for (size_t i = 0; i < WORDS; i++)
        if (letters(&words[i], task)[0] != 0) {
            if (strcasecmp(words[i].xml, word) == 0)
                return (int)words[i].scheduling;
            known[count++] = words[i].xml;
        }
    known[count] = NULL;
    *nearest = lci_nearest(word, known);
    return -1;
}

int lci_lqn_find_scheduling(char letter, bool task)
{
    for (size_t i = 0; i < WORDS && letter != '-'; i++)
        if (letter != 0 && strchr(letters(&words[i], task), letter) != NULL)
            return (int)words[i].scheduling;
    return -1;
}

const struct lci_role lci_roles[] = {
    {LC_ROLE_SIGNAL, "semaphore", "signal", 'P'},
    {LC_ROLE_WAIT, "semaphore", "wait", 'V'},
    {LC_ROLE_READ_LOCK, "rwlock", "r-lock", 'R'},
    {LC_ROLE_READ_UNLOCK, "rwlock", "r-unlock", 'U'},
    {LC_ROLE_WRITE_LOCK, "rwlock", "w-lock", 'W'},
    {LC_ROLE_WRITE_UNLOCK, "rwlock", "w-unlock", 'X'},
    {LC_ROLE_NONE, NULL, NULL, 0},
};

const struct lci_role *lci_role_of(enum lc_entry_role role)
{
    const struct lci_role *r = lci_roles;
    while (r->role != role && r->role != LC_ROLE_NONE)
        r++;
    return r;
}
