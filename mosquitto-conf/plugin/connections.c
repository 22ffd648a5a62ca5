#include "connections.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_clients(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct connection *)a)->client;
    uintptr_t right = (uintptr_t)((const struct connection *)b)->client;
    return left < right ? -1 : left > right;
}

struct connection *connection_new(const struct mosquitto *client, uint64_t number, const char *client_id)
{
    size_t size = strlen(client_id) + 1;
    struct connection *connection = malloc(sizeof(*connection) + size);
    if (connection) {
        connection->client = client;
        connection->number = number;
        memcpy(connection->client_id, client_id, size);
    }
    return connection;
}

struct connection *connections_find(const struct connections *connections, const struct mosquitto *client)
{
    struct connection key = {.client = client};
    struct connection **found = tfind(&key, &connections->tree, compare_clients);
    return found ? *found : NULL;
}

bool connections_add(struct connections *connections, struct connection *connection)
{
    return tsearch(connection, &connections->tree, compare_clients) != NULL;
}

struct connection *connections_take(struct connections *connections, const struct mosquitto *client)
{
    struct connection *connection = connections_find(connections, client);
    if (connection) {
        tdelete(connection, &connections->tree, compare_clients);
    }
    return connection;
}

void connections_free(struct connections *connections)
{
    tdestroy(connections->tree, free);
    connections->tree = NULL;
}
