/* What the operator wrote behind `plugin_opt_` or `auth_opt_`, checked and typed. */
#ifndef BEDNET_OPTIONS_H
#define BEDNET_OPTIONS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "broker.h"
#include "log.h"

enum { MOST_CACHE_FILES = 8 };

enum answer_mode { ANSWER_STATUS, ANSWER_TEXT, ANSWER_JSON };

struct options {
    bool token_mode; /* backends jwt: the username is a token, sent as Authorization: Bearer */
    bool send_client_id; /* token mode: the user check's body carries the client id, else it is null */
    bool form;       /* bodies are forms, else JSON */
    enum answer_mode answer_mode;
    const char *method; /* POST, PUT or GET */
    char *address;      /* scheme, host and port, or the socket's path: for the log, never with a query */
    char *user_url;     /* NULL = user checks are denied without asking */
    char *acl_url;      /* NULL = ACL checks are denied without asking */
    char *superuser_url; /* NULL = nobody is a superuser */
    char *disconnect_url; /* NULL = the ends of connections are not reported */
    long disconnect_queue; /* how many of them may wait */
    char *user_agent;
    char *ca_file;     /* NULL = the system's certificates */
    char *unix_socket; /* NULL = TCP */
    bool verify_peer;
    long timeout_ms;
    long retry_count;
    bool clientid_as_username;
    bool deny_special_chars;
    enum log_level log_level;
    char *cache_files[MOST_CACHE_FILES]; /* absolute paths */
    size_t cache_file_count; /* 0 = no decision cache */
    long cache_entries;
    uid_t cache_file_owner; /* a user who may own them; the broker's own if not given */
    struct curl_slist *headers; /* http_header_<Name> as `Name: value` */
};

/**
 * Reads all options, reports each fault as one line of the broker's log, and returns how many there were.
 * Above 0 the plugin must not start. Either way `options` is to be given to options_free.
 */
int options_read(struct options *options, const struct mosquitto_opt *given, int given_count);

/** Gives back all that options_read took. */
void options_free(struct options *options);

#endif
