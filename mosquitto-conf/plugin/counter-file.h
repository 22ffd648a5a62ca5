/* One counter file: what the webhook writes into it says whether a remembered grant still counts. Its layout is in
 * README.md. It is read where it is mapped, without a system call. */
#ifndef BEDNET_COUNTER_FILE_H
#define BEDNET_COUNTER_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mapping-guard.h"

/** Words of the file, counted from its start. */
enum { STEADY_DEADLINE = 8, WALL_DEADLINE = 9, GLOBAL_STAMP = 10, FIRST_SLOT = 16 };

/** Now, by both clocks that the webhook's deadlines are told by. */
struct instant {
    uint64_t steady_ns; /* CLOCK_MONOTONIC */
    uint64_t wall_ms;   /* CLOCK_REALTIME */
};

/** The first bytes of a file, which never change while it is in use. */
struct counter_file_identity {
    uint64_t magic;
    uint32_t layout_version, header_bytes;
    uint64_t epoch;
    uint64_t slot_count;
    uint64_t lease_ns;
};

struct counter_file {
    const char *path; /* borrowed */
    int fd;           /* meaningful while mapped */
    struct guarded_mapping mapping; /* start NULL = not mapped */
    struct counter_file_identity identity; /* all zero = not mapped */
    const char *fault; /* why it isn't mapped, as last told; NULL = none */
};

/** What a grant depends on. */
struct stamps {
    uint64_t slot, global;
};

/** Now. */
struct instant instant_now(void);

/**
 * Maps the file at `path` if it is what README.md asks for; `owner` = a user who may own it beside root and the broker's.
 * Returns NULL, or why not, as a clause.
 */
const char *counter_file_open(struct counter_file *file, uid_t owner);

/** Why a mapped file must not be used any longer, as a clause, or NULL. */
const char *counter_file_find_fault(const struct counter_file *file, uid_t owner);

/** Unmaps the file, if it is mapped. */
void counter_file_close(struct counter_file *file);

/** The slot of a client id in a mapped file. */
uint32_t counter_file_slot(const struct counter_file *file, const char *client_id);

/** The stamps of a slot of a mapped file, at this moment. */
struct stamps counter_file_read(const struct counter_file *file, uint32_t slot);

/**
 * True while the file is mapped and still the one that was opened, its webhook's lease runs, and `until_ns`
 * (CLOCK_MONOTONIC) is ahead.
 */
bool counter_file_allows(const struct counter_file *file, uint64_t until_ns);

#endif
