#include "offer.h"

#include <string.h>

enum { EPOCH_DIGITS = 16, HEX = 16, DECIMAL = 10 };

static int digit_of(char character)
{
    const char *digits = "0123456789abcdef";
    const char *found = memchr(digits, character, HEX);
    return found ? (int)(found - digits) : HEX;
}

/* The digits at `*text`, at least one; moves `*text` behind them. False = none, or more than 64 bits. */
static bool read_digits(const char **text, const char *end, int base, uint64_t *number)
{
    const char *first = *text;
    *number = 0;
    for (; *text < end && digit_of(**text) < base; (*text)++) {
        if (__builtin_mul_overflow(*number, (uint64_t)base, number) ||
            __builtin_add_overflow(*number, (uint64_t)digit_of(**text), number)) {
            return false;
        }
    }
    return *text > first;
}

static bool skip(const char **text, const char *end, char character)
{
    return *text < end && *(*text)++ == character;
}

struct offer offer_read(const char *value, size_t length)
{
    struct offer offer;
    const char *text = value;
    const char *end = value + length;
    bool ok = skip(&text, end, '1') && skip(&text, end, ' ');
    const char *epoch = text;
    ok = ok && read_digits(&text, end, HEX, &offer.epoch) && text - epoch == EPOCH_DIGITS && skip(&text, end, ' ');
    ok = ok && read_digits(&text, end, DECIMAL, &offer.slot) && skip(&text, end, ' ');
    ok = ok && read_digits(&text, end, DECIMAL, &offer.until_ns) && text == end;
    return ok ? offer : (struct offer){0};
}
