#include "option-names.h"

#include <stddef.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *http;
    const char *jwt;
} NAMES[SETTING_COUNT] = {
    [SETTING_BACKENDS] = {"backends", "backends"},
    [SETTING_JWT_MODE] = {NULL, "jwt_mode"},
    [SETTING_SEND_CLIENTID] = {NULL, "jwt_send_clientid"},
    [SETTING_LOG_LEVEL] = {"log_level", "log_level"},
    [SETTING_RETRY_COUNT] = {"retry_count", "retry_count"},
    [SETTING_DISABLE_SUPERUSER] = {"disable_superuser", "disable_superuser"},
    [SETTING_CLIENTID_AS_USERNAME] = {"use_clientid_as_username", "use_clientid_as_username"},
    [SETTING_DENY_SPECIAL_CHARS] = {"deny_special_chars", "deny_special_chars"},
    [SETTING_HOST] = {"http_host", "jwt_host"},
    [SETTING_PORT] = {"http_port", "jwt_port"},
    [SETTING_UNIX_SOCKET] = {"http_unix_socket", "jwt_unix_socket"},
    [SETTING_USER_URI] = {"http_getuser_uri", "jwt_getuser_uri"},
    [SETTING_SUPERUSER_URI] = {"http_superuser_uri", "jwt_superuser_uri"},
    [SETTING_ACL_URI] = {"http_aclcheck_uri", "jwt_aclcheck_uri"},
    [SETTING_DISCONNECT_URI] = {"http_disconnect_uri", "jwt_disconnect_uri"},
    [SETTING_DISCONNECT_QUEUE] = {"disconnect_queue", "disconnect_queue"},
    [SETTING_METHOD] = {"http_method", "jwt_http_method"},
    [SETTING_PARAMS_MODE] = {"http_params_mode", "jwt_params_mode"},
    [SETTING_RESPONSE_MODE] = {"http_response_mode", "jwt_response_mode"},
    [SETTING_TIMEOUT] = {"http_timeout", "jwt_http_timeout"},
    [SETTING_TIMEOUT_MS] = {"http_timeout_ms", "jwt_http_timeout_ms"},
    [SETTING_WITH_TLS] = {"http_with_tls", "jwt_with_tls"},
    [SETTING_VERIFY_PEER] = {"http_verify_peer", "jwt_verify_peer"},
    [SETTING_CA_FILE] = {"http_ca_file", "jwt_ca_file"},
    [SETTING_USER_AGENT] = {"http_user_agent", "jwt_user_agent"},
    [SETTING_REGISTER] = {"http_register", "jwt_register"},
    [SETTING_CACHE_FILE] = {"cache_file", NULL},
    [SETTING_CACHE_ENTRIES] = {"cache_entries", NULL},
    [SETTING_CACHE_FILE_OWNER] = {"cache_file_owner", NULL},
};

static const struct {
    const char *key;
    const char *why;
} REFUSED_WHEN_TRUE[] = {
    {"cache", "that cache outlives a revocation; cache_file remembers what nothing has revoked"},
    {"check_prefix", "there is one backend, so there are no prefixes to tell backends apart"},
    {"allow_empty_credentials", "a client without username and password is always refused"},
    {"jwt_parse_token", "only the webhook reads tokens"},
};

static const char *const IGNORED[] = {
    "auth_cache_seconds",  "acl_cache_seconds", "auth_jitter_seconds", "acl_jitter_seconds",
    "cache_refresh",       "cache_reset",       "cache_type",          "cache_mode",
    "cache_host",          "cache_port",        "cache_db",            "cache_password",
    "redis_cluster_addresses", "exhaust_backend_first", "prefixes",    "strip_prefix",
    "log_dest",            "log_file",
};

const char *setting_name(enum setting setting, bool token_mode)
{
    return token_mode ? NAMES[setting].jwt : NAMES[setting].http;
}

enum setting find_setting(const char *key, bool token_mode)
{
    for (enum setting setting = 0; setting < SETTING_COUNT; setting++) {
        const char *name = setting_name(setting, token_mode);
        if (name && strcmp(name, key) == 0) {
            return setting;
        }
    }
    return SETTING_COUNT;
}

const char *find_header_name(const char *key, bool token_mode)
{
    const char *prefix = token_mode ? "jwt_header_" : "http_header_";
    return strncmp(key, prefix, strlen(prefix)) == 0 ? key + strlen(prefix) : NULL;
}

const char *find_refusal(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(REFUSED_WHEN_TRUE); i++) {
        if (strcmp(REFUSED_WHEN_TRUE[i].key, key) == 0) {
            return REFUSED_WHEN_TRUE[i].why;
        }
    }
    return NULL;
}

bool is_ignored(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(IGNORED); i++) {
        if (strcmp(IGNORED[i], key) == 0) {
            return true;
        }
    }
    return false;
}
