#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "option-reading.h"

static const char *const OWN_HEADERS[] = {
    "Authorization", /* token mode only: must stay the first */
    "Connection",        "Content-Length", "Content-Type", "Expect", "Transfer-Encoding", "User-Agent",
    "X-Bednet-Connection",
};

/* RFC 9110 s. 5.6.2 */
static bool is_header_name(const char *name)
{
    static const char ALLOWED[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return *name && name[strspn(name, ALLOWED)] == '\0';
}

static bool is_header_value(const char *value)
{
    for (const char *c = value; *c; c++) {
        if ((*c < 0x20 && *c != '\t') || *c > 0x7E) {
            return false;
        }
    }
    return true;
}

static bool is_own_header(const char *name, bool token_mode)
{
    size_t count = sizeof(OWN_HEADERS) / sizeof(OWN_HEADERS[0]);
    for (size_t i = token_mode ? 0 : 1; i < count; i++) {
        if (strcasecmp(OWN_HEADERS[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_given(const struct curl_slist *headers, const char *name)
{
    size_t length = strlen(name);
    for (; headers; headers = headers->next) {
        if (strncasecmp(headers->data, name, length) == 0 && headers->data[length] == ':') {
            return true;
        }
    }
    return false;
}

static bool append_header(struct options *options, const char *name, const char *value)
{
    char *line = NULL;
    if (asprintf(&line, "%s: %s", name, value) < 0) {
        return false;
    }
    struct curl_slist *headers = curl_slist_append(options->headers, line);
    free(line);
    if (!headers) {
        return false;
    }
    options->headers = headers;
    return true;
}

void read_header(struct reading *reading, const char *key, const char *name, const char *value)
{
    struct options *options = reading->options;
    if (!is_header_name(name)) {
        report_fault(&reading->faults, "%s names no HTTP header.", key);
    } else if (is_own_header(name, options->token_mode)) {
        report_fault(&reading->faults, "%s is refused: the plugin sets that header itself.", key);
    } else if (is_given(options->headers, name)) {
        report_fault(&reading->faults, "%s is given twice.", key);
    } else if (!is_header_value(value)) {
        report_fault(&reading->faults, "%s must hold printable ASCII only.", key);
    } else if (!append_header(options, name, value)) {
        report_fault(&reading->faults, "%s: out of memory.", key);
    }
}
