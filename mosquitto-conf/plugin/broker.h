/* What the broker offers to a plugin, whichever headers this machine has. */
#ifndef BEDNET_BROKER_H
#define BEDNET_BROKER_H

/* Mosquitto 2.1 moved everything behind mosquitto.h. In 2.0 that header is part of the client library's package, which a
 * plugin doesn't need: its few numbers, fixed by the plugin interface, are repeated here. */
#if __has_include(<mosquitto/broker.h>)
#include <mosquitto.h>
#define TICK_NEXT_MS(tick) ((tick)->next_ms)
#else
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#if __has_include(<mosquitto.h>)
#include <mosquitto.h>
#else
enum {
    MOSQ_ERR_SUCCESS = 0,
    MOSQ_ERR_NOMEM = 1,
    MOSQ_ERR_INVAL = 3,
    MOSQ_ERR_AUTH = 11,
    MOSQ_ERR_ACL_DENIED = 12,
    MOSQ_ERR_UNKNOWN = 13,
};
enum {
    MOSQ_LOG_INFO = 1 << 0,
    MOSQ_LOG_NOTICE = 1 << 1,
    MOSQ_LOG_WARNING = 1 << 2,
    MOSQ_LOG_ERR = 1 << 3,
    MOSQ_LOG_DEBUG = 1 << 4,
};
#endif
/* The same place; 2.0 doesn't look at it and ticks in each of its rounds, which are at most 100 ms apart. */
#define TICK_NEXT_MS(tick) ((tick)->next_ns)
#endif

/* Since 2.1 the end of a connection whose MQTT session stays is not MOSQ_EVT_DISCONNECT but this event, with the same
 * data. A plugin that was built for 2.0 may run there too. */
enum { EVENT_CLIENT_OFFLINE = 28 };

#endif
