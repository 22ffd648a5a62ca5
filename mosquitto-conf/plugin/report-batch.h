/* The body of one report. */
#ifndef BEDNET_REPORT_BATCH_H
#define BEDNET_REPORT_BATCH_H

#include "reports.h"

enum { MOST_IN_A_BATCH = 500 };

/**
 * Takes the oldest connections from the queue, MOST_IN_A_BATCH at most, and writes them into `body`; their number into
 * `batch_length`. False = out of memory; what was taken from the queue then counts as dropped.
 */
bool report_batch_write(struct reports *reports);

#endif
