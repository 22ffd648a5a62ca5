/* The broker's view: version, start, stop, and the events (plugin interface 5, Mosquitto 2.0 and later). */
#include <curl/curl.h>
#include <stdlib.h>

#include "broker.h"
#include "reports.h"
#include "webhook.h"

#define EXPORTED __attribute__((visibility("default")))

enum { PLUGIN_INTERFACE = 5, TICK_MS = 100 };

struct plugin {
    mosquitto_plugin_id_t *id;
    struct webhook webhook;
    struct reports reports;
};

static int on_basic_auth(int event, void *event_data, void *userdata)
{
    struct plugin *plugin = userdata;
    struct mosquitto_evt_basic_auth *sign_in = event_data;
    (void)event;

    const char *client_id = mosquitto_client_id(sign_in->client);
    struct check check = {
        .kind = CHECK_USER,
        .username = sign_in->username,
        .password = sign_in->password,
        .client_id = client_id,
        .connection_header = reports_header(&plugin->reports, sign_in->client, client_id),
    };
    enum outcome outcome = webhook_decide(&plugin->webhook, &check);
    reports_checked(&plugin->reports, sign_in->client, client_id, outcome);
    switch (outcome) {
    case GRANTED:
        return MOSQ_ERR_SUCCESS;
    case DENIED:
        return MOSQ_ERR_AUTH;
    default:
        return MOSQ_ERR_UNKNOWN;
    }
}

static int on_acl_check(int event, void *event_data, void *userdata)
{
    struct plugin *plugin = userdata;
    struct mosquitto_evt_acl_check *asked = event_data;
    (void)event;
    if (asked->access == MOSQ_ACL_UNSUBSCRIBE) {
        return MOSQ_ERR_SUCCESS; /* giving up a subscription harms nobody */
    }

    struct check check = {
        .kind = CHECK_ACL,
        .username = mosquitto_client_username(asked->client),
        .client_id = mosquitto_client_id(asked->client),
        .topic = asked->topic,
        .access = asked->access,
    };
    switch (webhook_decide(&plugin->webhook, &check)) {
    case GRANTED:
        return MOSQ_ERR_SUCCESS;
    case DENIED:
        return MOSQ_ERR_ACL_DENIED;
    default:
        return MOSQ_ERR_UNKNOWN;
    }
}

/* Of 2.0 and later: every end. Of 2.1 and later: with EVENT_CLIENT_OFFLINE, whose data is the same. */
static int on_end(int event, void *event_data, void *userdata)
{
    struct plugin *plugin = userdata;
    struct mosquitto_evt_disconnect *end = event_data;
    (void)event;
    reports_ended(&plugin->reports, end->client);
    return MOSQ_ERR_SUCCESS;
}

static int on_tick(int event, void *event_data, void *userdata)
{
    struct plugin *plugin = userdata;
    struct mosquitto_evt_tick *tick = event_data;
    (void)event;
    TICK_NEXT_MS(tick) = TICK_MS;
    reports_continue(&plugin->reports);
    webhook_continue(&plugin->webhook);
    return MOSQ_ERR_SUCCESS;
}

static const struct {
    int event;
    MOSQ_FUNC_generic_callback callback;
    enum { ALWAYS, REPORTS, REPORTS_IF_KNOWN } use; /* REPORTS: only if ends are reported */
} EVENTS[] = {
    {MOSQ_EVT_BASIC_AUTH, on_basic_auth, ALWAYS}, {MOSQ_EVT_ACL_CHECK, on_acl_check, ALWAYS},
    {MOSQ_EVT_TICK, on_tick, ALWAYS},             {MOSQ_EVT_DISCONNECT, on_end, REPORTS},
    {EVENT_CLIENT_OFFLINE, on_end, REPORTS_IF_KNOWN},
};
enum { EVENT_COUNT = sizeof(EVENTS) / sizeof(EVENTS[0]) };

/* Stops and frees what was started. Unregistering what was never registered is harmless. */
static void stop(struct plugin *plugin)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        mosquitto_callback_unregister(plugin->id, EVENTS[i].event, EVENTS[i].callback, NULL);
    }
    reports_close(&plugin->reports);
    webhook_close(&plugin->webhook);
    free(plugin);
    curl_global_cleanup();
}

static int start(struct plugin *plugin, const struct mosquitto_opt *options, int option_count)
{
    struct webhook *webhook = &plugin->webhook;
    if (!webhook_open(webhook, options, option_count)) {
        return MOSQ_ERR_INVAL;
    }
    if (!reports_open(&plugin->reports, &webhook->options, &webhook->log)) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "bednet: out of memory.");
        return MOSQ_ERR_NOMEM;
    }
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (EVENTS[i].use != ALWAYS && !webhook->options.disconnect_url) {
            continue;
        }
        int code = mosquitto_callback_register(plugin->id, EVENTS[i].event, EVENTS[i].callback, NULL, plugin);
        if (code != MOSQ_ERR_SUCCESS && EVENTS[i].use != REPORTS_IF_KNOWN) {
            return code;
        }
    }
    return MOSQ_ERR_SUCCESS;
}

EXPORTED int mosquitto_plugin_version(int supported_version_count, const int *supported_versions)
{
    for (int i = 0; i < supported_version_count; i++) {
        if (supported_versions[i] == PLUGIN_INTERFACE) {
            return PLUGIN_INTERFACE;
        }
    }
    return -1;
}

EXPORTED int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **userdata, struct mosquitto_opt *options,
                                   int option_count)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "bednet: libcurl can't be used.");
        return MOSQ_ERR_UNKNOWN;
    }
    struct plugin *plugin = calloc(1, sizeof(*plugin));
    if (!plugin) {
        curl_global_cleanup();
        return MOSQ_ERR_NOMEM;
    }
    plugin->id = identifier;

    int code = start(plugin, options, option_count);
    if (code != MOSQ_ERR_SUCCESS) {
        stop(plugin);
        return code;
    }
    *userdata = plugin;
    return MOSQ_ERR_SUCCESS;
}

EXPORTED int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count)
{
    (void)options;
    (void)option_count;
    if (userdata) {
        stop(userdata);
    }
    return MOSQ_ERR_SUCCESS;
}
