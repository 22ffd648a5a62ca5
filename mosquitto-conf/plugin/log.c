#include "log.h"

#include <time.h>

#include "broker.h"
#include "text.h"

/* The broker cuts a line at 1000 characters. */
enum { MOST_NAME_CHARACTERS = 100, MOST_TEXT_CHARACTERS = 200, MOST_DENIALS_PER_SECOND = 100 };

int64_t now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now); /* asked for in each round of the broker */
    return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

int64_t now_seconds(void)
{
    return now_ms() / 1000;
}

bool log_begin(struct log *log, enum log_level level)
{
    if (log->writing || level > log->level) {
        return false;
    }
    log->writing = true;
    return true;
}

void log_end(struct log *log)
{
    log->writing = false;
}

/* Denials are made by clients, so they must not be able to fill the disk. */
static bool has_room_in_second(struct log *log)
{
    int64_t second = now_seconds();
    if (second != log->second) {
        log->second = second;
        log->lines_in_second = 0;
    }
    log->lines_in_second++;
    if (log->lines_in_second == MOST_DENIALS_PER_SECOND + 1) {
        mosquitto_log_printf(MOSQ_LOG_INFO, "bednet: over %d denials in one second, the rest of it is not logged",
                             MOST_DENIALS_PER_SECOND);
    }
    return log->lines_in_second <= MOST_DENIALS_PER_SECOND;
}

static const char *access_name(int access)
{
    switch (access) {
    case MOSQ_ACL_READ:
        return "read";
    case MOSQ_ACL_WRITE:
        return "write";
    case MOSQ_ACL_SUBSCRIBE:
        return "subscribe";
    default:
        return "unknown access";
    }
}

static const char *printable_username(struct log *log, const char *username)
{
    if (!username) {
        return "(none)";
    }
    return log->hides_usernames ? "(token)" : printable(username, MOST_NAME_CHARACTERS, &log->username);
}

/* What clients chose comes last, so that it can't pass for anything else. */
static void write_line(struct log *log, int type, const struct check *check, const char *verdict, const char *reason)
{
    const char *client_id = check->client_id ? printable(check->client_id, MOST_NAME_CHARACTERS, &log->client_id) : "(none)";
    const char *username = printable_username(log, check->username);
    if (check->kind == CHECK_USER) {
        mosquitto_log_printf(type, "bednet: sign-in %s%s; client %s, username %s", verdict, reason, client_id, username);
        return;
    }
    const char *topic = check->topic ? printable(check->topic, MOST_TEXT_CHARACTERS, &log->topic) : "(none)";
    mosquitto_log_printf(type, "bednet: %s %s%s; client %s, username %s, topic %s", access_name(check->access), verdict,
                         reason, client_id, username, topic);
}

void log_denial(struct log *log, const struct check *check, const char *reason)
{
    if (!log_begin(log, LEVEL_INFO)) {
        return;
    }
    if (has_room_in_second(log)) {
        write_line(log, MOSQ_LOG_INFO, check, "denied: ", printable(reason, MOST_TEXT_CHARACTERS, &log->reason));
    }
    log_end(log);
}

void log_grant(struct log *log, const struct check *check, const char *how)
{
    if (log_begin(log, LEVEL_DEBUG)) {
        write_line(log, MOSQ_LOG_DEBUG, check, "granted", how);
        log_end(log);
    }
}

void log_free(struct log *log)
{
    buffer_free(&log->username);
    buffer_free(&log->client_id);
    buffer_free(&log->topic);
    buffer_free(&log->reason);
}
