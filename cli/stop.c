/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SIGINT and SIGTERM ask for the end: simulations stop soon, and what is known then is reported. */
#include <signal.h>
#include <string.h>

#include "cli.h"

static atomic_int caught; /* the signal; 0: none */

static void ask(int signal)
{
    atomic_store(&caught, signal);
}

const atomic_int *cli_stop(void)
{
    struct sigaction action = {.sa_handler = ask, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    static const int asks[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        struct sigaction before;
        if (sigaction(asks[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup and the like */
            sigaction(asks[i], &action, NULL);
    }
    return &caught;
}

int cli_stopped(void)
{
    return atomic_load(&caught);
}

const char *cli_stopped_by(void)
{
    return cli_stopped() == SIGINT ? "SIGINT" : "SIGTERM";
}
