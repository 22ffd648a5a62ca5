#include "text.h"

#include <string.h>

static bool is_between(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* Length of the valid sequence at `s`, 0 if there is none. The NUL at the end is no continuation, so nothing reads past it. */
static size_t sequence_length(const unsigned char *s)
{
    if (s[0] < 0x80) {
        return 1;
    }
    if (is_between(s[0], 0xC2, 0xDF)) {
        return is_between(s[1], 0x80, 0xBF) ? 2 : 0;
    }
    if (is_between(s[0], 0xE0, 0xEF)) { /* no overlong forms, no surrogates */
        unsigned char low = s[0] == 0xE0 ? 0xA0 : 0x80;
        unsigned char high = s[0] == 0xED ? 0x9F : 0xBF;
        return is_between(s[1], low, high) && is_between(s[2], 0x80, 0xBF) ? 3 : 0;
    }
    if (is_between(s[0], 0xF0, 0xF4)) { /* no overlong forms, nothing above U+10FFFF */
        unsigned char low = s[0] == 0xF0 ? 0x90 : 0x80;
        unsigned char high = s[0] == 0xF4 ? 0x8F : 0xBF;
        return is_between(s[1], low, high) && is_between(s[2], 0x80, 0xBF) && is_between(s[3], 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

static bool is_valid(const char *text)
{
    size_t length;
    for (const unsigned char *s = (const unsigned char *)text; *s; s += length) {
        length = sequence_length(s);
        if (length == 0) {
            return false;
        }
    }
    return true;
}

const char *utf8_repaired(const char *text, struct buffer *copy)
{
    if (is_valid(text)) {
        return text;
    }
    buffer_clear(copy);
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t length = sequence_length(s);
        if (!(length ? buffer_append(copy, s, length) : buffer_append_text(copy, "\xEF\xBF\xBD"))) {
            return NULL;
        }
        s += length ? length : 1;
    }
    return buffer_text(copy);
}

const char *printable(const char *text, size_t most, struct buffer *copy)
{
    size_t length = strlen(text);
    bool is_cut = length > most;
    buffer_clear(copy);
    if (!buffer_append(copy, text, is_cut ? most : length) || !buffer_append_text(copy, is_cut ? "..." : "")) {
        return "(out of memory)";
    }
    for (size_t i = 0; i < copy->length; i++) {
        if (copy->data[i] < 0x20 || copy->data[i] > 0x7E) {
            copy->data[i] = '?';
        }
    }
    return buffer_text(copy);
}

bool is_visible_ascii(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c < 0x21 || *c > 0x7E) {
            return false;
        }
    }
    return true;
}
