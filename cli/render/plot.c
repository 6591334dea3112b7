/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

FILE *plot_begin(int width, int height, struct lc_diag *diag)
{
    FILE *script = tmpfile();
    if (script == NULL) {
        lc_error(diag, LC_MACHINE, NULL, "a temporary file for a plot cannot be made: %s", strerror(errno));
        return NULL;
    }
    fprintf(script,
            "set encoding utf8\n"
            "set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,12' background '#ffffff'\n"
            "set border linecolor '#444444'\nset grid linecolor '#dddddd'\nset tics nomirror\n"
            "set style fill solid noborder\nset style data lines\nunset key\n",
            width, height);
    static const char *const colours[] = {"1f6fb4", "cc3333", "2a9d4e", "d08a00",
                                          "7b52ab", "008b8b", "c2528b", "555555"};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        fprintf(script, "set linetype %zu linecolor '#%s' linewidth 1.5 pointtype 7 pointsize 0.4\n", i + 1,
                colours[i]);
    return script;
}

/* Within single quotes gnuplot takes everything as it stands, but quotes, and strings end with the line. */
void plot_string(FILE *script, const char *text)
{
    fputc('\'', script);
    for (; *text != 0; text++) {
        if (*text == '\'')
            fputc('\'', script);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, script);
    }
    fputc('\'', script);
}

/* Reads `in`, writes `out` and `messages`; the exit status of gnuplot, or −1 when it cannot be run. */
static int draw(FILE *in, FILE *out, FILE *messages)
{
    char name[] = "gnuplot", plain[] = "--default-settings", input[] = "-";
    char *arguments[] = {name, plain, input, NULL};
    posix_spawn_file_actions_t actions;
    pid_t process;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(messages), STDERR_FILENO);
    errno = posix_spawnp(&process, name, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (errno != 0)
        return -1;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* A line of SVG with `picture` in front of every name that it gives or refers to. */
static void put_line(const char *line, unsigned picture, FILE *out)
{
    static const char *const marks[] = {"id='", "id=\"", "href='#", "url(#"};
    while (*line != 0) {
        size_t length = 0;
        for (size_t i = 0; i < sizeof marks / sizeof *marks && length == 0; i++)
            if (strncmp(line, marks[i], strlen(marks[i])) == 0)
                length = strlen(marks[i]);
        if (length > 0)
            fprintf(out, "%.*sp%u-", (int)length, line, picture);
        else
            fputc(*line++, out);
        line += length;
    }
}

/* Without what must not stand within a page, when it is one: `picture` is 0 otherwise. */
static void copy(FILE *from, unsigned picture, FILE *out)
{
    char *line = NULL;
    size_t size = 0;
    rewind(from);
    while (getline(&line, &size, from) > 0)
        if (picture == 0)
            fputs(line, out);
        else if (strncmp(line, "<?xml", 5) != 0)
            put_line(line, picture, out);
    free(line);
}

/* The first line that says something. */
static void explain(FILE *messages, struct lc_diag *diag)
{
    char line[512] = "";
    rewind(messages);
    while (fgets(line, sizeof line, messages) != NULL && strspn(line, " \t\n^") == strlen(line))
        ;
    line[strcspn(line, "\n")] = 0;
    lc_error(diag, LC_MACHINE, NULL, "gnuplot cannot draw the plot: %s", line);
}

static int finish(FILE *script, unsigned picture, FILE *out, struct lc_diag *diag)
{
    FILE *drawn = tmpfile(), *messages = tmpfile();
    int status = -1;
    if (drawn == NULL || messages == NULL || fflush(script) != 0 || ferror(script)) {
        lc_error(diag, LC_MACHINE, NULL, "a temporary file for a plot cannot be written: %s", strerror(errno));
    } else {
        rewind(script);
        status = draw(script, drawn, messages);
        if (status == 0)
            copy(drawn, picture, out);
        else if (status > 0)
            explain(messages, diag);
        else
            lc_error(diag, LC_MACHINE, NULL, "gnuplot cannot be run: %s; install it (Debian: gnuplot-nox)",
                     strerror(errno));
    }
    fclose(script);
    if (drawn != NULL)
        fclose(drawn);
    if (messages != NULL)
        fclose(messages);
    return status == 0 ? 0 : -1;
}

int plot_alone(FILE *script, FILE *out, struct lc_diag *diag)
{
    return finish(script, 0, out, diag);
}

int plot_within(FILE *script, struct plot_page *page, struct lc_diag *diag)
{
    fputs("<div class=\"plot\">", page->out);
    const int status = finish(script, ++page->pictures, page->out, diag);
    fputs("</div>\n", page->out);
    return status;
}
