/* The names that options go by, and what becomes of each. */
#ifndef BEDNET_OPTION_NAMES_H
#define BEDNET_OPTION_NAMES_H

#include <stdbool.h>

enum setting {
    SETTING_BACKENDS,
    SETTING_JWT_MODE,
    SETTING_SEND_CLIENTID,
    SETTING_LOG_LEVEL,
    SETTING_RETRY_COUNT,
    SETTING_DISABLE_SUPERUSER,
    SETTING_CLIENTID_AS_USERNAME,
    SETTING_DENY_SPECIAL_CHARS,
    SETTING_HOST,
    SETTING_PORT,
    SETTING_UNIX_SOCKET,
    SETTING_USER_URI,
    SETTING_SUPERUSER_URI,
    SETTING_ACL_URI,
    SETTING_DISCONNECT_URI,
    SETTING_DISCONNECT_QUEUE,
    SETTING_METHOD,
    SETTING_PARAMS_MODE,
    SETTING_RESPONSE_MODE,
    SETTING_TIMEOUT,
    SETTING_TIMEOUT_MS,
    SETTING_WITH_TLS,
    SETTING_VERIFY_PEER,
    SETTING_CA_FILE,
    SETTING_USER_AGENT,
    SETTING_REGISTER,
    SETTING_CACHE_FILE,
    SETTING_CACHE_ENTRIES,
    SETTING_CACHE_FILE_OWNER,
    SETTING_COUNT,
};

/** The name of a setting with `backends http`, or with `backends jwt`. */
const char *setting_name(enum setting setting, bool token_mode);

/** The setting that goes by `key` with that backend, or SETTING_COUNT. */
enum setting find_setting(const char *key, bool token_mode);

/** The part after `http_header_` or `jwt_header_`, or NULL if `key` is no header of that backend. */
const char *find_header_name(const char *key, bool token_mode);

/** Why `key` must not be `true` here, or NULL if `key` is no such option of mosquitto-go-auth. */
const char *find_refusal(const char *key);

/** True for options of mosquitto-go-auth that change nothing here. */
bool is_ignored(const char *key);

#endif
