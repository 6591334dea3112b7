/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loadcast/random.h"
#include "model/random/generator.h"
#include "network/patterns/waiting_estimators.h"

#define JOBS 400

static void complete_information_gives_the_known_demands(void **state)
{
    (void)state;
    const double begin[] = {0, 2, 5}, end[] = {10, 10, 15};
    const double one[] = {31.0 / 6, 19.0 / 6, 20.0 / 3}, two[] = {25.0 / 3, 19.0 / 3, 25.0 / 3};
    double demand[3] = {0};
    lci_complete_information(begin, end, NULL, 3, 1, &(double){1}, 1, demand);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(demand[i] - one[i]) < 1e-12);
    lci_complete_information(begin, end, NULL, 3, 2, &(double){1}, 1, demand);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(demand[i] - two[i]) < 1e-12);
}

/* Who shares one core for a quarter of his time, and is delayed for the rest, by turns: 80 % load of the core. What
 * each job would have taken alone is found again; were all of its time work, it would be half of that and less. */
static void only_the_processor_part_is_waited_for(void **state)
{
    (void)state;
    enum { SLICES = 8, COUNT = 4000 }; /* of a job: delays and work by turns */
    struct job {
        double left;
        int slice;
        bool present;
    } *jobs = calloc(COUNT, sizeof *jobs);
    double *begin = calloc(3 * COUNT, sizeof *begin), *end = begin + COUNT, *demand = end + COUNT;
    double now = 0, work = 0, found = 0, all_work = 0;
    struct lc_random random;
    lc_random_init(&random, 5, 0, "share", "test");
    double next = lci_random_exponential(&random) / 0.16;
    int first = 0, came = 0;
    while (first < COUNT) {
        int at_core = 0, soonest = -1;
        double step = came < COUNT ? next - now : INFINITY;
        for (int i = first; i < came; i++)
            at_core += jobs[i].present && jobs[i].slice % 2;
        for (int i = first; i < came; i++) {
            const double time = jobs[i].left * (jobs[i].slice % 2 ? at_core : 1);
            if (jobs[i].present && time < step) {
                step = time;
                soonest = i;
            }
        }
        for (int i = first; i < came; i++)
            jobs[i].left -= step / (jobs[i].slice % 2 ? at_core : 1);
        now += step;
        const int moves = soonest >= 0 ? soonest : came;
        if (soonest < 0) {
            begin[came] = now;
            jobs[came++] = (struct job){.slice = -1, .present = true};
            next = now + lci_random_exponential(&random) / 0.16;
        }
        if (++jobs[moves].slice == SLICES) {
            end[moves] = now;
            jobs[moves].present = false;
        } else {
            jobs[moves].left = lci_random_exponential(&random) * (jobs[moves].slice % 2 ? 5.0 : 15.0) / (SLICES / 2);
            work += jobs[moves].left;
        }
        while (first < came && !jobs[first].present)
            first++;
    }
    lci_complete_information(begin, end, NULL, COUNT, 1, &(double){0.25}, 1, demand);
    for (int i = 0; i < COUNT; i++)
        found += demand[i];
    lci_complete_information(begin, end, NULL, COUNT, 1, &(double){1}, 1, demand);
    for (int i = 0; i < COUNT; i++)
        all_work += demand[i];
    assert_true(fabs(found / work - 1) < 0.03);
    assert_true(all_work < 0.5 * work);
    free(begin);
    free(jobs);
}

static void speeds_are_those_of_the_closed_network(void **state)
{
    (void)state;
    assert_true(fabs(lci_speed(2, 1, 5) - 0.4) < 1e-12);
    assert_true(lci_speed(2, 0.5, 1) == 1 && lci_speed(2, 0.5, 2) == 1);
    /* Three jobs, delay 1, work 1 on one core: utilization 1 − 1 / (1 + 3 + 6 + 6) = 15 / 16 at a speed of 1 / 2 each.
     */
    assert_true(fabs(lci_speed(1, 0.5, 3) - 15.0 / 16 / 1.5) < 1e-12);
    assert_true(fabs(lci_speed(4, 0.9, 100000) - 4 / 0.9 / 100000) < 1e-12); /* the servers are full */
}

static void kinds_have_speeds_of_their_own(void **state)
{
    (void)state;
    /* One works always; the other is delayed for 1 / 2, works for 1 / 2 alone and for 1 beside the first: so a third of
     * the time is the delay. */
    const double unlike[] = {1, 0.5};
    struct lci_speeds *speeds = lci_speeds_new(1, unlike, 2);
    const double *speed = lci_speeds_of(speeds, (size_t[]){1, 1});
    assert_true(fabs(speed[0] - 2.0 / 3) < 1e-12 && fabs(speed[1] - 2.0 / 3) < 1e-12);
    assert_true(lci_speeds_of(speeds, (size_t[]){2, 0})[0] == 0.5 && lci_speeds_of(speeds, (size_t[]){0, 1})[1] == 1);
    /* Of very many the station is full: 2 × 150 jobs, of which the second are delayed for a time that is nothing. */
    speed = lci_speeds_of(speeds, (size_t[]){150, 150});
    assert_true(fabs(150 * speed[0] + 150 * 0.5 * speed[1] - 1) < 1e-9 && fabs(speed[1] / speed[0] - 2) < 0.02);
    lci_speeds_free(speeds);
    /* Kinds with one share are one kind, also with less than a server. */
    const double like[] = {0.3, 0.3};
    const double servers[] = {0.5, 1, 2.5, 4};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        speeds = lci_speeds_new(servers[i], like, 2);
        speed = lci_speeds_of(speeds, (size_t[]){5, 120});
        assert_true(fabs(speed[0] / lci_speed(servers[i], 0.3, 125) - 1) < 1e-9 &&
                    fabs(speed[1] / speed[0] - 1) < 1e-9);
        lci_speeds_free(speeds);
    }
}

static void empty_jobs_change_nothing(void **state)
{
    (void)state;
    const double begin[] = {0, 2, 5, 5, 3}, end[] = {10, 10, 15, 5, 3};
    double demand[5] = {0}, start[5];
    lci_complete_information(begin, end, NULL, 5, 1, &(double){1}, 1, demand);
    assert_true(fabs(demand[0] - 31.0 / 6) < 1e-12);
    assert_true(demand[3] == 0 && demand[4] == 0);
    assert_int_equal(lci_fifo_starts(begin, end, NULL, NULL, 5, 3, start), 0);
    for (int i = 0; i < 5; i++)
        assert_true(start[i] == begin[i]);
}

/* Jobs served first come, first served by two servers: the recursion of Kiefer and Wolfowitz. */
static double queue(struct lc_random *random, double *begin, double *start, double *end)
{
    double free_at[2] = {0, 0}, now = 0, work = 0;
    for (int i = 0; i < JOBS; i++) {
        now += lci_random_exponential(random) / 1.6;
        const int server = free_at[0] <= free_at[1] ? 0 : 1;
        const double service = lci_random_exponential(random);
        begin[i] = now;
        start[i] = fmax(now, free_at[server]);
        end[i] = free_at[server] = start[i] + service;
        work += service;
    }
    return work;
}

static void starts_are_found_again(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 3, 0, "queue", "test");
    double begin[JOBS], start[JOBS], end[JOBS], found[JOBS], demand[JOBS], waited = 0, shared = 0;
    const double work = queue(&random, begin, start, end);
    assert_int_equal(lci_fifo_starts(begin, end, NULL, NULL, JOBS, 2, found), 0);
    for (int i = 0; i < JOBS; i++) {
        assert_true(fabs(found[i] - start[i]) < 1e-9);
        waited += start[i] - begin[i];
    }
    assert_true(waited / JOBS > 0.5); /* at 80 % of two servers there was something to take out */
    /* Whatever the discipline, a server that never idles while there is work gives the same total. */
    lci_complete_information(begin, end, NULL, JOBS, 2, &(double){1}, 1, demand);
    for (int i = 0; i < JOBS; i++)
        shared += demand[i];
    assert_true(fabs(shared - work) < 1e-9 * work);
}

static void jobs_that_find_a_free_server_did_not_wait(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 4, 0, "queue", "test");
    double begin[JOBS], start[JOBS], end[JOBS], sum = 0;
    queue(&random, begin, start, end);
    int count = 0;
    for (int i = 0; i < JOBS; i++)
        if (start[i] == begin[i]) {
            sum += end[i] - begin[i];
            count++;
        }
    assert_true(fabs(lci_response_time_approximation(begin, end, JOBS, 2) - sum / count) < 1e-9);
    const double b[] = {0, 1}, e[] = {3, 4};
    assert_true(fabs(lci_response_time_approximation(b, e, 2, 1) - 3) < 1e-12);
    assert_true(isnan(lci_response_time_approximation(b, e, 0, 1)));
}

static void service_out_of_turn_is_counted(void **state)
{
    (void)state;
    /* One server; the third request leaves while the second, which came before it, still waits. */
    const double begin[] = {0, 1, 2}, end[] = {5, 9, 6};
    double start[3];
    assert_int_equal(lci_fifo_starts(begin, end, NULL, NULL, 3, 1, start), 1);
    assert_true(start[0] == 0 && start[1] == 5 && start[2] == 2);
}

static void jobs_and_requests_sent_together_keep_their_turn(void **state)
{
    (void)state;
    /* One server. A job that was sent before 1 begins at 5, when the first request leaves: the second one goes on
     * waiting. */
    const double begin[] = {0, 1, 5}, end[] = {5, 9, 6};
    const bool taken[] = {false, false, true};
    double start[3];
    assert_int_equal(lci_fifo_starts(begin, end, NULL, taken, 3, 1, start), 0);
    assert_true(start[0] == 0 && start[1] == 6 && start[2] == 5);
    /* Two requests at the same time: who leaves first was served first. */
    const double together[] = {0, 0}, left[] = {7, 3};
    assert_int_equal(lci_fifo_starts(together, left, NULL, NULL, 2, 1, start), 0);
    assert_true(start[0] == 3 && start[1] == 0);
}

static void who_shows_work_first_was_served_first(void **state)
{
    (void)state;
    /* Two servers, one of them busy until 2. Of two requests that come at 0, the one that leaves last calls somebody at
     * 1: it had the free server. */
    const double begin[] = {-1, 0, 0}, end[] = {2, 9, 4}, shown[] = {2, 1, 4};
    double start[3];
    assert_int_equal(lci_fifo_starts(begin, end, shown, NULL, 3, 2, start), 0);
    assert_true(start[0] == -1 && start[1] == 0 && start[2] == 2);
    /* And what is certain is not drawn. */
    const size_t kind[] = {0, 0, 0};
    lci_draw_turns(begin, shown, kind, NULL, 3, start);
    assert_true(start[0] == -1 && start[1] == 0 && start[2] == 2);
}

/* Pairs of requests come together, one of a kind that takes 1 and one of a kind that takes 3 on the average, in random
 * order, to two servers that are 60 % busy. Returns by how much the two means are off. */
static void pairs(struct lc_random *random, bool drawn, double *off)
{
    enum { PAIRS = 4000 };
    static double begin[2 * PAIRS], end[2 * PAIRS], found[2 * PAIRS];
    static size_t kind[2 * PAIRS];
    double free_at[2] = {0, 0}, now = 0, known[2] = {0, 0};
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        now += i % 2 == 0 ? lci_random_exponential(random) * 4 / 1.2 : 0;
        kind[i] = i % 2 == 0 ? lci_random_below(random, 2) : 1 - kind[i - 1];
        const int server = free_at[0] <= free_at[1] ? 0 : 1;
        const double service = lci_random_exponential(random) * (kind[i] == 0 ? 1 : 3);
        begin[i] = now;
        end[i] = free_at[server] = fmax(now, free_at[server]) + service;
        known[kind[i]] += service / PAIRS;
    }
    assert_int_equal(lci_fifo_starts(begin, end, NULL, NULL, 2 * PAIRS, 2, found), 0);
    if (drawn)
        lci_draw_turns(begin, end, kind, NULL, 2 * PAIRS, found);
    double means[2] = {0, 0};
    for (size_t i = 0; i < 2 * PAIRS; i++)
        means[kind[i]] += (end[i] - found[i]) / PAIRS;
    for (int k = 0; k < 2; k++)
        off[k] = means[k] / known[k] - 1;
}

static void turns_are_drawn_without_bias(void **state)
{
    (void)state;
    struct lc_random random;
    double off[2];
    lc_random_init(&random, 5, 0, "pairs", "test");
    pairs(&random, false, off);
    print_message("who leaves first was served first: off by %.2f and %.2f %%\n", 100 * off[0], 100 * off[1]);
    assert_true(fabs(off[0]) > 0.05); /* there is something to draw */
    pairs(&random, true, off);
    print_message("drawn: off by %.2f and %.2f %%\n", 100 * off[0], 100 * off[1]);
    assert_true(fabs(off[0]) < 0.02 && fabs(off[1]) < 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_information_gives_the_known_demands),
        cmocka_unit_test(only_the_processor_part_is_waited_for),
        cmocka_unit_test(speeds_are_those_of_the_closed_network),
        cmocka_unit_test(kinds_have_speeds_of_their_own),
        cmocka_unit_test(empty_jobs_change_nothing),
        cmocka_unit_test(starts_are_found_again),
        cmocka_unit_test(jobs_that_find_a_free_server_did_not_wait),
        cmocka_unit_test(service_out_of_turn_is_counted),
        cmocka_unit_test(jobs_and_requests_sent_together_keep_their_turn),
        cmocka_unit_test(who_shows_work_first_was_served_first),
        cmocka_unit_test(turns_are_drawn_without_bias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
