#include "http.h"

#include <string.h>
#include <strings.h>

enum {
    MOST_BODY_BYTES = 64 * 1024,
    MOST_REASON_BYTES = 1024,
    KEPT_IDLE_SECONDS = 24 * 60 * 60, /* a check may be hours after the last; a closed connection is noticed anyway */
};

static const char REASON_HEADER[] = "X-Bednet-Reason:";

/* curl's callback; taking fewer bytes than given ends the transfer with CURLE_WRITE_ERROR. */
static size_t take_body(char *bytes, size_t one, size_t length, void *userdata)
{
    struct reply *reply = userdata;
    (void)one;
    bool fits = length <= MOST_BODY_BYTES - reply->body.length;
    return fits && buffer_append(&reply->body, bytes, length) ? length : 0;
}

static size_t take_header(char *bytes, size_t one, size_t length, void *userdata)
{
    struct reply *reply = userdata;
    const size_t name_length = sizeof(REASON_HEADER) - 1;
    (void)one;
    if (length < name_length || strncasecmp(bytes, REASON_HEADER, name_length) != 0) {
        return length;
    }

    const char *value = bytes + name_length;
    size_t value_length = length - name_length;
    while (value_length > 0 && strchr(" \t\r\n", value[value_length - 1])) {
        value_length--;
    }
    while (value_length > 0 && *value == ' ') {
        value++;
        value_length--;
    }
    buffer_clear(&reply->reason);
    bool ok = buffer_append(&reply->reason, value, value_length < MOST_REASON_BYTES ? value_length : MOST_REASON_BYTES);
    return ok ? length : 0;
}

static bool add_header(struct http *http, const char *line)
{
    struct curl_slist *headers = curl_slist_append(http->headers, line);
    if (!headers) {
        return false;
    }
    http->headers = headers;
    return true;
}

static bool build_headers(struct http *http, const struct options *options)
{
    bool ok = add_header(http, options->form ? "Content-Type: application/x-www-form-urlencoded"
                                             : "Content-Type: application/json");
    ok = ok && add_header(http, "Expect:") && add_header(http, "Accept:");
    for (const struct curl_slist *header = options->headers; ok && header; header = header->next) {
        ok = add_header(http, header->data);
    }
    return ok;
}

static bool set_protocols(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}

/* Redirects are not followed (curl's default): 3xx is a denial. */
static bool set_transport(CURL *curl, const struct options *options)
{
    bool ok = set_protocols(curl);
    ok = ok && curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK; /* the broker owns the signals */
    ok = ok && curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;    /* none from the environment */
    ok = ok && curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)KEPT_IDLE_SECONDS) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, options->timeout_ms) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, options->timeout_ms) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, options->unix_socket) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, options->verify_peer ? 1L : 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, options->verify_peer ? 2L : 0L) == CURLE_OK;
    return ok && (!options->ca_file || curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file) == CURLE_OK);
}

static bool set_request(struct http *http, const struct options *options)
{
    CURL *curl = http->curl;
    bool ok = build_headers(http, options);
    ok = ok && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_USERAGENT, options->user_agent) == CURLE_OK;
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

static CURLcode prepare(struct http *http, const char *url, const struct buffer *body, const char *token)
{
    CURL *curl = http->curl;
    CURLcode code = CURLE_OK;
    if (url != http->url) {
        code = curl_easy_setopt(curl, CURLOPT_URL, url);
        http->url = code == CURLE_OK ? url : NULL;
    }
    if (code == CURLE_OK && token) {
        code = curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token);
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
    }
    return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buffer_text(body)) : code;
}

static const char *describe_error(const struct http *http, CURLcode code)
{
    if (code == CURLE_WRITE_ERROR) {
        return "the answer is over 64 KiB";
    }
    return http->error_text[0] ? http->error_text : curl_easy_strerror(code);
}

const struct reply *http_send(struct http *http, const char *url, const struct buffer *body, const char *token)
{
    struct reply *reply = &http->reply;
    buffer_clear(&reply->body);
    buffer_clear(&reply->reason);
    reply->status = 0;
    http->error_text[0] = '\0';

    CURLcode code = prepare(http, url, body, token);
    if (code == CURLE_OK) {
        code = curl_easy_perform(http->curl);
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
