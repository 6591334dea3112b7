/* SPDX-License-Identifier: GPL-3.0-or-later
 * Declares cmd_NAME for every command of commands.def. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "cli.h"

#define COMMAND(name) extern const struct cli_command cmd_##name;
#include "commands.def"
#undef COMMAND

#endif
