/*
 * How `bednet doctor` makes itself known to the webhook service, so that its questions are told apart from those of
 * brokers and clients. Both names are public: whoever uses them is denied all the same, and only hides from a count.
 */

/** The username of the sign-ins that doctor tries through the broker; it has not the form of any real one. */
export const doctorUsername = 'k:doctor';

/** The User-Agent of the requests that doctor sends to the webhook service itself. */
export const doctorUserAgent = 'bednet-doctor';
