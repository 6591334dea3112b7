/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SIGINT, SIGTERM, SIGHUP and SIGUSR1 end the program at once, without half-written files; while it simulates, the
 * first one asks for the end: simulations stop soon, and what is known then is reported. Of many ranks only SIGUSR1
 * asks: the others are sent by launchers as well when a rank has died, whose answer would never come. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/ranks.h"
#include "base/temporary.h"
#include "cli.h"

static atomic_int caught; /* the signal that asked; 0: none */
static atomic_bool asking;
static bool terminal;

static const char *name_of(int signal)
{
    return signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : signal == SIGHUP ? "SIGHUP" : "SIGUSR1";
}

/* In a signal handler. */
static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* nobody listens */
}

static void end(int signal)
{
    lci_temporary_end_all();
    if (lci_rank() > 0 || lci_ranks_lost()) /* rank 0 tells, unless who watched a rank has told */
        _exit(128 + signal);
    if (terminal)
        say("\r\033[K"); /* a progress bar */
    say("loadcast: stopped by ");
    say(name_of(signal));
    if (lci_ranks_count() > 1 && signal != SIGUSR1)
        say(", which mpirun sends when another rank has died,");
    say(" before the end; what was not written whole is removed\n");
    _exit(128 + signal);
}

static void on_signal(int signal)
{
    int none = 0;
    if (signal == SIGUSR1 && lci_rank() > 0) {
        atomic_store(lci_ranks_stop(), 1);
        return;
    }
    if (signal == SIGUSR1 && atomic_load(&caught) == SIGUSR1)
        return; /* it comes from the launcher, and once more from who watches this rank */
    const bool asks = atomic_load(&asking) && (signal == SIGUSR1 || lci_ranks_count() == 1);
    if (!asks || !atomic_compare_exchange_strong(&caught, &none, signal))
        end(signal);
}

void cli_end_by_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    terminal = cli_is_terminal(STDERR_FILENO);
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct sigaction before;
        if (sigaction(ends[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup and the like */
            sigaction(ends[i], &action, NULL);
    }
}

const atomic_int *cli_stop(void)
{
    atomic_store(&asking, true);
    return &caught;
}

int cli_stopped(void)
{
    return atomic_load(&caught);
}

const char *cli_stopped_by(void)
{
    return cli_stopped() != 0 ? name_of(cli_stopped()) : NULL;
}
