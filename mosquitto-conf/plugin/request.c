#include "request.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const char *const FIELD_NAMES[FIELD_COUNT] = {
    [FIELD_ACC] = "acc",     [FIELD_CLIENTID] = "clientid", [FIELD_PASSWORD] = "password",
    [FIELD_TOPIC] = "topic", [FIELD_USERNAME] = "username",
};

enum {
    USER_FIELDS = 1 << FIELD_CLIENTID | 1 << FIELD_PASSWORD | 1 << FIELD_USERNAME,
    SUPERUSER_FIELDS = 1 << FIELD_USERNAME,
    ACL_FIELDS = 1 << FIELD_ACC | 1 << FIELD_CLIENTID | 1 << FIELD_TOPIC | 1 << FIELD_USERNAME,
    MOST_ESCAPED_BYTES = 6, /* what one byte can become in a JSON string: \u001f */
    MOST_FIXED_BYTES = 128, /* braces, names, quotes, acc */
};

/* In token mode the token says who it is, so all that is left of the user checks is the client id, or nothing. */
static unsigned int fields_of(const struct request_writer *writer, enum check_kind kind)
{
    if (kind == CHECK_ACL) {
        return writer->token_mode ? ACL_FIELDS & ~(1u << FIELD_USERNAME) : ACL_FIELDS;
    }
    if (writer->token_mode) {
        return kind == CHECK_USER && writer->send_client_id ? 1u << FIELD_CLIENTID : 0;
    }
    return kind == CHECK_USER ? USER_FIELDS : SUPERUSER_FIELDS;
}

static bool add_item(struct request_writer *writer, enum check_kind kind, enum field field)
{
    cJSON *item = field == FIELD_ACC ? cJSON_CreateNumber(0) : cJSON_CreateStringReference("");
    if (!item || !cJSON_AddItemToObjectCS(writer->objects[kind], FIELD_NAMES[field], item)) {
        cJSON_Delete(item);
        return false;
    }
    writer->items[kind][field] = item;
    return true;
}

static bool build_object(struct request_writer *writer, enum check_kind kind)
{
    unsigned int fields = fields_of(writer, kind);
    writer->objects[kind] = fields ? cJSON_CreateObject() : cJSON_CreateNull();
    bool ok = writer->objects[kind] != NULL;
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        ok = ok && (!(fields & 1u << field) || add_item(writer, kind, field));
    }
    return ok;
}

bool request_writer_open(struct request_writer *writer, const struct options *options)
{
    writer->token_mode = options->token_mode;
    writer->send_client_id = options->send_client_id;
    writer->form = options->form;
    bool ok = true;
    for (enum check_kind kind = 0; !writer->form && kind < CHECK_KIND_COUNT; kind++) {
        ok = ok && build_object(writer, kind);
    }
    return ok;
}

static const char *field_text(const struct check *check, enum field field)
{
    const char *texts[FIELD_COUNT] = {
        [FIELD_CLIENTID] = check->client_id,
        [FIELD_PASSWORD] = check->password,
        [FIELD_TOPIC] = check->topic,
        [FIELD_USERNAME] = check->username,
    };
    return texts[field] ? texts[field] : "";
}

static bool write_json(struct request_writer *writer, const struct check *check)
{
    size_t longest = MOST_FIXED_BYTES;
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        cJSON *item = writer->items[check->kind][field];
        if (!item || field == FIELD_ACC) {
            continue;
        }
        const char *text = utf8_repaired(field_text(check, field), &writer->repaired[field]);
        if (!text) {
            return false;
        }
        item->valuestring = (char *)text; /* a reference item: cJSON neither changes nor frees it */
        longest += MOST_ESCAPED_BYTES * strlen(text);
    }
    if (writer->items[check->kind][FIELD_ACC]) {
        cJSON_SetNumberValue(writer->items[check->kind][FIELD_ACC], check->access);
    }

    struct buffer *body = &writer->body;
    if (!buffer_reserve(body, longest) ||
        !cJSON_PrintPreallocated(writer->objects[check->kind], body->data, (int)longest, false)) {
        return false;
    }
    body->length = strlen(body->data);
    return true;
}

static bool append_pair(struct buffer *body, const char *name, const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);
    bool ok = escaped && buffer_append_text(body, body->length > 0 ? "&" : "") && buffer_append_text(body, name) &&
              buffer_append_text(body, "=") && buffer_append_text(body, escaped);
    curl_free(escaped);
    return ok;
}

static bool write_form(struct request_writer *writer, const struct check *check)
{
    unsigned int fields = fields_of(writer, check->kind);
    char access[12]; /* an int */
    snprintf(access, sizeof(access), "%d", check->access);

    bool ok = true;
    for (enum field field = 0; ok && field < FIELD_COUNT; field++) {
        if (fields & 1u << field) {
            const char *text =
                field == FIELD_ACC ? access : utf8_repaired(field_text(check, field), &writer->repaired[field]);
            ok = text && append_pair(&writer->body, FIELD_NAMES[field], text);
        }
    }
    return ok;
}

bool request_write(struct request_writer *writer, const struct check *check)
{
    buffer_clear(&writer->body);
    return writer->form ? write_form(writer, check) : write_json(writer, check);
}

void request_writer_free(struct request_writer *writer)
{
    for (enum check_kind kind = 0; kind < CHECK_KIND_COUNT; kind++) {
        cJSON_Delete(writer->objects[kind]);
    }
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        buffer_free(&writer->repaired[field]);
    }
    buffer_free(&writer->body);
}
