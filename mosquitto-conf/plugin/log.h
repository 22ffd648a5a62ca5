/* Lines for the operator, through the broker's own log. */
#ifndef BEDNET_LOG_H
#define BEDNET_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "check.h"

enum log_level { LEVEL_NONE, LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

struct log {
    enum log_level level;
    bool hides_usernames; /* token mode: a username is a secret */
    bool writing;         /* see log_begin */
    int64_t second;       /* of the newest denial line, and how many there were in it */
    unsigned int lines_in_second;
    struct buffer username, client_id, topic, reason; /* printable copies */
};

/** Milliseconds of the monotonic clock, up to some 10 ms old. */
int64_t now_ms(void);

/** Seconds of the monotonic clock. */
int64_t now_seconds(void);

/**
 * Asks to write a line of that level; true = write it, then call log_end.
 * False also while another line is being written: with `log_dest topic` the broker publishes the line, checks its readers
 * through this plugin, and a denial logged there would be published again, without end.
 */
bool log_begin(struct log *log, enum log_level level);

/** Ends what log_begin allowed. */
void log_end(struct log *log);

/** Logs that a check was denied: who, what, and the webhook's reason (any bytes; only printable ASCII is written). */
void log_denial(struct log *log, const struct check *check, const char *reason);

/** Logs that a check was granted, for log_level debug; `how` follows that word, and may be empty. */
void log_grant(struct log *log, const struct check *check, const char *how);

/** Gives back the memory. */
void log_free(struct log *log);

#endif
