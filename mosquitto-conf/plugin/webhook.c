#include "webhook.h"

#include <string.h>

#include "text.h"

bool webhook_open(struct webhook *webhook, const struct mosquitto_opt *given, int given_count)
{
    struct options *options = &webhook->options;
    if (options_read(options, given, given_count) > 0) {
        return false;
    }
    webhook->log.level = options->log_level;
    webhook->log.hides_usernames = options->token_mode;
    if (!request_writer_open(&webhook->writer, options) || !http_open(&webhook->http, options)) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "bednet: out of memory.");
        return false;
    }
    mosquitto_log_printf(MOSQ_LOG_INFO, "bednet: asking %s by %s, %s, waiting at most %ld ms; decision cache: %ld grants",
                         options->address, options->method, options->form ? "form" : "json", options->timeout_ms,
                         options->cache_file_count > 0 ? options->cache_entries : 0);
    return decision_cache_open(&webhook->cache, options);
}

static bool is_asked(const struct options *options, const struct check *check)
{
    return check->kind == CHECK_USER ? options->user_url != NULL : options->acl_url || options->superuser_url;
}

/* Names that could change the meaning of a pattern such as users/%u/#. The broker itself keeps them from the ACL checks of
 * plugins with the older interface only (auth_plugin_deny_special_chars). */
static bool has_special_chars(const struct options *options, const struct check *check)
{
    return strpbrk(check->client_id, "+#/") || (!options->token_mode && strpbrk(check->username, "+#/"));
}

/* Why the check is denied without asking, or NULL. */
static const char *find_own_denial(const struct options *options, const struct check *check)
{
    if (!is_asked(options, check)) {
        return "not registered to be asked";
    }
    if (!check->username || !*check->username) {
        return "no username";
    }
    if (check->kind == CHECK_USER && (!check->password || !*check->password)) {
        return "no password";
    }
    if (check->kind == CHECK_ACL && (!check->client_id || !check->topic)) {
        return "no client id or no topic";
    }
    if (check->kind == CHECK_ACL && options->deny_special_chars && has_special_chars(options, check)) {
        return "+, # or / in the username or client id";
    }
    if (options->token_mode && !is_visible_ascii(check->username)) { /* it goes into a header line */
        return "the token is not printable ASCII";
    }
    return NULL;
}

static enum outcome fail_for_memory(struct webhook *webhook)
{
    buffer_clear(&webhook->failure);
    buffer_append_text(&webhook->failure, "out of memory");
    return FAILED;
}

static enum outcome ask(struct webhook *webhook, const struct check *check, const char *url)
{
    struct options *options = &webhook->options;
    if (!request_write(&webhook->writer, check)) {
        return fail_for_memory(webhook);
    }
    const struct request request = {
        .url = url,
        .body = &webhook->writer.body,
        .token = options->token_mode ? check->username : NULL,
        .header = check->connection_header,
    };
    const struct reply *reply = http_send(&webhook->http, &request);
    enum outcome outcome = answer_decide(reply, options->answer_mode);
    if (outcome == DENIED && webhook->log.level >= LEVEL_INFO) {
        answer_explain_denial(reply, &webhook->denial);
    } else if (outcome == FAILED) {
        answer_explain_failure(reply, &webhook->failure);
    }
    return outcome;
}

/* As in mosquitto-go-auth, a failed superuser check doesn't stop the ACL check, and counts unless that one grants. */
static enum outcome ask_once(struct webhook *webhook, const struct check *check)
{
    const struct options *options = &webhook->options;
    enum outcome superuser = DENIED;
    if (check->kind == CHECK_ACL && options->superuser_url) {
        struct check question = *check;
        question.kind = CHECK_SUPERUSER;
        superuser = ask(webhook, &question, options->superuser_url);
        if (superuser == GRANTED) {
            return GRANTED;
        }
    }

    const char *url = check->kind == CHECK_USER ? options->user_url : options->acl_url;
    enum outcome outcome = url ? ask(webhook, check, url) : DENIED;
    return outcome == DENIED ? superuser : outcome;
}

static enum outcome ask_with_retries(struct webhook *webhook, const struct check *check)
{
    enum outcome outcome = FAILED;
    for (long attempt = 0; outcome == FAILED && attempt <= webhook->options.retry_count; attempt++) {
        outcome = ask_once(webhook, check);
    }
    return outcome;
}

/* Logging comes last: it may make the broker check other clients through this same webhook (see log_begin). */
static enum outcome ask_and_log(struct webhook *webhook, const struct check *check, const struct question *question)
{
    const char *address = webhook->options.address;
    enum outcome outcome = ask_with_retries(webhook, check);
    bool is_stranger = outcome == GRANTED && question &&
                       !decision_cache_store(&webhook->cache, question, &webhook->http.reply.offer);
    if (outcome == FAILED) {
        outage_failed(&webhook->outage, &webhook->log, address, buffer_text(&webhook->failure));
        return FAILED;
    }
    if (outcome == DENIED) {
        log_denial(&webhook->log, check, buffer_text(&webhook->denial));
    } else {
        log_grant(&webhook->log, check, "");
    }
    outage_answered(&webhook->outage, &webhook->log, address);
    if (is_stranger) {
        counter_files_look(&webhook->cache.files, &webhook->log);
    }
    return outcome;
}

enum outcome webhook_decide(struct webhook *webhook, struct check *check)
{
    const char *own_denial = find_own_denial(&webhook->options, check);
    if (own_denial) {
        log_denial(&webhook->log, check, own_denial);
        return DENIED;
    }
    if (webhook->options.clientid_as_username) {
        check->username = check->client_id;
    }

    struct question question;
    bool is_taken = decision_cache_takes(&webhook->cache, check);
    if (is_taken && decision_cache_grants(&webhook->cache, check, &question)) {
        log_grant(&webhook->log, check, " from memory");
        return GRANTED;
    }
    return ask_and_log(webhook, check, is_taken ? &question : NULL);
}

void webhook_continue(struct webhook *webhook)
{
    decision_cache_continue(&webhook->cache, &webhook->log);
}

void webhook_close(struct webhook *webhook)
{
    decision_cache_close(&webhook->cache, &webhook->log);
    http_close(&webhook->http);
    request_writer_free(&webhook->writer);
    options_free(&webhook->options);
    log_free(&webhook->log);
    buffer_free(&webhook->denial);
    buffer_free(&webhook->failure);
}
