/* What the webhook says beside a grant: it may be remembered, and what revokes it. */
#ifndef BEDNET_OFFER_H
#define BEDNET_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct offer {
    uint64_t epoch; /* of the counter file; 0 = no offer */
    uint64_t slot;
    uint64_t until_ns; /* CLOCK_MONOTONIC: from then on the grant doesn't count */
};

/** Reads `1 <epoch, 16 hex digits> <slot> <until_ns>`, the value of X-Bednet-Cache. Anything else is no offer. */
struct offer offer_read(const char *value, size_t length);

#endif
