/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long simulations have to be, as the solver guesses it: against what is known of M/M/1 and M/G/1, and by what it
 * spares.
 */
#include "sim/guess.h"

#include "model/dist/dist.h"
#include "sim/estimate.h"
#include "support.h"

enum { REPLICATIONS = 20 };

static struct lc_model *read_file(const char *name)
{
    char *path = lc_format("%s/lqn/%s", TEST_DATA, name);
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_read(path, &diag);
    require(&diag);
    lc_diag_free(&diag);
    free(path);
    return m;
}

/* An open queue with one server of one request per time unit. */
static struct lc_model *queue(double load, double cv2)
{
    struct lc_model *m = lc_model_new("queue");
    const int processor = lc_add_processor(m, "server"), task = lc_add_task(m, "server", processor);
    const int entry = lc_add_entry(m, "server", task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = lci_dist_moments(1, cv2);
    m->entries[entry].open_rate = load;
    return m;
}

/* The length that a half-width of 1 % takes: (t/γ)² v, with the variance constant v of the mean number present at M/M/1
 * relative to its square, and what single requests add to it; rounded up to two digits. */
static void lengths_of_queues_are_those_of_theory(void **state)
{
    (void)state;
    const double loads[] = {0.5, 0.7, 0.8, 0.9, 0.95, 0.99};
    const struct lc_sim_options o = lc_sim_defaults();
    const double z = lci_student(REPLICATIONS, o.confidence) / (o.precision / (1 + o.precision));
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        const double rho = loads[i], v = 2 * (1 + rho) / (rho * (1 - rho) * (1 - rho));
        struct lc_model *m = queue(rho, 1);
        const struct lci_guess guess = lci_guess(m, &o, REPLICATIONS);
        assert_true(guess.run_time >= z * z * v && guess.run_time <= 1.1 * z * z * (v + 2 / rho));
        const double away = 1 - sqrt(rho), memory = 2 / (2.8 * away * away);
        assert_true(guess.memory >= memory * (1 - 1e-9) && guess.memory <= 1.1 * memory);
        assert_true(guess.response >= 1 / (1 - rho) * (1 - 1e-6) && guess.response <= 1.1 / (1 - rho));
        lc_model_free(m);
    }
}

static void variable_services_take_longer(void **state)
{
    (void)state;
    const struct lc_sim_options o = lc_sim_defaults();
    double length[3], memory[3];
    const double cv2[] = {0, 1, 4};
    for (int i = 0; i < 3; i++) {
        struct lc_model *m = queue(0.9, cv2[i]);
        const struct lci_guess guess = lci_guess(m, &o, REPLICATIONS);
        length[i] = guess.run_time;
        memory[i] = guess.memory;
        lc_model_free(m);
    }
    assert_true(fabs(memory[0] / memory[1] - 0.5) < 0.05 && fabs(memory[2] / memory[1] - 2.5) < 0.25);
    assert_true(length[0] < 0.7 * length[1] && length[2] > 2 * length[1]);
}

/* Customers who think for long, at a server that is hardly busy: what they do is forgotten within a think time; a queue
 * never holds more than all of them. */
static void customers_bound_what_is_remembered(void **state)
{
    (void)state;
    struct lc_model *m = read_file("closed-1.lqnx");
    const struct lc_sim_options o = lc_sim_defaults();
    struct lci_guess guess = lci_guess(m, &o, REPLICATIONS);
    assert_true(guess.run_time > 0 && guess.memory < 100);
    lc_model_free(m);
    m = read_file("closed-think.lqnx");
    guess = lci_guess(m, &o, REPLICATIONS);
    double think = 0;
    for (size_t i = 0; i < m->task_count; i++)
        think = m->tasks[i].scheduling == LC_REF ? lc_dist_mean(&m->tasks[i].think_time) : think;
    assert_true(guess.run_time > 0 && guess.memory >= think);
    lc_model_free(m);
}

static void what_the_solver_does_not_know_is_not_guessed(void **state)
{
    (void)state;
    const struct lc_sim_options o = lc_sim_defaults();
    struct lc_model *m = queue(0.5, 1);
    m->processors[0].scheduling = LC_SRPT;
    assert_true(lci_guess(m, &o, REPLICATIONS).run_time == 0);
    lc_model_free(m);
    m = queue(1.5, 1);
    assert_true(lci_guess(m, &o, REPLICATIONS).run_time == 0);
    lc_model_free(m);
    m = read_file("mixed.lqnx"); /* a length, but nothing of how long closed and open classes remember together */
    assert_true(lci_guess(m, &o, REPLICATIONS).run_time > 0 && isinf(lci_guess(m, &o, REPLICATIONS).memory));
    lc_model_free(m);
}

/* A guess that was right spares the pilots and the ten replications that would be forgotten. */
static void right_guesses_spare_events(void **state)
{
    (void)state;
    struct lc_model *m = read_file("closed-1.lqnx");
    struct lc_diag diag = {0};
    struct lc_sim_options o = lc_sim_defaults();
    struct lc_result *r = lc_simulate(m, &o, &diag);
    require(&diag);
    assert_true(r->converged && r->precision <= o.precision);
    assert_true(r->first_replication == 1); /* behind the run that tells how long 20,000 events take */
    assert_true(r->replications == REPLICATIONS && r->events < 1000000);
    lc_result_free(r);
    lc_diag_free(&diag);
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_of_queues_are_those_of_theory),
        cmocka_unit_test(variable_services_take_longer),
        cmocka_unit_test(customers_bound_what_is_remembered),
        cmocka_unit_test(what_the_solver_does_not_know_is_not_guessed),
        cmocka_unit_test(right_guesses_spare_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
