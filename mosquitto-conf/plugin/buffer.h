/* A growing run of bytes that keeps its memory from one check to the next. */
#ifndef BEDNET_BUFFER_H
#define BEDNET_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; /* NULL until the first byte; else ends with a NUL that length doesn't count */
    size_t length;
    size_t capacity;
};

/** Makes room for `length` bytes and a NUL. False = out of memory, the content stays. */
bool buffer_reserve(struct buffer *buffer, size_t length);

/** Adds `length` bytes at the end. False = out of memory, the content stays. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);

/** Adds a C string at the end. False = out of memory, the content stays. */
bool buffer_append_text(struct buffer *buffer, const char *text);

/** Forgets the content and keeps the memory. */
void buffer_clear(struct buffer *buffer);

/** The content as a C string, never NULL. */
const char *buffer_text(const struct buffer *buffer);

/** Gives the memory back. */
void buffer_free(struct buffer *buffer);

#endif
