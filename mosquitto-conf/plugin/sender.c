#include "sender.h"

#include <stdio.h>

#include "http-transport.h"

enum { MOST_ANSWER_BYTES = 64 * 1024 };

/* curl's callback: only the status counts, but an answer without end is not listened to. */
static size_t drop_body(char *bytes, size_t one, size_t length, void *userdata)
{
    struct sender *sender = userdata;
    (void)bytes;
    (void)one;
    sender->answer_bytes += length;
    return sender->answer_bytes <= MOST_ANSWER_BYTES ? length : 0;
}

static bool set_up(struct sender *sender, const struct options *options, const char *url)
{
    CURL *curl = sender->curl;
    bool ok = set_transport(curl, options) && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A name that is still being looked up when the time is over must not be waited for. */
    ok = ok && curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
#endif
    sender->headers = build_headers("Content-Type: application/json", options);
    ok = ok && sender->headers && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, sender->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_WRITEDATA, sender) == CURLE_OK;
    return ok && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, sender->error_text) == CURLE_OK;
}

bool sender_open(struct sender *sender, const struct options *options, const char *url)
{
    sender->multi = curl_multi_init();
    sender->curl = curl_easy_init();
    return sender->multi && sender->curl && set_up(sender, options, url);
}

bool sender_begin(struct sender *sender, const struct buffer *body)
{
    CURL *curl = sender->curl;
    sender->answer_bytes = 0;
    sender->error_text[0] = '\0';
    sender->is_sending = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length) == CURLE_OK &&
                         curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buffer_text(body)) == CURLE_OK &&
                         curl_multi_add_handle(sender->multi, curl) == CURLM_OK;
    return sender->is_sending;
}

static enum sending judge(struct sender *sender, CURLcode code)
{
    long status = 0;
    if (code != CURLE_OK || curl_easy_getinfo(sender->curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) {
        if (!sender->error_text[0]) {
            snprintf(sender->error_text, sizeof(sender->error_text), "%s", curl_easy_strerror(code));
        }
        return SENDING_LOST;
    }
    if (status >= 200 && status < 300) {
        return SENDING_TAKEN;
    }
    snprintf(sender->error_text, sizeof(sender->error_text), "HTTP %ld", status);
    return status < 500 ? SENDING_REFUSED : SENDING_LOST;
}

static enum sending end(struct sender *sender, enum sending outcome)
{
    curl_multi_remove_handle(sender->multi, sender->curl);
    sender->is_sending = false;
    return outcome;
}

enum sending sender_continue(struct sender *sender)
{
    int running = 0, left = 0;
    if (!sender->is_sending) {
        return SENDING_NOTHING;
    }
    if (curl_multi_perform(sender->multi, &running) != CURLM_OK) {
        return end(sender, SENDING_LOST);
    }
    for (CURLMsg *news = curl_multi_info_read(sender->multi, &left); news;
         news = curl_multi_info_read(sender->multi, &left)) {
        if (news->msg == CURLMSG_DONE) {
            return end(sender, judge(sender, news->data.result));
        }
    }
    return SENDING;
}

const char *sender_fault(struct sender *sender)
{
    return sender->error_text[0] ? sender->error_text : "libcurl failed";
}

void sender_close(struct sender *sender)
{
    if (sender->is_sending) {
        end(sender, SENDING_LOST);
    }
    curl_easy_cleanup(sender->curl);
    if (sender->multi) {
        curl_multi_cleanup(sender->multi);
    }
    curl_slist_free_all(sender->headers);
}
