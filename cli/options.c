/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ranks.h"
#include "base/text.h"
#include "cli.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void cli_usage_error(const struct cli_command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = lc_vformat(format, arguments);
    va_end(arguments);
    fprintf(stderr, "loadcast: %s; see 'loadcast %s --help'\n", text, command->name);
    free(text);
    exit(LC_USAGE);
}

#define COMMON_COUNT 8
#define MOST_OPTIONS                                                                                                   \
    64 /* of a command, with the common ones: lists of them stand on the stack, where exit() leaks none */

static void common_options(struct cli_common *c, bool *help, bool *version, unsigned *seed, struct cli_option *to)
{
    const struct cli_option all[COMMON_COUNT] = {
        {"json", 0, CLI_TEXT, "FILE|-", "write the machine-readable result", &c->json},
        {"jobs", 'j', CLI_COUNT, "N", "threads (one per core)", &c->jobs},
        {"seed", 0, CLI_COUNT, "N", "seed of the random numbers (1)", seed},
        {"quiet", 'q', CLI_FLAG, NULL, "errors and results only", &c->quiet},
        {"verbose", 'v', CLI_FLAG, NULL, "say more on the way", &c->verbose},
        {"no-color", 0, CLI_FLAG, NULL, "no colours, whatever the terminal", &c->no_color},
        {"help", 'h', CLI_FLAG, NULL, "this text", help},
        {"version", 0, CLI_FLAG, NULL, "the program's version", version},
    };
    memcpy(to, all, sizeof all);
}

static void print_options(const struct cli_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options[i].name, options[i].argument ? " " : "",
                 options[i].argument ? options[i].argument : "");
        if (options[i].letter)
            printf("  -%c, %-26s %s\n", options[i].letter, left, options[i].help);
        else
            printf("      %-26s %s\n", left, options[i].help);
    }
}

static void print_help(const struct cli_command *command, const struct cli_option *options, size_t own,
                       const struct cli_option *common)
{
    printf("usage: loadcast %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    if (command->ranks && lci_ranks_built())
        printf("\non many cores or machines, with the same bytes: mpirun -n 64 loadcast %s … --jobs 1\n",
               command->name);
    printf("\noptions:\n");
    print_options(options, own);
    if (own > 0)
        printf("\n");
    print_options(common, COMMON_COUNT);
}

static const struct cli_option *find(const struct cli_option *options, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

static const struct cli_option *find_letter(const struct cli_option *options, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].letter == letter)
            return &options[i];
    return NULL;
}

static void quantity(const struct cli_command *command, const struct cli_option *o, const char *text,
                     enum lc_dimension dimension)
{
    if (lci_quantity(text, dimension, o->value, NULL, NULL) != 0)
        cli_usage_error(command, "--%s: '%s' is not %s", o->name, text,
                        dimension == LC_TIME       ? "a time such as '30 s' or '5 min'"
                        : dimension == LC_FRACTION ? "a fraction such as '2 %' or 0.02"
                                                   : "a number");
}

static void store(const struct cli_command *command, const struct cli_option *o, const char *text)
{
    switch (o->type) {
    case CLI_FLAG: *(bool *)o->value = true; break;
    case CLI_TEXT: *(const char **)o->value = text; break;
    case CLI_TEXTS: {
        struct cli_texts *list = o->value;
        list->items = lc_realloc(list->items, list->count + 2, sizeof *list->items);
        list->items[list->count++] = text;
        list->items[list->count] = NULL;
        break;
    }
    case CLI_NUMBER: quantity(command, o, text, LC_NUMBER); break;
    case CLI_TIME: quantity(command, o, text, LC_TIME); break;
    case CLI_FRACTION: quantity(command, o, text, LC_FRACTION); break;
    case CLI_COUNT: {
        char *end;
        errno = 0;
        const unsigned long n = strtoul(text, &end, 10);
        if (end == text || *end != 0 || text[0] == '-' || errno != 0 || n > UINT32_MAX - 1)
            cli_usage_error(command, "--%s: '%s' is not a whole number", o->name, text);
        *(unsigned *)o->value = (unsigned)n;
        break;
    }
    }
}

static _Noreturn void unknown(const struct cli_command *command, const struct cli_option *all, size_t count,
                              const char *word)
{
    const char *names[MOST_OPTIONS + 1];
    for (size_t i = 0; i < count; i++)
        names[i] = all[i].name;
    names[count] = NULL;
    const char *nearest = lci_nearest(word + (word[1] == '-' ? 2 : 1), names);
    if (nearest != NULL)
        cli_usage_error(command, "there is no option '%s'; did you mean '--%s'?", word, nearest);
    cli_usage_error(command, "there is no option '%s'", word);
}

/* The option that `word` names, and the value that is glued to it (--name=value, -j4) or NULL. */
static const struct cli_option *look_up(const struct cli_command *command, const struct cli_option *all, size_t count,
                                        const char *word, const char **glued)
{
    const struct cli_option *o;
    *glued = NULL;
    if (word[1] == '-') {
        const char *name = word + 2;
        const size_t length = strcspn(name, "=");
        o = find(all, count, name, length);
        if (name[length] == '=')
            *glued = name + length + 1;
    } else {
        o = find_letter(all, count, word[1]);
        if (word[2] != 0)
            *glued = word[2] == '=' ? word + 3 : word + 2;
    }
    if (o == NULL)
        unknown(command, all, count, word);
    return o;
}

void cli_version(void)
{
    printf("loadcast %s%s\n", LOADCAST_VERSION, lci_ranks_built() ? ", with MPI" : "");
}

int cli_parse(const struct cli_command *command, int argc, char **argv, struct cli_option *options,
              struct cli_common *common)
{
    bool help = false, version = false;
    unsigned seed = UINT32_MAX;
    size_t own = 0;
    *common = (struct cli_common){.seed = 1};
    struct cli_option all[MOST_OPTIONS];
    for (; options != NULL && options[own].name != NULL; own++) {
        assert(own + 1 + COMMON_COUNT <= MOST_OPTIONS);
        all[own] = options[own];
    }
    common_options(common, &help, &version, &seed, all + own);
    int operands = 0;
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        if (only_operands || word[0] != '-' || word[1] == 0) {
            argv[operands++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        const char *value;
        const struct cli_option *o = look_up(command, all, own + COMMON_COUNT, word, &value);
        if (o->type == CLI_FLAG && value != NULL)
            cli_usage_error(command, "--%s takes no value", o->name);
        if (o->type != CLI_FLAG && value == NULL) {
            if (i + 1 >= argc)
                cli_usage_error(command, "--%s needs a value (%s)", o->name, o->argument);
            value = argv[++i];
        }
        store(command, o, value);
    }
    if (help || version) {
        if (help)
            print_help(command, all, own, all + own);
        else
            cli_version();
        exit(cli_finish(LC_OK));
    }
    if (common->jobs == 0)
        common->jobs = lci_ranks_threads();
    common->seed_given = seed != UINT32_MAX;
    if (common->seed_given)
        common->seed = seed;
    argv[operands] = NULL;
    return operands;
}
