/* The state of options_read, shared by the files that it is spread over. */
#ifndef BEDNET_OPTION_READING_H
#define BEDNET_OPTION_READING_H

#include "option-names.h"
#include "option-values.h"
#include "options.h"

struct reading {
    struct options *options;
    const char *values[SETTING_COUNT]; /* the broker's text, NULL = not given */
    struct faults faults;
};

/** The name by which the operator knows that setting. */
static inline const char *name_of(const struct reading *reading, enum setting setting)
{
    return setting_name(setting, reading->options->token_mode);
}

/**
 * The options with the values' blanks at the end left out: the broker keeps them, where nobody sees them. Keys are
 * borrowed, values copied; to be given to free_copies. NULL = out of memory.
 */
struct mosquitto_opt *copy_trimmed(const struct mosquitto_opt *given, int count);

/** Gives back what copy_trimmed took. */
void free_copies(struct mosquitto_opt *copies, int count);

/** Adds one request header, or reports why it can't be one. `key` is the option's whole name. */
void read_header(struct reading *reading, const char *key, const char *name, const char *value);

/** Reads how requests are made and answers read. */
void read_request(struct reading *reading);

/** Reads what the decision cache needs. */
void read_cache(struct reading *reading);

/** Reads host, port, socket, TLS and the URIs into the URLs to ask. */
void read_urls(struct reading *reading);

#endif
