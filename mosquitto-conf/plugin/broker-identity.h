/* By which names the webhook knows this broker. */
#ifndef BEDNET_BROKER_IDENTITY_H
#define BEDNET_BROKER_IDENTITY_H

#include <stdbool.h>

#include "buffer.h"

enum { INSTANCE_BYTES = 16, INSTANCE_CHARACTERS = 2 * INSTANCE_BYTES };

/** Writes 128 random bits as hexadecimal digits and a NUL: the name of this one start. False = no randomness. */
bool write_instance(char instance[INSTANCE_CHARACTERS + 1]);

/**
 * Writes what stays the same over restarts: the host's name and the broker's command line, cut behind 256 characters,
 * those that aren't printable ASCII as `?`. False = out of memory.
 */
bool write_broker_name(struct buffer *name);

#endif
