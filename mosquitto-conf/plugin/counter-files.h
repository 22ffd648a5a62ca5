/* All counter files of this broker: one for each process of the webhook that may answer it. */
#ifndef BEDNET_COUNTER_FILES_H
#define BEDNET_COUNTER_FILES_H

#include "counter-file.h"
#include "log.h"
#include "options.h"

struct counter_files {
    struct counter_file files[MOST_CACHE_FILES];
    size_t count;
    uid_t owner;           /* see counter_file_open */
    int64_t looked_at_ms;  /* see counter_files_look */
};

/**
 * Opens the files that the options name, into an all-zero set. One that is missing is a warning: its webhook may come later.
 * False = one is there and is wrong, already logged.
 */
bool counter_files_open(struct counter_files *files, const struct options *options);

/**
 * Looks at all files again, once a second at most: gives up those that are not as they should be any longer, and takes
 * those that have come. Each change is logged once. True = it was time, and it has looked.
 */
bool counter_files_look(struct counter_files *files, struct log *log);

/** The mapped file of that epoch, or NULL. */
const struct counter_file *counter_files_find(const struct counter_files *files, uint64_t epoch);

/** Unmaps all. */
void counter_files_close(struct counter_files *files);

#endif
