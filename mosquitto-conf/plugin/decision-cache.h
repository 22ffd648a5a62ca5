/* Grants that the webhook allowed to remember, for as long as its counter files say that nothing was revoked. */
#ifndef BEDNET_DECISION_CACHE_H
#define BEDNET_DECISION_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "check.h"
#include "counter-files.h"
#include "decision-table.h"
#include "log.h"
#include "offer.h"
#include "options.h"

struct decision_cache {
    struct decision_table table; /* grants NULL = there is no cache */
    struct counter_files files;
    uint64_t hash_key[2];
    uint64_t hits, misses, stored; /* ACL checks since the newest line that told them */
    int64_t told_at_ms;
};

/** A check that is about to be asked: which it is, and the stamps before the first request. */
struct question {
    uint64_t key[2];
    struct {
        uint64_t epoch; /* 0 = that file is not mapped */
        uint32_t slot;
        struct stamps stamps;
    } before[MOST_CACHE_FILES];
};

/** Opens the counter files into an all-zero cache. False = a fault, already logged; either way decision_cache_close follows. */
bool decision_cache_open(struct decision_cache *cache, const struct options *options);

/** True if `check` may be remembered: there is a cache, and it is an ACL check. */
bool decision_cache_takes(const struct decision_cache *cache, const struct check *check);

/** True = granted, without asking. Else `question` is filled in, for decision_cache_store. */
bool decision_cache_grants(struct decision_cache *cache, const struct check *check, struct question *question);

/** Remembers that the webhook granted `question`, if its offer fits. False = the offer names a file that isn't mapped. */
bool decision_cache_store(struct decision_cache *cache, const struct question *question, const struct offer *offer);

/** Looks at the counter files and tells the counts, each when it is time; may be called at any rate. */
void decision_cache_continue(struct decision_cache *cache, struct log *log);

/** Tells the counts and gives back all memory. */
void decision_cache_close(struct decision_cache *cache, struct log *log);

#endif
