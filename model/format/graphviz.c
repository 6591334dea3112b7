/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/graphviz.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

LCI_GRAPHVIZ(LCI_DEFINED)
static const struct lci_function functions[] = {LCI_GRAPHVIZ(LCI_FUNCTION){NULL, NULL}};

/* Its warnings are about the drawing, not about the model. */
static int ignore(char *message)
{
    (void)message;
    return 0;
}

/* In the child: writes the graph to `to`, laid out unless as text. Returns whether it could. */
static bool draw_to(Agraph_t *(*make)(const void *context), const void *context, const char *format, int to)
{
    FILE *out = fdopen(to, "w");
    agseterrf(ignore);
    Agraph_t *graph = make(context);
    char *data = NULL;
    unsigned length = 0;
    if (out == NULL || graph == NULL)
        return false;
    if (strcmp(format, "dot") == 0) {
        agwrite(graph, out);
    } else {
        GVC_t *gvc = gvContext();
        if (gvc == NULL || gvLayout(gvc, graph, "dot") != 0 || gvRenderData(gvc, graph, format, &data, &length) != 0 ||
            data == NULL)
            return false;
        fwrite(data, 1, length, out);
    }
    return fflush(out) == 0;
}

static void copy_all(int from, FILE *out)
{
    char buffer[65536];
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            fwrite(buffer, 1, (size_t)n, out);
}

static void end_child(size_t wanted)
{
    (void)wanted;
    _exit(LC_MACHINE);
}

/* Graphviz and the font libraries behind it keep what they took until the process ends, start threads, and have been
 * known to crash on graphs that they dislike or when memory is out: they work in a process of their own. */
int lci_graphviz(Agraph_t *(*make)(const void *context), const void *context, const char *format, FILE *out,
                 struct lc_diag *diag)
{
    int ends[2], status = -1;
    if (lci_library_load(SONAME_GVC, "libgvc6", functions, "Graphviz", diag) != 0)
        return -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        lc_error(diag, LC_MACHINE, NULL, "no pipe for Graphviz: %s", strerror(errno));
        return -1;
    }
    const pid_t child = fork();
    if (child == 0) {
        /* What the program does then is not the child's to do. */
        static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
            signal(signals[i], SIG_DFL);
        lc_set_no_memory(end_child);
        /* The libraries behind Graphviz write what they think of fonts and memory to wherever messages go. */
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDERR_FILENO);
        _exit(draw_to(make, context, format, ends[1]) ? LC_OK : LC_MISSED);
    }
    close(ends[1]);
    if (child > 0) {
        copy_all(ends[0], out);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
    }
    close(ends[0]);
    if (child < 0)
        lc_error(diag, LC_MACHINE, NULL, "no process for Graphviz: %s", strerror(errno));
    else if (WIFSIGNALED(status))
        lc_error(diag, LC_MACHINE, NULL, "Graphviz was ended by signal %d (%s); is there enough memory?",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == LC_MACHINE)
        lci_no_memory(0);
    else if (WEXITSTATUS(status) != LC_OK)
        lc_error(diag, LC_MACHINE, NULL, "Graphviz cannot draw '%s'; is its plugin for that format installed?", format);
    return child > 0 && status == 0 ? 0 : -1;
}

static Agraph_t *read_graph(const void *dot)
{
    return agmemread(dot);
}

int lci_svg_of_dot(const char *dot, FILE *out, struct lc_diag *diag)
{
    return lci_graphviz(read_graph, dot, "svg", out, diag);
}
