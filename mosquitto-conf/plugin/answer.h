/* What the webhook's answer means. */
#ifndef BEDNET_ANSWER_H
#define BEDNET_ANSWER_H

#include "check.h"
#include "http.h"

/** The outcome of a reply: 2xx as the mode says, other statuses below 500 = DENIED, the rest = FAILED. */
enum outcome answer_decide(const struct reply *reply, enum answer_mode mode);

/** Why a reply is a denial: the header X-Bednet-Reason, else `Error` of a JSON body, else the body, else the status. */
void answer_explain_denial(const struct reply *reply, struct buffer *reason);

/** Why a reply is a failure, as part of a sentence. */
void answer_explain_failure(const struct reply *reply, struct buffer *reason);

#endif
