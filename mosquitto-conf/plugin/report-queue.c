#include "report-queue.h"

#include <stdlib.h>

bool report_queue_open(struct report_queue *queue, size_t capacity)
{
    queue->ring = calloc(capacity, sizeof(*queue->ring));
    queue->capacity = queue->ring ? capacity : 0;
    return queue->ring != NULL;
}

void report_queue_add(struct report_queue *queue, struct connection *connection)
{
    if (queue->length == queue->capacity) {
        free(report_queue_take(queue));
        queue->dropped++;
    }
    queue->ring[(queue->first + queue->length) % queue->capacity] = connection;
    queue->length++;
}

struct connection *report_queue_take(struct report_queue *queue)
{
    if (queue->length == 0) {
        return NULL;
    }
    struct connection *oldest = queue->ring[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->length--;
    return oldest;
}

void report_queue_free(struct report_queue *queue)
{
    for (struct connection *each = report_queue_take(queue); each; each = report_queue_take(queue)) {
        free(each);
    }
    free(queue->ring);
    queue->ring = NULL;
    queue->capacity = 0;
}
