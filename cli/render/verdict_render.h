/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outcome of a run: for people, for programs, for test reports. Writers are rows of verdict_writers.def. */
#ifndef VERDICT_H
#define VERDICT_H

#include "summary.h"

/* The rows of verdict_writers.def: each writes to page->out. 0, or −1 with errors appended. */
#define WRITER(option, argument, help, write) int write(const struct page *page, struct lc_diag *diag);
#include "verdict_writers.def"
#undef WRITER
/* The summary of --json-summary as it stands on top of the whole verdict. */
struct json_t *verdict_summary_json(const struct lc_verdict *verdict, const struct gate_outcomes *gates);

/* "photo saturates first, at load × 4.86 (30.1 requests/s; 95 %: × 4.57 to × 5.13), on 2027-03-01; next is worker at
 * × 6.69. Goals: 2 met, 1 missed." under a change, or without one (NULL); allocated. */
char *verdict_answer(const struct lc_verdict *verdict, const struct lc_what_if *change);
/* A line that says so where a signal ended the work early; `before` stands before it. */
void verdict_partial(const struct page *page, const char *before);
/* "simulate", "analytic" or "both", as they are asked for and shown. */
const char *verdict_method(const struct lc_verdict *verdict);
/* "load of every component ≤ 80 %", "p95 of location ≤ 800 ms", "throughput of location ≥ 11.9/s"; allocated. */
char *verdict_goal(const struct lc_goal *goal);
/* "photo 86.6 ± 0.5 %" for the component that is furthest beyond the limit, or the workload's value; allocated. */
char *verdict_worst(const struct lc_verdict *verdict, const struct lc_point *point, const struct lc_goal *goal);
/* The percentile that a goal is about, such as 95 or 99.9; null: the mean. A new reference. */
struct json_t *verdict_percentile(const struct lc_goal *goal);
/* What a goal is about, as the scenario and the JSON call it: "response_time"; static text. */
const char *verdict_goal_kind(const struct lc_goal *goal);
/* A goal of a point as it stands in the JSON. */
struct json_t *verdict_goal_json(const struct lc_verdict *verdict, const struct lc_goal_result *goal);
/* What was assumed of the deployment, and what was read (null: nothing), as they stand in the JSON. */
struct json_t *verdict_assumptions_json(const struct lc_verdict *verdict);
struct json_t *verdict_reading_json(const struct lc_reading *reading);
/* "photo", or "photo (processor)"; allocated. */
char *verdict_component(const char *name, bool processor);
/* Assumptions whose key the scenario's deployment does not state. */
bool verdict_assumed(const struct lc_verdict *verdict, const struct lc_assumption *assumption);
/* "; the traces are too few to decide it: …" for an undecided goal that more simulation cannot decide, else "";
 * allocated. */
char *verdict_undecided(const struct lc_verdict *verdict, const struct lc_goal_result *goal);
/* "−41.2 [−48.0, −35.1] ", "(0.3 [−0.1, 0.7])" when it may be none at all, "0 " when there is none in the digits that
 * the value `of` has. What has no bracket at its end leaves the place for one. Allocated. */
char *verdict_difference(double mean, double low, double high, const struct lc_estimate *of, double scale,
                         const char *unit);
/* Which operations' samples an interval comes from: "97 % of the variance from photo/GET /photos (200 samples, …);
 * about 900 more recorded requests of keyword would halve the interval", the end being `purpose`; allocated. */
char *verdict_sensitivity(const struct lc_verdict *verdict, const struct lc_sensitivity *sensitivity,
                          const char *purpose);
struct verdict_number { /* a learned number: samples (0: not known), its value, and its standard error */
    uint64_t samples;
    double mean, standard_error;
};
struct verdict_number verdict_number(const struct lc_verdict *verdict, const struct lc_replicated *drawn);
/* What open workloads' rates count: "requests/s", "sessions/s". */
const char *verdict_rate_unit(const struct lc_verdict *verdict);
/* The name of an operation that carries part of an interval; borrowed. */
const char *verdict_operation(const struct lc_verdict *verdict, int entry);
/* What a point says about one goal of the scenario, all components together: missed if one misses it. */
enum lc_judgement verdict_judgement(const struct lc_point *point, const struct lc_goal *goal);
/* The same of all points under a change, or without one (NULL); `first` is the first point for which it is so, NULL for
 * a goal that is met. */
enum lc_judgement verdict_goal_judgement(const struct lc_verdict *verdict, const struct lc_goal *goal,
                                         const struct lc_what_if *change, const struct lc_point **first);

#endif
