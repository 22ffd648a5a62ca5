#include "decision-table.h"

#include <stdlib.h>

enum { WAYS = 8 }; /* places of a set */

bool decision_table_open(struct decision_table *table, size_t entry_count)
{
    table->set_count = entry_count / WAYS;
    table->grants = calloc(table->set_count * WAYS, sizeof(*table->grants));
    return table->grants != NULL;
}

/* The upper half of the key spreads evenly over any number of sets, without a division. */
static struct grant *set_of(const struct decision_table *table, const uint64_t key[2])
{
    return table->grants + ((key[0] >> 32) * table->set_count >> 32) * WAYS;
}

static bool has_key(const struct grant *grant, const uint64_t key[2])
{
    return grant->key[0] == key[0] && grant->key[1] == key[1];
}

struct grant *decision_table_find(const struct decision_table *table, const uint64_t key[2])
{
    struct grant *set = set_of(table, key);
    for (int way = 0; way < WAYS; way++) {
        if (has_key(&set[way], key)) {
            return &set[way];
        }
    }
    return NULL;
}

void decision_table_touch(struct decision_table *table, struct grant *grant)
{
    grant->used_at = table->uses++;
}

/* The difference is right even when the number of uses has begun anew at 0. */
static struct grant *find_oldest(const struct decision_table *table, struct grant *set)
{
    struct grant *oldest = set;
    for (struct grant *grant = set + 1; grant < set + WAYS; grant++) {
        if (table->uses - grant->used_at > table->uses - oldest->used_at) {
            oldest = grant;
        }
    }
    return oldest;
}

struct grant *decision_table_place(const struct decision_table *table, const uint64_t key[2], uint64_t now_ns)
{
    struct grant *set = set_of(table, key);
    struct grant *own = decision_table_find(table, key);
    for (int way = 0; !own && way < WAYS; way++) {
        own = set[way].until_ns <= now_ns ? &set[way] : NULL;
    }
    return own ? own : find_oldest(table, set);
}

void decision_table_free(struct decision_table *table)
{
    free(table->grants);
    table->grants = NULL;
}
