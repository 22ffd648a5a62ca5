#include <stdlib.h>
#include <string.h>

#include "option-reading.h"

void free_copies(struct mosquitto_opt *copies, int count)
{
    for (int i = 0; copies && i < count; i++) {
        free(copies[i].value);
    }
    free(copies);
}

struct mosquitto_opt *copy_trimmed(const struct mosquitto_opt *given, int count)
{
    struct mosquitto_opt *copies = calloc((size_t)count + 1, sizeof(*copies));
    for (int i = 0; copies && i < count; i++) {
        size_t length = strlen(given[i].value);
        while (length > 0 && strchr(" \t\r", given[i].value[length - 1])) {
            length--;
        }
        copies[i].key = given[i].key;
        copies[i].value = strndup(given[i].value, length);
        if (!copies[i].value) {
            free_copies(copies, i);
            return NULL;
        }
    }
    return copies;
}
