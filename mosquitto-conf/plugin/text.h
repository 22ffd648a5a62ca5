/* Strings from outside, made fit for a body, a header or a log line. */
#ifndef BEDNET_TEXT_H
#define BEDNET_TEXT_H

#include "buffer.h"

/**
 * JSON and form bodies are UTF-8, a password is any bytes: `text` with each byte that isn't part of valid UTF-8
 * (RFC 3629) replaced by U+FFFD. Valid text comes back as it is, without a copy;
 * else the copy lives in `copy`. NULL = out of memory.
 */
const char *utf8_repaired(const char *text, struct buffer *copy);

/** At most `most` characters of `text`, those that aren't printable ASCII as `?`, in `copy`. Never NULL. */
const char *printable(const char *text, size_t most, struct buffer *copy);

/** True if every character is printable ASCII and none is a blank. */
bool is_visible_ascii(const char *text);

#endif
