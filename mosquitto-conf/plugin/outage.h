/* One line when the webhook fails, one when it answers again, and no flood between. */
#ifndef BEDNET_OUTAGE_H
#define BEDNET_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"

struct outage {
    bool announced;
    unsigned long failed_checks; /* since the last line that said the webhook answers */
    int64_t announced_at;        /* seconds of the newest line that said it fails; 0 = never */
};

/** A check failed for that reason. Says so at once, then once a minute; a webhook that flaps, once in ten seconds. */
void outage_failed(struct outage *outage, struct log *log, const char *address, const char *reason);

/** A check had an answer. If an outage was announced, says that it is over. */
void outage_answered(struct outage *outage, struct log *log, const char *address);

#endif
