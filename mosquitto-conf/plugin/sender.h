/* Posts one body after the other and never waits: all of it happens in calls that come back at once. */
#ifndef BEDNET_SENDER_H
#define BEDNET_SENDER_H

#include <curl/curl.h>

#include "buffer.h"
#include "options.h"

struct sender {
    CURLM *multi; /* keeps the connection between two posts */
    CURL *curl;
    struct curl_slist *headers;
    bool is_sending;
    size_t answer_bytes;
    char error_text[CURL_ERROR_SIZE];
};

/** TAKEN = 2xx. REFUSED = another status below 500: the same body would be refused again. LOST = it may be tried again. */
enum sending { SENDING_NOTHING, SENDING, SENDING_TAKEN, SENDING_REFUSED, SENDING_LOST };

/** Prepares an all-zero sender of JSON to that URL. False = out of memory; either way sender_close is to be called. */
bool sender_open(struct sender *sender, const struct options *options, const char *url);

/** Begins to post a body that stays as it is until the post has ended. False = libcurl can't. */
bool sender_begin(struct sender *sender, const struct buffer *body);

/** Goes on as far as that is possible without waiting. TAKEN, REFUSED and LOST are told once. */
enum sending sender_continue(struct sender *sender);

/** Why the last post was REFUSED or LOST, as part of a sentence. */
const char *sender_fault(struct sender *sender);

/** Gives up what is being sent, closes the connection and gives back all memory. */
void sender_close(struct sender *sender);

#endif
