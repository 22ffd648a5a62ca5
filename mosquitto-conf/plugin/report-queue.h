/* Connections that have ended and are still to be reported: first in, first out, and bounded. */
#ifndef BEDNET_REPORT_QUEUE_H
#define BEDNET_REPORT_QUEUE_H

#include <stddef.h>

#include "connections.h"

struct report_queue {
    struct connection **ring;
    size_t capacity;
    size_t first;
    size_t length;
    uint64_t dropped; /* since the start: what is never reported */
};

/** Gives an all-zero queue room for that many. False = out of memory. */
bool report_queue_open(struct report_queue *queue, size_t capacity);

/** Takes over a connection. A full queue drops its oldest one for it. */
void report_queue_add(struct report_queue *queue, struct connection *connection);

/** Hands back the oldest connection, or NULL. */
struct connection *report_queue_take(struct report_queue *queue);

/** Frees all of it. */
void report_queue_free(struct report_queue *queue);

#endif
