#include "http.h"

#include <string.h>
#include <strings.h>

#include "http-transport.h"

enum {
    MOST_BODY_BYTES = 64 * 1024,
    MOST_REASON_BYTES = 1024,
};

/* curl's callback; taking fewer bytes than given ends the transfer with CURLE_WRITE_ERROR. */
static size_t take_body(char *bytes, size_t one, size_t length, void *userdata)
{
    struct reply *reply = userdata;
    (void)one;
    bool fits = length <= MOST_BODY_BYTES - reply->body.length;
    return fits && buffer_append(&reply->body, bytes, length) ? length : 0;
}

/* The value of a header line of that name, blanks around it left out, or NULL. `length` is the line's, then the value's. */
static const char *find_value(const char *line, size_t *length, const char *name)
{
    size_t name_length = strlen(name);
    if (*length < name_length || strncasecmp(line, name, name_length) != 0) {
        return NULL;
    }
    const char *value = line + name_length;
    *length -= name_length;
    while (*length > 0 && strchr(" \t\r\n", value[*length - 1])) {
        (*length)--;
    }
    while (*length > 0 && *value == ' ') {
        value++;
        (*length)--;
    }
    return value;
}

static bool take_reason(struct reply *reply, const char *value, size_t length)
{
    buffer_clear(&reply->reason);
    return buffer_append(&reply->reason, value, length < MOST_REASON_BYTES ? length : MOST_REASON_BYTES);
}

static void clear_offers(struct reply *reply)
{
    reply->offer = (struct offer){0};
    reply->offer_count = 0;
}

/* Two offers contradict each other. */
static void take_offer(struct reply *reply, const char *value, size_t length)
{
    reply->offer_count++;
    reply->offer = reply->offer_count == 1 ? offer_read(value, length) : (struct offer){0};
}

/* curl's callback. A status line begins the next answer, such as the one after a 103. */
static size_t take_header(char *bytes, size_t one, size_t length, void *userdata)
{
    struct reply *reply = userdata;
    size_t status_length = length, reason_length = length, offer_length = length;
    (void)one;
    if (find_value(bytes, &status_length, "HTTP/")) {
        clear_offers(reply);
        return length;
    }
    const char *reason = find_value(bytes, &reason_length, "X-Bednet-Reason:");
    if (reason) {
        return take_reason(reply, reason, reason_length) ? length : 0;
    }
    const char *offer = find_value(bytes, &offer_length, "X-Bednet-Cache:");
    if (offer) {
        take_offer(reply, offer, offer_length);
    }
    return length;
}

static bool set_request(struct http *http, const struct options *options)
{
    CURL *curl = http->curl;
    http->headers = build_headers(
        options->form ? "Content-Type: application/x-www-form-urlencoded" : "Content-Type: application/json", options);
    bool ok = http->headers && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, options->method) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HTTPAUTH, options->token_mode ? CURLAUTH_BEARER : CURLAUTH_NONE) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEDATA, &http->reply) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_HEADERDATA, &http->reply) == CURLE_OK;
    return ok && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->error_text) == CURLE_OK;
}

bool http_open(struct http *http, const struct options *options)
{
    http->curl = curl_easy_init();
    return http->curl && set_transport(http->curl, options) && set_request(http, options);
}

static CURLcode prepare(struct http *http, const struct request *request)
{
    CURL *curl = http->curl;
    CURLcode code = CURLE_OK;
    if (request->url != http->url) {
        code = curl_easy_setopt(curl, CURLOPT_URL, request->url);
        http->url = code == CURLE_OK ? request->url : NULL;
    }
    if (code == CURLE_OK && request->token) {
        code = curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, request->token);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body->length);
    }
    return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buffer_text(request->body)) : code;
}

/* The header of one request only comes before those of all; libcurl never changes the list. */
static CURLcode perform(struct http *http, const char *header)
{
    if (!header) {
        return curl_easy_perform(http->curl);
    }
    struct curl_slist with_header = {.data = (char *)header, .next = http->headers};
    CURLcode code = curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, &with_header);
    if (code == CURLE_OK) {
        code = curl_easy_perform(http->curl);
    }
    CURLcode restored = curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, http->headers);
    return code == CURLE_OK ? restored : code;
}

static const char *describe_error(const struct http *http, CURLcode code)
{
    if (code == CURLE_WRITE_ERROR) {
        return "the answer is over 64 KiB";
    }
    return http->error_text[0] ? http->error_text : curl_easy_strerror(code);
}

const struct reply *http_send(struct http *http, const struct request *request)
{
    struct reply *reply = &http->reply;
    buffer_clear(&reply->body);
    buffer_clear(&reply->reason);
    clear_offers(reply);
    reply->status = 0;
    http->error_text[0] = '\0';

    CURLcode code = prepare(http, request);
    if (code == CURLE_OK) {
        code = perform(http, request->header);
    }
    if (code == CURLE_OK) {
        code = curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    }
    reply->error = code == CURLE_OK ? NULL : describe_error(http, code);
    return reply;
}

void http_close(struct http *http)
{
    curl_easy_cleanup(http->curl);
    curl_slist_free_all(http->headers);
    buffer_free(&http->reply.body);
    buffer_free(&http->reply.reason);
}
