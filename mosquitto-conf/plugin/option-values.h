/* Reads one option's text as a value of its type, and reports what doesn't fit. */
#ifndef BEDNET_OPTION_VALUES_H
#define BEDNET_OPTION_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/** Counts faults while it reports them: the operator sees all at once. */
struct faults {
    int count;
};

/** One fault = one line of the broker's log. Secrets (header values, URIs with a key) must not be among the arguments. */
void report_fault(struct faults *faults, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** `true` or `false`; `fallback` if there is no text or it is a fault. */
bool read_bool(struct faults *faults, const char *name, const char *text, bool fallback);

/** A whole number from `least` to `most`; `fallback` if there is no text or it is a fault. */
long read_number(struct faults *faults, const char *name, const char *text, long least, long most, long fallback);

/** The index of `text` in `words`; 0 if there is no text or it is a fault. */
size_t read_word(struct faults *faults, const char *name, const char *text, const char *const words[], size_t word_count);

/** The next word of a comma list, blanks around it left out; moves `rest` behind it, or to NULL after the last. */
const char *next_word(const char **rest, size_t *length);

/** A comma list of `words`, as bits in their order; all bits if there is no text. */
unsigned int read_words(struct faults *faults, const char *name, const char *text, const char *const words[],
                        size_t word_count);

#endif
