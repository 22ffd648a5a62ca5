/* The one connection to the webhook. */
#ifndef BEDNET_HTTP_H
#define BEDNET_HTTP_H

#include <curl/curl.h>

#include "buffer.h"
#include "offer.h"
#include "options.h"

/** What came back. `error` is NULL when there was an HTTP answer, else one sentence on why not. */
struct reply {
    const char *error;
    long status;
    struct buffer body;
    struct buffer reason; /* the header X-Bednet-Reason, empty without it */
    struct offer offer;   /* the header X-Bednet-Cache, if there is exactly one */
    unsigned int offer_count;
};

struct request {
    const char *url; /* stays valid and unchanged until http_close */
    const struct buffer *body;
    const char *token;  /* sent as `Authorization: Bearer`, or NULL */
    const char *header; /* one more line `Name: value`, or NULL */
};

struct http {
    CURL *curl;
    struct curl_slist *headers;
    const char *url; /* of the previous request */
    char error_text[CURL_ERROR_SIZE];
    struct reply reply; /* kept for its memory */
};

/** Prepares an all-zero connection; connects nowhere yet. False = out of memory; either way http_close is to be called. */
bool http_open(struct http *http, const struct options *options);

/** Sends one request and waits for the answer, at most the configured time. What comes back is valid until the next call. */
const struct reply *http_send(struct http *http, const struct request *request);

/** Closes the connection and gives back all memory. */
void http_close(struct http *http);

#endif
