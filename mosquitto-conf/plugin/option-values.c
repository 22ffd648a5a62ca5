#include "option-values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "buffer.h"

void report_fault(struct faults *faults, const char *format, ...)
{
    faults->count++;

    va_list arguments;
    va_start(arguments, format);
    char *sentence = NULL;
    int length = vasprintf(&sentence, format, arguments);
    va_end(arguments);

    mosquitto_log_printf(MOSQ_LOG_ERR, "bednet: %s", length < 0 ? "out of memory" : sentence);
    if (length >= 0) {
        free(sentence);
    }
}

bool read_bool(struct faults *faults, const char *name, const char *text, bool fallback)
{
    if (!text) {
        return fallback;
    }
    if (strcmp(text, "true") == 0) {
        return true;
    }
    if (strcmp(text, "false") != 0) {
        report_fault(faults, "%s must be true or false, not '%s'.", name, text);
        return fallback;
    }
    return false;
}

long read_number(struct faults *faults, const char *name, const char *text, long least, long most, long fallback)
{
    if (!text) {
        return fallback;
    }
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || *end || end == text || number < least || number > most) {
        report_fault(faults, "%s must be a whole number from %ld to %ld, not '%s'.", name, least, most, text);
        return fallback;
    }
    return number;
}

static void report_word(struct faults *faults, const char *name, const char *text, const char *const words[],
                        size_t word_count)
{
    struct buffer list = {0};
    bool ok = true;
    for (size_t i = 0; i < word_count; i++) {
        ok = ok && buffer_append_text(&list, i == 0 ? "" : i + 1 < word_count ? ", " : " or ");
        ok = ok && buffer_append_text(&list, words[i]);
    }
    report_fault(faults, "%s must be %s, not '%s'.", name, buffer_text(&list), text);
    buffer_free(&list);
}

size_t read_word(struct faults *faults, const char *name, const char *text, const char *const words[], size_t word_count)
{
    for (size_t i = 0; text && i < word_count; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    if (text) {
        report_word(faults, name, text, words, word_count);
    }
    return 0;
}

const char *next_word(const char **rest, size_t *length)
{
    const char *word = *rest + strspn(*rest, " \t");
    const char *comma = strchr(word, ',');
    *rest = comma ? comma + 1 : NULL;
    *length = comma ? (size_t)(comma - word) : strlen(word);
    while (*length > 0 && (word[*length - 1] == ' ' || word[*length - 1] == '\t')) {
        (*length)--;
    }
    return word;
}

unsigned int read_words(struct faults *faults, const char *name, const char *text, const char *const words[],
                        size_t word_count)
{
    unsigned int bits = text ? 0 : ~0u;
    while (text) {
        size_t length = 0;
        const char *word = next_word(&text, &length);
        size_t i = 0;
        while (i < word_count && (strlen(words[i]) != length || strncmp(words[i], word, length) != 0)) {
            i++;
        }
        if (i == word_count) {
            report_fault(faults, "%s doesn't know '%.*s'.", name, (int)length, word);
        } else {
            bits |= 1u << i;
        }
    }
    return bits;
}
