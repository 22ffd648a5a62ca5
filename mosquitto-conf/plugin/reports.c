#include "reports.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "report-batch.h"

enum {
    MOST_NUMBER_CHARACTERS = 20, /* an uint64_t */
    MOST_CLIENT_ID_BYTES = 128,  /* the webhook notes none that is longer */
    LOOK_MS = 5,                 /* a busy broker ticks thousands of times a second */
    GATHER_MS = 100,
    HEARTBEAT_MS = 5000,
    FIRST_PAUSE_MS = 500,
    LONGEST_PAUSE_MS = 5000,
    REMINDER_MS = 60000,
};

static bool is_on(const struct reports *reports)
{
    return reports->queue.ring != NULL;
}

static bool is_reported(const char *client_id)
{
    return client_id && strlen(client_id) <= MOST_CLIENT_ID_BYTES;
}

bool reports_open(struct reports *reports, const struct options *options, struct log *log)
{
    reports->options = options;
    reports->log = log;
    reports->pause_ms = FIRST_PAUSE_MS;
    if (!options->disconnect_url) {
        return true;
    }
    return write_instance(reports->instance) && write_broker_name(&reports->broker_name) &&
           sender_open(&reports->sender, options, options->disconnect_url) &&
           report_queue_open(&reports->queue, (size_t)options->disconnect_queue);
}

/* At SIGHUP the broker checks open connections again. Another client id = the broker reuses the memory of a client whose
 * end it didn't tell. */
static uint64_t number_of(struct reports *reports, const struct mosquitto *client, const char *client_id)
{
    const struct connection *open = connections_find(&reports->connections, client);
    if (open && strcmp(open->client_id, client_id) == 0) {
        return open->number;
    }
    reports_ended(reports, client);
    return ++reports->last_number;
}

const char *reports_header(struct reports *reports, const struct mosquitto *client, const char *client_id)
{
    if (!is_on(reports) || !is_reported(client_id)) {
        return NULL;
    }
    char number[MOST_NUMBER_CHARACTERS + 1];
    snprintf(number, sizeof(number), "%" PRIu64, number_of(reports, client, client_id));

    struct buffer *header = &reports->header;
    buffer_clear(header);
    bool ok = buffer_append_text(header, "X-Bednet-Connection: ") && buffer_append_text(header, reports->instance) &&
              buffer_append_text(header, ".") && buffer_append_text(header, number);
    return ok ? buffer_text(header) : NULL;
}

void reports_checked(struct reports *reports, const struct mosquitto *client, const char *client_id, enum outcome outcome)
{
    if (!is_on(reports) || !is_reported(client_id) || outcome == DENIED ||
        connections_find(&reports->connections, client)) {
        return;
    }
    struct connection *connection = connection_new(client, reports->last_number, client_id);
    if (connection && outcome == GRANTED && connections_add(&reports->connections, connection)) {
        return;
    }
    if (!connection || outcome == GRANTED) { /* out of memory: this end will never be told */
        free(connection);
        reports->queue.dropped++;
        return;
    }
    /* Not let in for want of an answer, but the webhook may have noted it all the same. */
    report_queue_add(&reports->queue, connection);
}

void reports_ended(struct reports *reports, const struct mosquitto *client)
{
    struct connection *connection = connections_take(&reports->connections, client);
    if (connection) {
        report_queue_add(&reports->queue, connection);
    }
}

/* Once, then once a minute. */
static void say_that_it_fails(struct reports *reports, int64_t now)
{
    if (reports->is_failing && now - reports->announced_at_ms < REMINDER_MS) {
        return;
    }
    if (!log_begin(reports->log, LEVEL_ERROR)) {
        return;
    }
    reports->announced_at_ms = now;
    reports->is_failing = true;
    mosquitto_log_printf(MOSQ_LOG_WARNING,
                         "bednet: the webhook takes no report of ended connections: %s; %zu wait, %" PRIu64 " are lost",
                         sender_fault(&reports->sender), reports->batch_length + reports->queue.length,
                         reports->queue.dropped);
    log_end(reports->log);
}

static void say_that_it_works(struct reports *reports)
{
    if (reports->is_failing && log_begin(reports->log, LEVEL_ERROR)) {
        reports->is_failing = false;
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "bednet: the webhook takes reports of ended connections again");
        log_end(reports->log);
    }
}

static void forget_batch(struct reports *reports)
{
    buffer_clear(&reports->body);
    reports->batch_length = 0;
}

static void note_outcome(struct reports *reports, enum sending outcome, int64_t now)
{
    if (outcome == SENDING_TAKEN) {
        forget_batch(reports);
        reports->told_dropped = reports->batch_dropped;
        reports->is_known = true;
        reports->pause_ms = FIRST_PAUSE_MS;
        say_that_it_works(reports);
        return;
    }
    reports->not_before_ms = now + reports->pause_ms;
    reports->pause_ms = reports->pause_ms * 2 < LONGEST_PAUSE_MS ? reports->pause_ms * 2 : LONGEST_PAUSE_MS;
    say_that_it_fails(reports, now);
    if (outcome == SENDING_REFUSED) {
        reports->queue.dropped += reports->batch_length;
        forget_batch(reports);
    }
}

static bool is_due(const struct reports *reports, int64_t now)
{
    if (now < reports->not_before_ms) {
        return false;
    }
    if (reports->body.length > 0 || !reports->is_known || reports->queue.length >= MOST_IN_A_BATCH) {
        return true;
    }
    bool has_news = reports->queue.length > 0 || reports->queue.dropped != reports->told_dropped;
    return now - reports->sent_at_ms >= (has_news ? GATHER_MS : HEARTBEAT_MS);
}

void reports_continue(struct reports *reports)
{
    int64_t now = now_ms();
    if (!is_on(reports) || now - reports->looked_at_ms < LOOK_MS) {
        return;
    }
    reports->looked_at_ms = now;
    enum sending state = sender_continue(&reports->sender);
    if (state == SENDING) {
        return;
    }
    if (state != SENDING_NOTHING) {
        note_outcome(reports, state, now);
    }
    if (!is_due(reports, now)) {
        return;
    }
    if (reports->body.length == 0 && !report_batch_write(reports)) {
        forget_batch(reports);
        reports->not_before_ms = now + reports->pause_ms; /* out of memory */
        return;
    }
    reports->sent_at_ms = now;
    if (!sender_begin(&reports->sender, &reports->body)) {
        note_outcome(reports, SENDING_LOST, now);
    }
}

void reports_close(struct reports *reports)
{
    sender_close(&reports->sender);
    connections_free(&reports->connections);
    report_queue_free(&reports->queue);
    buffer_free(&reports->broker_name);
    buffer_free(&reports->header);
    buffer_free(&reports->body);
}
