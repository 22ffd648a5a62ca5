#include "http-transport.h"

enum { KEPT_IDLE_SECONDS = 24 * 60 * 60 }; /* the next request may be hours away; a closed connection is noticed anyway */

static bool set_protocols(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
}

/* Redirects are not followed (curl's default): 3xx is a denial. */
bool set_transport(CURL *curl, const struct options *options)
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
    ok = ok && curl_easy_setopt(curl, CURLOPT_USERAGENT, options->user_agent) == CURLE_OK;
    return ok && (!options->ca_file || curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file) == CURLE_OK);
}

static bool add_header(struct curl_slist **headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*headers, line);
    if (!longer) {
        return false;
    }
    *headers = longer;
    return true;
}

struct curl_slist *build_headers(const char *content_type, const struct options *options)
{
    struct curl_slist *headers = NULL;
    bool ok = add_header(&headers, content_type) && add_header(&headers, "Expect:") && add_header(&headers, "Accept:");
    for (const struct curl_slist *header = options->headers; ok && header; header = header->next) {
        ok = add_header(&headers, header->data);
    }
    if (!ok) {
        curl_slist_free_all(headers);
        return NULL;
    }
    return headers;
}
