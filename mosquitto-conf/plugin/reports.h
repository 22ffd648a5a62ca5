/* Tells the webhook which connections have ended, in batches, without ever making the broker wait. */
#ifndef BEDNET_REPORTS_H
#define BEDNET_REPORTS_H

#include "broker-identity.h"
#include "check.h"
#include "connections.h"
#include "log.h"
#include "options.h"
#include "report-queue.h"
#include "sender.h"

struct reports {
    const struct options *options;
    struct log *log;
    struct connections connections;
    struct report_queue queue;
    struct sender sender;
    uint64_t last_number;
    char instance[INSTANCE_CHARACTERS + 1];
    struct buffer broker_name;
    struct buffer header; /* of the newest user check */
    struct buffer body;   /* of the newest batch; empty = it was taken, or given up */
    size_t batch_length;
    uint64_t batch_dropped, told_dropped; /* what the batch says of queue.dropped, and what the webhook has taken */
    bool is_known; /* the webhook has heard of this start */
    bool is_failing;
    int64_t looked_at_ms, sent_at_ms, not_before_ms, announced_at_ms;
    int64_t pause_ms; /* after the next failure */
};

/** Prepares all-zero reports; without http_disconnect_uri all the rest does nothing. False = out of memory. */
bool reports_open(struct reports *reports, const struct options *options, struct log *log);

/** The header that tells the webhook which connection a user check is about. NULL = none is sent. */
const char *reports_header(struct reports *reports, const struct mosquitto *client, const char *client_id);

/** The user check that reports_header was called for had this outcome. */
void reports_checked(struct reports *reports, const struct mosquitto *client, const char *client_id, enum outcome outcome);

/** That client's connection has ended. */
void reports_ended(struct reports *reports, const struct mosquitto *client);

/** Sends what there is to be sent, as far as that goes without waiting. */
void reports_continue(struct reports *reports);

/** Gives up what was not sent, closes the connection and gives back all memory. */
void reports_close(struct reports *reports);

#endif
