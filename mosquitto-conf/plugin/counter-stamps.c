/* What is read from a counter file at each check. The webhook may write at any moment, so each word is loaded once. */
#include <string.h>
#include <time.h>

#include "counter-file.h"

enum { NS_PER_MS = 1000000, WALL_ROUNDING_MS = 1 };

struct instant instant_now(void)
{
    struct timespec steady = {0}, wall = {0};
    clock_gettime(CLOCK_MONOTONIC, &steady);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct instant){
        .steady_ns = (uint64_t)steady.tv_sec * 1000000000 + (uint64_t)steady.tv_nsec,
        .wall_ms = (uint64_t)wall.tv_sec * 1000 + (uint64_t)wall.tv_nsec / NS_PER_MS,
    };
}

static uint64_t load(const struct counter_file *file, size_t word)
{
    return __atomic_load_n((const uint64_t *)file->mapping.start + word, __ATOMIC_ACQUIRE);
}

/* FNV-1a, 64 bits. Two clients in one slot are revoked together, which costs a question and nothing else. */
uint32_t counter_file_slot(const struct counter_file *file, const char *client_id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const unsigned char *byte = (const unsigned char *)client_id; *byte; byte++) {
        hash = (hash ^ *byte) * UINT64_C(1099511628211);
    }
    return (uint32_t)(hash & (file->identity.slot_count - 1));
}

struct stamps counter_file_read(const struct counter_file *file, uint32_t slot)
{
    return (struct stamps){.slot = load(file, FIRST_SLOT + slot), .global = load(file, GLOBAL_STAMP)};
}

/* Zeros in place of a lost mapping are the identity of no file. */
static bool is_unchanged(const struct counter_file *file)
{
    uint64_t words[sizeof(file->identity) / sizeof(uint64_t)];
    for (size_t word = 0; word < sizeof(words) / sizeof(words[0]); word++) {
        words[word] = load(file, word);
    }
    return memcmp(words, &file->identity, sizeof(words)) == 0;
}

/* A deadline further ahead than the lease can reach was told by another clock, or is no deadline. */
static bool is_ahead(uint64_t deadline, uint64_t now, uint64_t farthest)
{
    return deadline > now && deadline - now <= farthest;
}

/* The clocks come last: between them and a deadline that was read later the webhook may have told a new one. */
bool counter_file_allows(const struct counter_file *file, uint64_t until_ns)
{
    if (!file->mapping.start || !is_unchanged(file)) {
        return false;
    }
    uint64_t lease_ns = file->identity.lease_ns;
    uint64_t steady_deadline = load(file, STEADY_DEADLINE);
    uint64_t wall_deadline = load(file, WALL_DEADLINE);
    struct instant now = instant_now();
    return now.steady_ns < until_ns && is_ahead(steady_deadline, now.steady_ns, lease_ns) &&
           is_ahead(wall_deadline, now.wall_ms, lease_ns / NS_PER_MS + WALL_ROUNDING_MS);
}
