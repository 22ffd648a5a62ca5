/* The broker's view: version, start, stop, and the two events (plugin interface 5, Mosquitto 2.0 and later). */
#include <curl/curl.h>
#include <stdlib.h>

#include "broker.h"
#include "webhook.h"

#define EXPORTED __attribute__((visibility("default")))

enum { PLUGIN_INTERFACE = 5 };

struct plugin {
    mosquitto_plugin_id_t *id;
    struct webhook webhook;
};

static int on_basic_auth(int event, void *event_data, void *userdata)
{
    struct plugin *plugin = userdata;
    struct mosquitto_evt_basic_auth *sign_in = event_data;
    (void)event;

    struct check check = {
        .kind = CHECK_USER,
        .username = sign_in->username,
        .password = sign_in->password,
        .client_id = mosquitto_client_id(sign_in->client),
    };
    switch (webhook_decide(&plugin->webhook, &check)) {
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

/* Stops and frees what was started. Unregistering what was never registered is harmless. */
static void stop(struct plugin *plugin)
{
    mosquitto_callback_unregister(plugin->id, MOSQ_EVT_BASIC_AUTH, on_basic_auth, NULL);
    mosquitto_callback_unregister(plugin->id, MOSQ_EVT_ACL_CHECK, on_acl_check, NULL);
    webhook_close(&plugin->webhook);
    free(plugin);
    curl_global_cleanup();
}

static int start(struct plugin *plugin, const struct mosquitto_opt *options, int option_count)
{
    if (!webhook_open(&plugin->webhook, options, option_count)) {
        return MOSQ_ERR_INVAL;
    }
    int code = mosquitto_callback_register(plugin->id, MOSQ_EVT_BASIC_AUTH, on_basic_auth, NULL, plugin);
    if (code == MOSQ_ERR_SUCCESS) {
        code = mosquitto_callback_register(plugin->id, MOSQ_EVT_ACL_CHECK, on_acl_check, NULL, plugin);
    }
    return code;
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
