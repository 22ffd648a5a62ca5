/* SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): who doesn't know the
 * key can't make two inputs meet. */
#ifndef BEDNET_SIPHASH_H
#define BEDNET_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash {
    uint64_t v[4];
    uint64_t tail; /* bytes that wait for their word to be full, the first lowest */
    size_t length; /* of all bytes so far */
};

/** Begins a hash under a key of 128 random bits. */
void siphash_begin(struct siphash *hash, const uint64_t key[2]);

/** Adds bytes; only their sequence counts, not how it is cut into calls. */
void siphash_add(struct siphash *hash, const void *bytes, size_t length);

/** Ends the hash and writes its 128 bits; the hash must not be used again before the next siphash_begin. */
void siphash_end(struct siphash *hash, uint64_t digest[2]);

#endif
