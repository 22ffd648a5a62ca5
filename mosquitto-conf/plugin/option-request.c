#include <stdlib.h>
#include <string.h>

#include "option-reading.h"

#ifdef BROKER_VERSION
#define DEFAULT_USER_AGENT "mosquitto-" BROKER_VERSION
#else
#define DEFAULT_USER_AGENT "mosquitto"
#endif

enum { DEFAULT_TIMEOUT_MS = 5000, LONGEST_TIMEOUT_SECONDS = 3600, MOST_RETRIES = 10 };

static const char *const METHODS[] = {"POST", "PUT", "GET"};
static const char *const PARAMS_MODES[] = {"json", "form"};
static const char *const ANSWER_MODES[] = {[ANSWER_STATUS] = "status", [ANSWER_TEXT] = "text", [ANSWER_JSON] = "json"};

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

void read_request(struct reading *reading)
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
