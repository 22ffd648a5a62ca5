#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "option-reading.h"

#ifdef BROKER_VERSION
#define DEFAULT_USER_AGENT "mosquitto-" BROKER_VERSION
#else
#define DEFAULT_USER_AGENT "mosquitto"
#endif

enum { DEFAULT_TIMEOUT_MS = 5000, LONGEST_TIMEOUT_SECONDS = 3600, MOST_RETRIES = 10 };

static const char *const BACKENDS[] = {"http", "jwt"};
static const char *const METHODS[] = {"POST", "PUT", "GET"};
static const char *const PARAMS_MODES[] = {"json", "form"};
static const char *const ANSWER_MODES[] = {[ANSWER_STATUS] = "status", [ANSWER_TEXT] = "text", [ANSWER_JSON] = "json"};

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

static long read_timeout_ms(struct reading *reading)
{
    const char *seconds_name = name_of(reading, SETTING_TIMEOUT);
    const char *ms_name = name_of(reading, SETTING_TIMEOUT_MS);
    const char *seconds_text = reading->values[SETTING_TIMEOUT];
    const char *ms_text = reading->values[SETTING_TIMEOUT_MS];

    long seconds = read_number(&reading->faults, seconds_name, seconds_text, 1, LONGEST_TIMEOUT_SECONDS, 0);
    long ms = read_number(&reading->faults, ms_name, ms_text, 1, LONGEST_TIMEOUT_SECONDS * 1000L, DEFAULT_TIMEOUT_MS);
    if (seconds_text && ms_text) {
        report_fault(&reading->faults, "%s and %s are both set: choose one.", seconds_name, ms_name);
    }
    return seconds ? seconds * 1000 : ms;
}

static void read_request(struct reading *reading)
{
    struct options *options = reading->options;
    struct faults *faults = &reading->faults;
    const char *method_name = name_of(reading, SETTING_METHOD);
    const char *params_name = name_of(reading, SETTING_PARAMS_MODE);
    const char *response_name = name_of(reading, SETTING_RESPONSE_MODE);
    const char *user_agent = reading->values[SETTING_USER_AGENT];

    options->method = METHODS[read_word(faults, method_name, reading->values[SETTING_METHOD], METHODS, 3)];
    options->form = read_word(faults, params_name, reading->values[SETTING_PARAMS_MODE], PARAMS_MODES, 2) == 1;
    options->answer_mode = read_word(faults, response_name, reading->values[SETTING_RESPONSE_MODE], ANSWER_MODES, 3);
    if (options->form && strcmp(options->method, "GET") == 0) {
        report_fault(faults, "%s form contradicts %s GET: a form needs POST or PUT.", params_name, method_name);
    }
    options->timeout_ms = read_timeout_ms(reading);
    options->retry_count = read_number(faults, "retry_count", reading->values[SETTING_RETRY_COUNT], 0, MOST_RETRIES, 0);
    options->user_agent = strdup(user_agent ? user_agent : DEFAULT_USER_AGENT);
    if (!options->user_agent) {
        report_fault(faults, "out of memory.");
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

static void free_copies(struct mosquitto_opt *copies, int count)
{
    for (int i = 0; copies && i < count; i++) {
        free(copies[i].value);
    }
    free(copies);
}

/* The broker keeps blanks at the end of a line, where nobody sees them. Keys are borrowed, values copied.
 * NULL = out of memory. */
static struct mosquitto_opt *copy_trimmed(const struct mosquitto_opt *given, int count)
{
    struct mosquitto_opt *copies = calloc((size_t)count + 1, sizeof(*copies));
    for (int i = 0; copies && i < count; i++) {
        size_t length = strlen(given[i].value);
        while (length > 0 && strchr(" \t\r", given[i].value[length - 1])) {
            length--;
        }
        copies[i].key = given[i].key;
        copies[i].value = strndup(given[i].value, length);
        if (!copies[i].value) {
            free_copies(copies, i);
            return NULL;
        }
    }
    return copies;
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
