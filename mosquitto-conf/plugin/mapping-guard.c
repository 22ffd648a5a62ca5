#include "mapping-guard.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

/* One list and one handler for the process: with per_listener_settings this plugin is started more than once. The list
 * changes on the broker's thread only, which is the one that reads the mappings. */
static struct guarded_mapping *guarded;
static struct sigaction previous;

static const struct guarded_mapping *find_mapping(const void *address)
{
    const struct guarded_mapping *mapping = guarded;
    while (mapping && (uintptr_t)address - (uintptr_t)mapping->start >= mapping->length) {
        mapping = mapping->next;
    }
    return mapping;
}

/* mmap is a bare system call, so it may be used here, as libwayland does for its shared memory. */
static bool put_zeros(const struct guarded_mapping *mapping)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    return mmap(mapping->start, mapping->length, PROT_READ, flags, -1, 0) != MAP_FAILED;
}

/* Not ours: as if this handler had never been. Without another handler the fault comes again and ends the process. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    if (previous.sa_flags & SA_SIGINFO) {
        previous.sa_sigaction(number, info, context);
    } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
        previous.sa_handler(number);
    } else {
        sigaction(number, &previous, NULL);
        if (info->si_code <= 0) { /* sent by a process, so it doesn't come again by itself */
            raise(number);
        }
    }
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    int interrupted_errno = errno;
    const struct guarded_mapping *mapping = info->si_code > 0 ? find_mapping(info->si_addr) : NULL;
    if (!mapping || !put_zeros(mapping)) {
        pass_on(number, info, context);
    }
    errno = interrupted_errno;
}

static bool set_handler(void)
{
    struct sigaction handler = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&handler.sa_mask);
    return sigaction(SIGBUS, &handler, &previous) == 0;
}

/* Who set a handler after us keeps it, and may still call ours. */
static void remove_handler(void)
{
    struct sigaction current;
    if (sigaction(SIGBUS, NULL, &current) == 0 && (current.sa_flags & SA_SIGINFO) &&
        current.sa_sigaction == on_bus_error) {
        sigaction(SIGBUS, &previous, NULL);
    }
}

bool guard_mapping(struct guarded_mapping *mapping)
{
    if (!guarded && !set_handler()) {
        return false;
    }
    mapping->next = guarded;
    guarded = mapping;
    return true;
}

void unguard_mapping(struct guarded_mapping *mapping)
{
    struct guarded_mapping **link = &guarded;
    while (*link && *link != mapping) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = mapping->next;
    }
    if (!guarded) {
        remove_handler();
    }
}
