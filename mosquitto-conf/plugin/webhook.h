/* Asks the webhook for the broker: which questions one check takes, how often, and what is logged of it. */
#ifndef BEDNET_WEBHOOK_H
#define BEDNET_WEBHOOK_H

#include "answer.h"
#include "decision-cache.h"
#include "http.h"
#include "log.h"
#include "options.h"
#include "outage.h"
#include "request.h"

struct webhook {
    struct options options;
    struct request_writer writer;
    struct http http;
    struct log log;
    struct outage outage;
    struct decision_cache cache;
    struct buffer denial, failure; /* the newest reason for either */
};

/** Reads the options into an all-zero webhook. False = faults, already logged; either way webhook_close is to be called. */
bool webhook_open(struct webhook *webhook, const struct mosquitto_opt *given, int given_count);

/**
 * Decides one CHECK_USER or CHECK_ACL and logs it. The username may be replaced by the client id, if so configured.
 */
enum outcome webhook_decide(struct webhook *webhook, struct check *check);

/** What is due beside the checks; to be called at each tick. */
void webhook_continue(struct webhook *webhook);

/** Closes the connection and gives back all memory. */
void webhook_close(struct webhook *webhook);

#endif
