/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How busy processors were, as tools write it: samples of hosts, processes or containers, each from a begin to an end,
 * which become the windows of lc_utilization. What the readers of these formats share.
 */
#ifndef LCI_TABLES_CPU_SAMPLES_H
#define LCI_TABLES_CPU_SAMPLES_H

#include "loadcast/learn.h"

struct lci_cpu_sample {
    char *component, *instance; /* owned */
    int64_t begin, end;         /* ns since 1970 */
    double value;
    int line;
};
struct lci_cpu_samples {
    const char *file;    /* as messages name it; lives as long as the utilization */
    const char *service; /* whose all of it is; NULL: as the file says */
    bool cores;          /* values are busy cores; else parts of all cores */
    struct lci_cpu_sample *items;
    size_t count, capacity;
    struct lc_utilization *utilization; /* that it becomes a part of */
    struct lc_diag *diag;
};
/* Copies the texts; a sample without length is left out. */
void lci_cpu_add(struct lci_cpu_samples *samples, const char *component, const char *instance, int64_t begin,
                 int64_t end, double value, int line);
/* The file says how many cores each host of a component has. */
void lci_cpu_host(struct lci_cpu_samples *samples, const char *component, double cores, int line);
/* Windows of each component: those of its instance with the most samples; what the instances kept busy in them is added
 * up, or averaged where it is parts. */
void lci_cpu_merge(struct lci_cpu_samples *samples);
void lci_cpu_free(struct lci_cpu_samples *samples);

/* A counter of seconds that a kind of work took: consecutive readings of one counter become samples. */
struct lci_cpu_counter {
    char *component, *instance, *name; /* name: of the counter within the instance */
    int64_t time;
    double value;
    int line;
};
struct lci_cpu_counters {
    struct lci_cpu_counter *items;
    size_t count, capacity;
};
void lci_cpu_count(struct lci_cpu_counters *counters, const char *component, const char *instance, const char *name,
                   int64_t time, double seconds, int line);
/* Adds what the counters of an instance grew by between its readings, as busy cores. Counters that fall began anew. */
void lci_cpu_differences(struct lci_cpu_counters *counters, struct lci_cpu_samples *samples);

/* Each of these says whether it knows the text, and reads it then (the text may be changed). */
bool lci_cpu_read_prometheus(struct lci_cpu_samples *samples, char *text, size_t length);
bool lci_cpu_read_sysstat(struct lci_cpu_samples *samples, char *text, size_t length);
bool lci_cpu_read_node(struct lci_cpu_samples *samples, char *text, size_t length);
bool lci_cpu_read_jvm(struct lci_cpu_samples *samples, char *text, size_t length);

/* "web" of a pod "web-5b67c48447-mv5hb" or "web-0". The caller frees it. */
char *lci_cpu_pod_service(const char *pod);

#endif
