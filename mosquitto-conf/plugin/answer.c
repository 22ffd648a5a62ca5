#include "answer.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The whole body as JSON, or NULL. Nothing but blanks may follow the value, and no NUL may hide a part of it. */
static cJSON *parse_json(const struct buffer *body)
{
    const char *text = buffer_text(body);
    if (strlen(text) != body->length) {
        return NULL;
    }
    return cJSON_ParseWithLengthOpts(text, body->length + 1, NULL, true);
}

/* mosquitto-go-auth ignores the letter case of `Ok`. Of several, all must be true. */
static enum outcome decide_object(const cJSON *object)
{
    if (cJSON_IsNull(object)) {
        return DENIED;
    }
    if (!cJSON_IsObject(object)) {
        return FAILED;
    }
    enum outcome outcome = DENIED;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, object)
    {
        if (strcasecmp(item->string, "ok") != 0) {
            continue;
        }
        if (!cJSON_IsTrue(item)) {
            return cJSON_IsFalse(item) || cJSON_IsNull(item) ? DENIED : FAILED;
        }
        outcome = GRANTED;
    }
    return outcome;
}

static enum outcome decide_json(const struct buffer *body)
{
    cJSON *json = parse_json(body);
    enum outcome outcome = json ? decide_object(json) : FAILED;
    cJSON_Delete(json);
    return outcome;
}

enum outcome answer_decide(const struct reply *reply, enum answer_mode mode)
{
    if (reply->error || reply->status >= 500) {
        return FAILED;
    }
    if (reply->status < 200 || reply->status >= 300) {
        return DENIED;
    }
    switch (mode) {
    case ANSWER_STATUS:
        return GRANTED;
    case ANSWER_TEXT:
        return reply->body.length == 2 && memcmp(reply->body.data, "ok", 2) == 0 ? GRANTED : DENIED;
    case ANSWER_JSON:
        return decide_json(&reply->body);
    }
    return FAILED;
}

static bool append_json_error(const struct buffer *body, struct buffer *reason)
{
    cJSON *json = parse_json(body);
    const char *error = cJSON_GetStringValue(cJSON_GetObjectItem(json, "Error"));
    bool found = error && *error && buffer_append_text(reason, error);
    cJSON_Delete(json);
    return found;
}

static void append_status(const struct reply *reply, struct buffer *reason)
{
    char status[32]; /* a number */
    snprintf(status, sizeof(status), "HTTP %ld", reply->status);
    buffer_append_text(reason, status);
}

void answer_explain_denial(const struct reply *reply, struct buffer *reason)
{
    buffer_clear(reason);
    if (reply->reason.length > 0) {
        buffer_append(reason, reply->reason.data, reply->reason.length);
    } else if (reply->body.length > 0 && !append_json_error(&reply->body, reason)) {
        buffer_append(reason, reply->body.data, reply->body.length);
    }
    if (reason->length == 0) {
        append_status(reply, reason);
    }
}

void answer_explain_failure(const struct reply *reply, struct buffer *reason)
{
    buffer_clear(reason);
    if (reply->error) {
        buffer_append_text(reason, reply->error);
    } else if (reply->status >= 500) {
        append_status(reply, reason);
        buffer_append_text(reason, reply->reason.length > 0 ? ", " : "");
        buffer_append_text(reason, buffer_text(&reply->reason));
    } else {
        buffer_append_text(reason, "the answer is not JSON with Ok true or false");
    }
}
