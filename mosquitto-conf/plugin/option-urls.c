#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "option-reading.h"
#include "text.h"

static const char *const CHECKS[] = {"user", "superuser", "acl"};
enum { ASKS_USER = 1 << 0, ASKS_SUPERUSER = 1 << 1, ASKS_ACL = 1 << 2 };
enum { LEAST_WAITING_REPORTS = 100, MOST_WAITING_REPORTS = 1000000, DEFAULT_WAITING_REPORTS = 10000 };

static void report_missing(struct reading *reading, enum setting setting)
{
    report_fault(&reading->faults, "%s is missing.", name_of(reading, setting));
}

/* A copy of the setting's text; NULL = not given. */
static char *copy_value(struct reading *reading, enum setting setting)
{
    const char *value = reading->values[setting];
    char *copy = value ? strdup(value) : NULL;
    if (value && !copy) {
        report_fault(&reading->faults, "%s: out of memory.", name_of(reading, setting));
    }
    return copy;
}

static void read_tls(struct reading *reading, bool with_tls)
{
    struct options *options = reading->options;
    const char *ca_file = name_of(reading, SETTING_CA_FILE);
    const char *tls = name_of(reading, SETTING_WITH_TLS);
    const char *verify = name_of(reading, SETTING_VERIFY_PEER);

    options->verify_peer = read_bool(&reading->faults, verify, reading->values[SETTING_VERIFY_PEER], true);
    options->ca_file = copy_value(reading, SETTING_CA_FILE);
    if (options->ca_file && !with_tls) {
        report_fault(&reading->faults, "%s needs %s true.", ca_file, tls);
    } else if (options->ca_file && !options->verify_peer) {
        report_fault(&reading->faults, "%s contradicts %s false.", ca_file, verify);
    } else if (options->ca_file && access(options->ca_file, R_OK) != 0) {
        report_fault(&reading->faults, "%s: can't read '%s': %m.", ca_file, options->ca_file);
    } else if (with_tls && !options->verify_peer) {
        mosquitto_log_printf(MOSQ_LOG_WARNING, "bednet: %s false: anybody on the way can pose as the webhook.", verify);
    }
}

static void read_socket(struct reading *reading, bool with_tls)
{
    const char *path = reading->values[SETTING_UNIX_SOCKET];
    const char *name = name_of(reading, SETTING_UNIX_SOCKET);
    if (!path) {
        return;
    }
    if (path[0] != '/' || strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        report_fault(&reading->faults, "%s must be an absolute path of at most 107 bytes.", name);
    }
    if (with_tls) {
        report_fault(&reading->faults, "%s contradicts %s true.", name, name_of(reading, SETTING_WITH_TLS));
    }
    reading->options->unix_socket = copy_value(reading, SETTING_UNIX_SOCKET);
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static const char *read_host(struct reading *reading)
{
    const char *host = reading->values[SETTING_HOST];
    if (!host && reading->values[SETTING_UNIX_SOCKET]) {
        return "localhost";
    }
    if (!host) {
        report_missing(reading, SETTING_HOST);
        return NULL;
    }
    CURLU *url = curl_url();
    bool fits = url && is_visible_ascii(host) && !strpbrk(host, "/?#@\\") &&
                curl_url_set(url, CURLUPART_HOST, host, 0) == CURLUE_OK;
    curl_url_cleanup(url);
    if (!fits) {
        report_fault(&reading->faults, "%s must be a host name or an address (IPv6 in brackets), not '%s'.",
                     name_of(reading, SETTING_HOST), host);
        return NULL;
    }
    return host;
}

/* Scheme, host and port. NULL after a fault. */
static char *read_origin(struct reading *reading, bool with_tls)
{
    const char *scheme = with_tls ? "https" : "http";
    const char *port_text = reading->values[SETTING_PORT];
    const char *host = read_host(reading);
    long port = read_number(&reading->faults, name_of(reading, SETTING_PORT), port_text, 1, 65535, 0);
    if (!port_text && !reading->values[SETTING_UNIX_SOCKET]) {
        report_missing(reading, SETTING_PORT);
    }
    if (!host) {
        return NULL;
    }

    char *origin = NULL;
    int length = port ? asprintf(&origin, "%s://%s:%ld", scheme, host, port) : asprintf(&origin, "%s://%s", scheme, host);
    return length < 0 ? NULL : origin;
}

/* The URL of one check; NULL = not asked, or a fault. The URI may carry a key, so it is never written to the log. */
static char *read_url(struct reading *reading, enum setting setting, const char *origin, bool is_asked)
{
    const char *uri = reading->values[setting];
    if (!uri) {
        if (setting == SETTING_USER_URI || setting == SETTING_ACL_URI) {
            report_missing(reading, setting);
        }
        return NULL;
    }
    if (uri[0] != '/' || !is_visible_ascii(uri) || strchr(uri, '#')) {
        report_fault(&reading->faults, "%s must begin with / and hold no blank and no #.", name_of(reading, setting));
        return NULL;
    }
    char *url = NULL;
    if (is_asked && origin && asprintf(&url, "%s%s", origin, uri) < 0) {
        report_fault(&reading->faults, "%s: out of memory.", name_of(reading, setting));
        return NULL;
    }
    return url;
}

static void read_reports(struct reading *reading, const char *origin)
{
    struct options *options = reading->options;
    const char *name = name_of(reading, SETTING_DISCONNECT_QUEUE);
    const char *text = reading->values[SETTING_DISCONNECT_QUEUE];
    options->disconnect_url = read_url(reading, SETTING_DISCONNECT_URI, origin, true);
    options->disconnect_queue = read_number(&reading->faults, name, text, LEAST_WAITING_REPORTS, MOST_WAITING_REPORTS,
                                            DEFAULT_WAITING_REPORTS);
    if (text && !reading->values[SETTING_DISCONNECT_URI]) {
        report_fault(&reading->faults, "%s needs %s.", name, name_of(reading, SETTING_DISCONNECT_URI));
    }
}

void read_urls(struct reading *reading)
{
    struct options *options = reading->options;
    struct faults *faults = &reading->faults;
    bool with_tls = read_bool(faults, name_of(reading, SETTING_WITH_TLS), reading->values[SETTING_WITH_TLS], false);
    bool no_superuser = read_bool(faults, "disable_superuser", reading->values[SETTING_DISABLE_SUPERUSER], false);
    unsigned int asked = read_words(faults, name_of(reading, SETTING_REGISTER), reading->values[SETTING_REGISTER], CHECKS, 3);
    int faults_before = faults->count;

    read_tls(reading, with_tls);
    read_socket(reading, with_tls);
    char *origin = read_origin(reading, with_tls);
    options->user_url = read_url(reading, SETTING_USER_URI, origin, asked & ASKS_USER);
    options->acl_url = read_url(reading, SETTING_ACL_URI, origin, asked & ASKS_ACL);
    options->superuser_url = read_url(reading, SETTING_SUPERUSER_URI, origin, (asked & ASKS_SUPERUSER) && !no_superuser);
    read_reports(reading, origin);
    options->address = options->unix_socket ? strdup(options->unix_socket) : origin ? strdup(origin) : NULL;
    free(origin);
    if (faults->count == faults_before && !options->address) {
        report_fault(faults, "out of memory.");
    }
}
