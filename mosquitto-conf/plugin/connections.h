/* The connections that are open now, by the broker's handle of the client. */
#ifndef BEDNET_CONNECTIONS_H
#define BEDNET_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct mosquitto;

struct connection {
    const struct mosquitto *client; /* only compared: the broker may have freed it */
    uint64_t number;                /* never given twice by one start of the broker */
    char client_id[];
};

struct connections {
    void *tree; /* of POSIX' search.h */
};

/** A connection to be given to free, or NULL = out of memory. */
struct connection *connection_new(const struct mosquitto *client, uint64_t number, const char *client_id);

/** The open connection of that client, or NULL. */
struct connection *connections_find(const struct connections *connections, const struct mosquitto *client);

/** Takes over a connection whose client has none yet. False = out of memory, the connection stays the caller's. */
bool connections_add(struct connections *connections, struct connection *connection);

/** Hands back the connection of that client, or NULL. */
struct connection *connections_take(struct connections *connections, const struct mosquitto *client);

/** Frees all of them. */
void connections_free(struct connections *connections);

#endif
