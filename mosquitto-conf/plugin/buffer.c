#include "buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY_BYTES = 256 };

bool buffer_reserve(struct buffer *buffer, size_t length)
{
    if (length < buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST_CAPACITY_BYTES;
    while (capacity <= length) {
        if (capacity > SIZE_MAX / 2) {
            return false;
        }
        capacity *= 2;
    }

    char *data = realloc(buffer->data, capacity);
    if (!data) {
        return false;
    }
    data[buffer->length] = '\0';
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length > SIZE_MAX / 2 - buffer->length || !buffer_reserve(buffer, buffer->length + length)) {
        return false;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, bytes, length);
    }
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
    return true;
}

bool buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->data) {
        buffer->data[0] = '\0';
    }
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->length = 0;
    buffer->capacity = 0;
}
