/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ranks.h"

#include "base/temporary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 0;
}

unsigned lci_ranks_launched(void)
{
    unsigned count = number_of("OMPI_COMM_WORLD_SIZE");
    if (count == 0)
        count = number_of("PMI_SIZE");
    if (count == 0 && getenv("PMIX_RANK") != NULL) /* srun, which tells no size but Slurm's own */
        count = number_of("SLURM_STEP_NUM_TASKS");
    return count > 0 ? count : 1;
}

static const char *rank_variable(void)
{
    static const char *const variables[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (getenv(variables[i]) != NULL)
            return variables[i];
    return NULL;
}

unsigned lci_ranks_launched_as(void)
{
    const char *variable = rank_variable();
    return variable != NULL ? number_of(variable) : 0;
}

bool lci_ranks_managed(void)
{
    return rank_variable() != NULL;
}

atomic_int *lci_ranks_stop(void)
{
    static atomic_int stop;
    return &stop;
}

#ifndef LOADCAST_MPI

bool lci_ranks_built(void)
{
    return false;
}

void lci_ranks_start(void)
{
}

unsigned lci_ranks_count(void)
{
    return 1;
}

unsigned lci_rank(void)
{
    return 0;
}

unsigned lci_ranks_threads(void)
{
    return 0;
}

unsigned lci_ranks_take(unsigned wanted, unsigned *ranks)
{
    (void)wanted, (void)ranks;
    return 0;
}

void lci_ranks_give(unsigned rank)
{
    (void)rank;
}

void lci_ranks_send(unsigned rank, enum lci_errand work, const struct lci_buffer *message)
{
    (void)rank, (void)work, (void)message;
}

void lci_ranks_receive(unsigned rank, struct lci_buffer *answer)
{
    (void)rank, (void)answer;
}

void lci_ranks_tell(const char *why)
{
    (void)why;
}

bool lci_ranks_lost(void)
{
    return false;
}

void lci_ranks_serve(const lci_rank_work work[LCI_ERRANDS])
{
    (void)work;
    abort(); /* there are no others */
}

void lci_ranks_give_up(int status, const char *text)
{
    (void)status, (void)text;
}

#else

#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { HEAD = 1, BODY = 2 }; /* tags */
enum { END = -1, GIVEN_UP = -2 };
#define PIECE    ((size_t)1 << 30) /* bytes of a message at a time: MPI counts in int */
#define MACHINE  4                 /* LC_MACHINE */
#define SHORTEST 20000L            /* ns between two looks for a message … */
#define LONGEST  10000000L         /* … where nothing came for long: cores are for work, and rank 0 waits for many */
#define LATER    16                /* a message is found later than it came by so small a part of the time waited */
#define GRACE    5                 /* s that rank 0 has to say what is wrong */

struct head {
    int32_t work, status;
    uint64_t length;
};

static struct {
    unsigned count, rank, threads;
    pid_t process;        /* that joined: not its children */
    pthread_mutex_t lock; /* one thread at a time is in MPI; also guards what follows */
    bool *busy;           /* [rank]: somebody has taken it */
    uint64_t messages, bytes;
    pid_t *watchers; /* of the ranks on this machine, `here` of them */
    int here;
} all = {.count = 1, .lock = PTHREAD_MUTEX_INITIALIZER};

bool lci_ranks_built(void)
{
    return true;
}

unsigned lci_ranks_count(void)
{
    return all.count;
}

unsigned lci_rank(void)
{
    return all.rank;
}

unsigned lci_ranks_threads(void)
{
    return all.threads;
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

static void send(unsigned to, struct head head, const char *bytes)
{
    pthread_mutex_lock(&all.lock);
    MPI_Send(&head, sizeof head, MPI_BYTE, (int)to, HEAD, MPI_COMM_WORLD);
    for (size_t at = 0; at < head.length; at += PIECE) {
        const size_t left = head.length - at;
        MPI_Send(bytes + at, (int)(left < PIECE ? left : PIECE), MPI_BYTE, (int)to, BODY, MPI_COMM_WORLD);
    }
    all.messages++;
    all.bytes += sizeof head + head.length;
    pthread_mutex_unlock(&all.lock);
}

/* MPI waits by looking again and again, which takes a core: here a look is followed by a rest. */
static bool look(unsigned from)
{
    int there = 0;
    pthread_mutex_lock(&all.lock);
    MPI_Iprobe((int)from, HEAD, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    pthread_mutex_unlock(&all.lock);
    return there != 0;
}

static struct head receive(unsigned from, struct lci_buffer *message)
{
    for (long rest = SHORTEST; !look(from); rest = rest < LONGEST ? rest + rest / LATER : LONGEST)
        nanosleep(&(struct timespec){.tv_nsec = rest}, NULL);
    struct head head;
    pthread_mutex_lock(&all.lock);
    MPI_Recv(&head, sizeof head, MPI_BYTE, (int)from, HEAD, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    pthread_mutex_unlock(&all.lock);
    message->length = message->capacity = head.length;
    message->text = lc_alloc(head.length + 1); /* without the lock: whoever finds no memory tells rank 0 */
    message->text[head.length] = 0;
    pthread_mutex_lock(&all.lock);
    for (size_t at = 0; at < head.length; at += PIECE) {
        const size_t left = head.length - at;
        MPI_Recv(message->text + at, (int)(left < PIECE ? left : PIECE), MPI_BYTE, (int)from, BODY, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
    all.messages++;
    all.bytes += sizeof head + head.length;
    pthread_mutex_unlock(&all.lock);
    return head;
}

/* ---- rank 0 ------------------------------------------------------------------------------------------------------ */

unsigned lci_ranks_take(unsigned wanted, unsigned *ranks)
{
    unsigned taken = 0;
    if (all.count == 1 || all.rank > 0)
        return 0;
    pthread_mutex_lock(&all.lock);
    for (unsigned i = 1; i < all.count && taken < wanted; i++)
        if (!all.busy[i]) {
            all.busy[i] = true;
            ranks[taken++] = i;
        }
    pthread_mutex_unlock(&all.lock);
    return taken;
}

void lci_ranks_give(unsigned rank)
{
    pthread_mutex_lock(&all.lock);
    all.busy[rank] = false;
    pthread_mutex_unlock(&all.lock);
}

void lci_ranks_send(unsigned rank, enum lci_errand work, const struct lci_buffer *message)
{
    send(rank, (struct head){.work = (int32_t)work, .length = message->length}, message->text);
}

void lci_ranks_receive(unsigned rank, struct lci_buffer *answer)
{
    const struct head head = receive(rank, answer);
    if (head.work != GIVEN_UP)
        return;
    fprintf(stderr, "loadcast: rank %u of %u: %s\n", rank, all.count, answer->text);
    exit(head.status);
}

static bool asked_for_volume(void)
{
    return getenv("LOADCAST_MPI_VOLUME") != NULL;
}

void lci_ranks_tell(const char *why)
{
    if (all.count > 1 && asked_for_volume())
        fprintf(stderr, "loadcast: note: %s\n", why);
}

/* What a rank took: seconds of its processors, and MB. */
struct taken {
    double seconds, memory;
};

static struct taken taken_here(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct taken){(double)usage.ru_utime.tv_sec + 1e-6 * (double)usage.ru_utime.tv_usec +
                              (double)usage.ru_stime.tv_sec + 1e-6 * (double)usage.ru_stime.tv_usec,
                          (double)usage.ru_maxrss / 1024};
}

static void tell_volume(void)
{
    const struct taken own = taken_here();
    struct taken sum = {0};
    fprintf(stderr, "loadcast: note: %llu messages of %llu bytes between %u ranks; rank 0 took %.2f s and %.0f MB",
            (unsigned long long)all.messages, (unsigned long long)all.bytes, all.count, own.seconds, own.memory);
    for (unsigned i = 1; i < all.count; i++) {
        struct taken taken;
        MPI_Recv(&taken, sizeof taken, MPI_BYTE, (int)i, BODY, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        sum.seconds += taken.seconds;
        sum.memory = taken.memory > sum.memory ? taken.memory : sum.memory;
    }
    fprintf(stderr, ", the others %.2f s in all and up to %.0f MB each\n", sum.seconds, sum.memory);
}

/* At the exit of rank 0. While a rank is still at work the program ends early, and mpirun ends the others. */
static void leave(void)
{
    bool busy = false;
    if (getpid() != all.process)
        return;
    for (unsigned i = 1; i < all.count; i++)
        busy |= all.busy[i];
    if (busy)
        return;
    const bool tell = asked_for_volume();
    for (unsigned i = 1; i < all.count; i++)
        send(i, (struct head){.work = END, .status = tell}, NULL);
    if (tell)
        tell_volume();
    MPI_Finalize();
}

/* ---- the others -------------------------------------------------------------------------------------------------- */

void lci_ranks_serve(const lci_rank_work work[LCI_ERRANDS])
{
    while (true) {
        struct lci_buffer message = {0}, answer = {0};
        const struct head head = receive(0, &message);
        if (head.work == END && head.status != 0) {
            struct taken taken = taken_here();
            MPI_Send(&taken, sizeof taken, MPI_BYTE, 0, BODY, MPI_COMM_WORLD);
        }
        if (head.work == END)
            break;
        if (head.work < 0 || head.work >= LCI_ERRANDS)
            abort();
        struct lci_pack in = lci_pack_reader(message.text, message.length);
        work[head.work](&in, &answer);
        lci_pack_end(&in);
        send(0, (struct head){.work = head.work, .length = answer.length}, answer.text);
        free(message.text);
        free(answer.text);
    }
    MPI_Finalize();
    _exit(0);
}

void lci_ranks_give_up(int status, const char *text)
{
    if (all.rank == 0 || all.count == 1)
        return;
    send(0, (struct head){.work = GIVEN_UP, .status = status, .length = strlen(text)}, text);
    sleep(GRACE); /* rank 0 ends, and mpirun this one */
    _exit(status);
}

/* ---- the beginning ----------------------------------------------------------------------------------------------- */

static pid_t child;
static atomic_bool *joined; /* seen by parent and child; NULL: nobody knows */

static void pass_on(int signal)
{
    kill(child, signal);
}

/* The parent's part: the status of the child is its own. */
static _Noreturn void watch(void)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        ;
    if (joined != NULL && !atomic_load(joined)) { /* MPI ends the program itself, by statuses of its own */
        if (lci_ranks_launched_as() == 0)
            fprintf(stderr, "loadcast: MPI could not be started between %u ranks; what it says stands beside this\n",
                    lci_ranks_launched());
        _exit(MACHINE);
    }
    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    fprintf(stderr, "loadcast: rank %u of %u was killed by signal %d (%s); nothing is written\n",
            lci_ranks_launched_as(), lci_ranks_launched(), WTERMSIG(status), strsignal(WTERMSIG(status)));
    _exit(MACHINE);
}

static void split(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    const pid_t parent = getpid();
    void *shared = mmap(NULL, sizeof *joined, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    joined = shared != MAP_FAILED ? shared : NULL;
    child = fork();
    if (child < 0)
        return; /* without a parent that watches */
    if (child > 0) {
        for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
            signal(signals[i], pass_on);
        watch();
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(MACHINE);
}

bool lci_ranks_lost(void)
{
    for (int i = 0; i < all.here; i++)
        if (kill(all.watchers[i], 0) != 0)
            return true;
    return false;
}

/* The cores that this process may use are its own when it is bound to some; else the ranks of a machine share them. */
static unsigned find_threads(void)
{
    cpu_set_t cores;
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    int there = 1;
    MPI_Comm machine;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &there);
    pid_t watcher = getppid(), *watchers = lc_calloc((size_t)there, sizeof *watchers);
    MPI_Allgather(&watcher, sizeof watcher, MPI_BYTE, watchers, sizeof watcher, MPI_BYTE, machine);
    all.watchers = watchers;
    all.here = there;
    MPI_Comm_free(&machine);
    const int allowed = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : (int)online;
    const int share = allowed < online ? allowed : allowed / there;
    return share > 0 ? (unsigned)share : 1;
}

/* What MPI cannot go on with. Whoever sees it ends, and the launcher all others. */
static void on_error(MPI_Comm *comm, int *code, ...)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length;
    (void)comm;
    MPI_Error_string(*code, text, &length);
    fprintf(stderr, "loadcast: rank %u of %u: MPI failed (%s); nothing is written\n", all.rank, all.count, text);
    lci_temporary_end_all();
    _exit(MACHINE);
}

void lci_ranks_start(void)
{
    if (lci_ranks_launched() == 1)
        return;
    split();
    int provided, count, rank;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS ||
        provided < MPI_THREAD_SERIALIZED) {
        fprintf(stderr, "loadcast: MPI cannot be used from several threads (MPI_THREAD_SERIALIZED)\n");
        exit(MACHINE);
    }
    MPI_Errhandler handler;
    MPI_Comm_create_errhandler(on_error, &handler);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, handler);
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    all.threads = find_threads();
    all.busy = lc_calloc((size_t)count, sizeof *all.busy);
    all.process = getpid();
    all.rank = (unsigned)rank;
    all.count = (unsigned)count;
    if (joined != NULL)
        atomic_store(joined, true);
    if (rank == 0)
        atexit(leave);
}

#endif
