/* Remembered grants: a set-associative table that is allocated once. Finding and replacing cost the same at any size. */
#ifndef BEDNET_DECISION_TABLE_H
#define BEDNET_DECISION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "counter-file.h"

struct grant {
    uint64_t key[2];
    uint64_t until_ns; /* CLOCK_MONOTONIC; 0 = an empty place */
    uint64_t epoch; /* of the counter file that holds the stamps */
    struct stamps stamps;
    uint32_t slot;
    uint32_t used_at; /* see decision_table_touch */
    uint16_t file;    /* its place among the counter files */
};

struct decision_table {
    struct grant *grants; /* set by set */
    size_t set_count;
    uint32_t uses;
};

/** Allocates an all-zero table of `entry_count` places, a few less if that is no whole number of sets. False = out of memory. */
bool decision_table_open(struct decision_table *table, size_t entry_count);

/** The grant of that key, or NULL. */
struct grant *decision_table_find(const struct decision_table *table, const uint64_t key[2]);

/** Notes that a grant was stored or used just now. */
void decision_table_touch(struct decision_table *table, struct grant *grant);

/** The place for a grant of that key: its own, else one that is free or over at `now_ns`, else the one unused for longest. */
struct grant *decision_table_place(const struct decision_table *table, const uint64_t key[2], uint64_t now_ns);

/** Gives back the memory. */
void decision_table_free(struct decision_table *table);

#endif
