#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "option-reading.h"

static const char *const BACKENDS[] = {"http", "jwt"};

static const struct {
    const char *name;
    enum log_level level;
} LOG_LEVELS[] = {
    {"info", LEVEL_INFO},   {"debug", LEVEL_DEBUG}, {"warn", LEVEL_WARN},  {"error", LEVEL_ERROR},
    {"none", LEVEL_NONE},   {"fatal", LEVEL_NONE},  {"panic", LEVEL_NONE},
};

static const char *find_value(const struct mosquitto_opt *given, int given_count, const char *key)
{
    for (int i = 0; i < given_count; i++) {
        if (strcmp(given[i].key, key) == 0) {
            return given[i].value;
        }
    }
    return NULL;
}

/* Which backend decides what the other options are called, so it is read before them. */
static void read_backend(struct reading *reading, const struct mosquitto_opt *given, int given_count)
{
    const char *backends = find_value(given, given_count, "backends");
    if (!backends) {
        report_fault(&reading->faults, "backends is missing: it must be http or jwt.");
    }
    reading->options->token_mode = read_word(&reading->faults, "backends", backends, BACKENDS, 2) == 1;
}

static void report_stranger(struct reading *reading, const char *key)
{
    bool token_mode = reading->options->token_mode;
    if (find_setting(key, !token_mode) != SETTING_COUNT || find_header_name(key, !token_mode)) {
        report_fault(&reading->faults, "%s has no effect with backends %s.", key, BACKENDS[token_mode]);
    } else {
        report_fault(&reading->faults, "unknown option %s.", key);
    }
}

static void sort_option(struct reading *reading, const char *key, const char *value)
{
    bool token_mode = reading->options->token_mode;
    enum setting setting = find_setting(key, token_mode);
    const char *header = find_header_name(key, token_mode);
    const char *refusal = find_refusal(key);

    if (setting != SETTING_COUNT && reading->values[setting]) {
        report_fault(&reading->faults, "%s is given twice.", key);
    } else if (setting != SETTING_COUNT) {
        reading->values[setting] = value;
    } else if (header) {
        read_header(reading, key, header, value);
    } else if (refusal && read_bool(&reading->faults, key, value, false)) {
        report_fault(&reading->faults, "%s true is refused: %s.", key, refusal);
    } else if (is_ignored(key)) {
        mosquitto_log_printf(MOSQ_LOG_WARNING, "bednet: %s changes nothing here, please remove it.", key);
    } else if (!refusal) {
        report_stranger(reading, key);
    }
}

static void read_log_level(struct reading *reading)
{
    enum { COUNT = sizeof(LOG_LEVELS) / sizeof(LOG_LEVELS[0]) };
    const char *names[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        names[i] = LOG_LEVELS[i].name;
    }
    size_t chosen = read_word(&reading->faults, "log_level", reading->values[SETTING_LOG_LEVEL], names, COUNT);
    reading->options->log_level = LOG_LEVELS[chosen].level;
}

static void read_identity(struct reading *reading)
{
    struct options *options = reading->options;
    struct faults *faults = &reading->faults;
    const char *jwt_mode = reading->values[SETTING_JWT_MODE];

    options->clientid_as_username =
        read_bool(faults, "use_clientid_as_username", reading->values[SETTING_CLIENTID_AS_USERNAME], false);
    options->deny_special_chars = read_bool(faults, "deny_special_chars", reading->values[SETTING_DENY_SPECIAL_CHARS], true);
    if (!options->token_mode) {
        return;
    }
    options->send_client_id = read_bool(faults, "jwt_send_clientid", reading->values[SETTING_SEND_CLIENTID], false);
    if (options->clientid_as_username) {
        report_fault(faults, "use_clientid_as_username contradicts backends jwt, where the username is the token.");
    }
    if (!jwt_mode || strcmp(jwt_mode, "remote") != 0) {
        report_fault(faults, "jwt_mode must be remote: only the webhook reads tokens.");
    }
}

int options_read(struct options *options, const struct mosquitto_opt *given, int given_count)
{
    struct reading reading = {.options = options};
    struct mosquitto_opt *copies = copy_trimmed(given, given_count);
    if (!copies) {
        report_fault(&reading.faults, "out of memory.");
        return reading.faults.count;
    }

    read_backend(&reading, copies, given_count);
    for (int i = 0; i < given_count; i++) {
        sort_option(&reading, copies[i].key, copies[i].value);
    }
    read_log_level(&reading);
    read_identity(&reading);
    read_request(&reading);
    read_urls(&reading);
    read_cache(&reading);
    free_copies(copies, given_count);
    return reading.faults.count;
}

void options_free(struct options *options)
{
    free(options->address);
    free(options->user_url);
    free(options->acl_url);
    free(options->superuser_url);
    free(options->disconnect_url);
    free(options->user_agent);
    free(options->ca_file);
    free(options->unix_socket);
    for (size_t i = 0; i < options->cache_file_count; i++) {
        free(options->cache_files[i]);
    }
    curl_slist_free_all(options->headers);
}
