/* Bodies of requests, byte for byte what mosquitto-go-auth's webhooks expect. */
#ifndef BEDNET_REQUEST_H
#define BEDNET_REQUEST_H

#include <cjson/cJSON.h>

#include "buffer.h"
#include "check.h"
#include "options.h"

/* In the order in which mosquitto-go-auth writes them: alphabetical. */
enum field { FIELD_ACC, FIELD_CLIENTID, FIELD_PASSWORD, FIELD_TOPIC, FIELD_USERNAME, FIELD_COUNT };

struct request_writer {
    bool token_mode;
    bool send_client_id; /* token mode: in the user check too */
    bool form;
    cJSON *objects[CHECK_KIND_COUNT];            /* JSON: built once, filled in for each check */
    cJSON *items[CHECK_KIND_COUNT][FIELD_COUNT]; /* the same objects' fields */
    struct buffer repaired[FIELD_COUNT];         /* copies of strings that were not UTF-8 */
    struct buffer body;
};

/** Prepares an all-zero writer. False = out of memory; either way request_writer_free is to be called. */
bool request_writer_open(struct request_writer *writer, const struct options *options);

/** Writes the body of that check into `writer->body`. False = out of memory. */
bool request_write(struct request_writer *writer, const struct check *check);

/** Gives back all memory. */
void request_writer_free(struct request_writer *writer);

#endif
