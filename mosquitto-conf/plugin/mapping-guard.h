/* Keeps the broker alive when a mapped file is truncated: reading behind a file's end raises SIGBUS. */
#ifndef BEDNET_MAPPING_GUARD_H
#define BEDNET_MAPPING_GUARD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct guarded_mapping {
    void *start;
    size_t length;
    struct guarded_mapping *next; /* of all that are guarded in this process */
};

/**
 * From now on a fault within the mapping puts pages of zeros in its place, and the read goes on with a zero.
 * Other faults go to the handler that was there before. `mapping` stays where it is until unguard_mapping.
 * False = no handler could be set, and nothing is guarded.
 */
bool guard_mapping(struct guarded_mapping *mapping);

/** Ends the guard, before the mapping goes; with the last one the handler goes too. */
void unguard_mapping(struct guarded_mapping *mapping);

#endif
