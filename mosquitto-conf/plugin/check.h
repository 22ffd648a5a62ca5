/* One question to the webhook, and its outcomes. */
#ifndef BEDNET_CHECK_H
#define BEDNET_CHECK_H

enum check_kind { CHECK_USER, CHECK_SUPERUSER, CHECK_ACL, CHECK_KIND_COUNT };

/** All strings are borrowed from the broker; those that a kind doesn't use may be NULL. */
struct check {
    enum check_kind kind;
    const char *username; /* in token mode: the token */
    const char *password; /* user checks, credentials mode */
    const char *client_id;
    const char *topic; /* ACL checks */
    int access;        /* ACL checks: MOSQ_ACL_READ, MOSQ_ACL_WRITE or MOSQ_ACL_SUBSCRIBE */
    const char *connection_header; /* user checks: `X-Bednet-Connection: …` where disconnects are reported */
};

/** FAILED = the truth could not be had: the webhook is down, too slow, answers 5xx or nonsense. */
enum outcome { GRANTED, DENIED, FAILED };

#endif
