#include "outage.h"

#include "broker.h"
#include "text.h"

enum { REMINDER_SECONDS = 60, FLAPPING_SECONDS = 10, MOST_REASON_CHARACTERS = 200 };

void outage_failed(struct outage *outage, struct log *log, const char *address, const char *reason)
{
    int64_t now = now_seconds();
    int64_t quiet_seconds = outage->announced ? REMINDER_SECONDS : FLAPPING_SECONDS;
    outage->failed_checks++;
    if ((outage->announced_at && now - outage->announced_at < quiet_seconds) || !log_begin(log, LEVEL_ERROR)) {
        return;
    }
    const char *still = outage->announced ? "still " : "";
    outage->announced = true;
    outage->announced_at = now;
    mosquitto_log_printf(MOSQ_LOG_ERR,
                         "bednet: the webhook at %s %sfails: %s; until it answers, every check is refused (%lu so far)",
                         address, still, printable(reason, MOST_REASON_CHARACTERS, &log->reason), outage->failed_checks);
    log_end(log);
}

void outage_answered(struct outage *outage, struct log *log, const char *address)
{
    if (!outage->announced || !log_begin(log, LEVEL_ERROR)) {
        return;
    }
    unsigned long failed_checks = outage->failed_checks;
    outage->announced = false;
    outage->failed_checks = 0;
    mosquitto_log_printf(MOSQ_LOG_NOTICE, "bednet: the webhook at %s answers again; failed checks: %lu", address,
                         failed_checks);
    log_end(log);
}
