#include "report-batch.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static bool add_string(cJSON *object, const char *name, const char *text)
{
    return cJSON_AddStringToObject(object, name, text) != NULL;
}

static bool add_number(cJSON *object, const char *name, uint64_t number)
{
    return cJSON_AddNumberToObject(object, name, (double)number) != NULL;
}

static bool add_head(cJSON *report, const struct reports *reports)
{
    return add_string(report, "broker", buffer_text(&reports->broker_name)) &&
           add_string(report, "instance", reports->instance) &&
           cJSON_AddBoolToObject(report, "started", !reports->is_known) &&
           add_number(report, "dropped", reports->queue.dropped);
}

static bool add_connection(cJSON *list, const struct connection *connection)
{
    cJSON *item = cJSON_CreateObject();
    if (!item || !add_string(item, "clientid", connection->client_id) ||
        !add_number(item, "connection", connection->number) || !cJSON_AddItemToArray(list, item)) {
        cJSON_Delete(item);
        return false;
    }
    return true;
}

static bool add_batch(cJSON *report, struct reports *reports)
{
    cJSON *list = cJSON_AddArrayToObject(report, "disconnected");
    bool ok = list != NULL;
    while (ok && reports->batch_length < MOST_IN_A_BATCH) {
        struct connection *connection = report_queue_take(&reports->queue);
        if (!connection) {
            break;
        }
        reports->batch_length++;
        ok = add_connection(list, connection);
        free(connection);
    }
    return ok;
}

static bool print(const cJSON *report, struct buffer *body)
{
    char *text = cJSON_PrintUnformatted(report);
    bool ok = text && buffer_append_text(body, text);
    cJSON_free(text);
    return ok;
}

bool report_batch_write(struct reports *reports)
{
    cJSON *report = cJSON_CreateObject();
    reports->batch_dropped = reports->queue.dropped;
    bool ok = report && add_head(report, reports) && add_batch(report, reports) && print(report, &reports->body);
    cJSON_Delete(report);
    if (!ok) {
        reports->queue.dropped += reports->batch_length;
    }
    return ok;
}
