/** The closed table of error codes: what the client gets (status, fixed sentence); the cause goes to the log only. */
export const errorCodes = {
  VAL_INVALID_FORMAT: { status: 400, sentence: 'A field of the request has a wrong type, length or form.' },
  VAL_MISSING_FIELD: { status: 400, sentence: 'A required field is missing from the request.' },
  VAL_INVALID_JSON: { status: 400, sentence: 'The request body is not valid JSON.' },
  VAL_PASSWORD_TOO_SHORT: { status: 400, sentence: 'The password is shorter than the minimum length.' },
  VAL_PASSWORD_TOO_LONG: {
    status: 400,
    sentence: 'The password is longer than 256 characters or 1024 bytes.',
  },
  VAL_PASSWORD_INVALID: {
    status: 400,
    sentence: 'The password holds characters that are not valid Unicode text.',
  },
  VAL_PASSWORD_COMMON: { status: 400, sentence: 'The password is one that many people use.' },
  VAL_PASSWORD_CONTEXT: {
    status: 400,
    sentence:
      'The password is little more than the username, the e-mail address or the name of this service.',
  },
  VAL_PASSWORD_COMPOSITION: {
    status: 400,
    sentence: 'The password has too few capital letters, small letters, digits or symbols.',
  },
  VAL_PASSWORD_UNCHANGED: { status: 400, sentence: 'The new password is the one that the account has.' },
  VAL_TERMS_NOT_ACCEPTED: { status: 400, sentence: 'The terms have to be accepted.' },
  VAL_RULES_INVALID: { status: 400, sentence: 'The rules have faults.' },
  VAL_UNKNOWN_ROLE: { status: 400, sentence: 'The rules in force know no such role.' },
  VAL_INVALID_REQUEST: { status: 400, sentence: 'The request is not valid HTTP.' },
  AUTH_INVALID_CREDENTIALS: { status: 401, sentence: 'The username or the password is not right.' },
  AUTH_UNAUTHORIZED: {
    status: 401,
    sentence: 'This request needs an access token in the Authorization header.',
  },
  AUTH_INVALID_TOKEN: { status: 401, sentence: 'The token is not valid.' },
  AUTH_TOKEN_EXPIRED: { status: 401, sentence: 'The token has expired. Renew it or sign in again.' },
  AUTH_TOKEN_REVOKED: { status: 401, sentence: 'The session of this token was ended.' },
  AUTH_SESSION_EXPIRED: { status: 401, sentence: 'The session has expired. Sign in again.' },
  AUTH_MFA_REQUIRED: { status: 401, sentence: 'This needs a code of the second factor.' },
  AUTH_MFA_INVALID: { status: 401, sentence: 'The code is not right, or it was used before.' },
  AUTH_STEPS_LEFT: { status: 403, sentence: 'The sign-in has steps left that cannot be done here.' },
  AUTH_CLIENT_INVALID: { status: 401, sentence: 'The client is unknown or its secret is not right.' },
  AUTH_CLIENT_FORBIDDEN: { status: 403, sentence: 'The client may not do this.' },
  AUTH_STEP_UP_REQUIRED: { status: 403, sentence: 'This needs a fresh sign-in: give the password again.' },
  AUTH_CROSS_SITE: { status: 403, sentence: 'The cookie counts only for a page of this site.' },
  AUTH_REGISTRATION_CLOSED: { status: 403, sentence: 'Nobody can register here.' },
  AUTH_INVITATION_INVALID: {
    status: 403,
    sentence: 'Registering here needs an invitation that is for this address, in time and not used.',
  },
  AUTH_INSUFFICIENT_PERMISSIONS: { status: 403, sentence: 'The account may not do this.' },
  RES_NOT_FOUND: { status: 404, sentence: 'There is nothing here.' },
  RES_METHOD_NOT_ALLOWED: { status: 405, sentence: 'This address does not take that method.' },
  RES_USERNAME_TAKEN: { status: 409, sentence: 'The username is taken. Choose another one.' },
  RES_DEVICE_ID_TAKEN: { status: 409, sentence: 'The device id is taken. Choose another one.' },
  RES_KEY_OVERLAP: {
    status: 409,
    sentence: 'The earlier key of the device still works. Wait until it is void, or ask for no overlap.',
  },
  RES_LAST_ADMIN: { status: 409, sentence: 'This is the last active account with the role admin.' },
  RES_ACCOUNT_DELETED: { status: 409, sentence: 'The account is deleted. Restore it first.' },
  RES_ACCOUNT_NOT_DELETED: { status: 409, sentence: 'The account is not deleted. Delete it first.' },
  RES_MAIL_IMPOSSIBLE: { status: 409, sentence: 'No mail can be sent to this account.' },
  RES_RULES_CHANGED: {
    status: 409,
    sentence: 'Somebody else has changed the rules meanwhile. Read them again.',
  },
  VAL_BODY_TOO_LARGE: { status: 413, sentence: 'The request body is larger than this address takes.' },
  VAL_MEDIA_TYPE: { status: 415, sentence: 'The request body must be application/json.' },
  VAL_REQUEST_TIMEOUT: { status: 408, sentence: 'The request did not arrive in time.' },
  VAL_HEADERS_TOO_LARGE: { status: 431, sentence: 'The request headers are larger than 16 KiB.' },
  RATE_LIMIT_EXCEEDED: { status: 429, sentence: 'Too many requests. Try again later.' },
  SYS_INTERNAL_ERROR: {
    status: 500,
    sentence: 'The service failed. The request id finds the cause in the log.',
  },
  SYS_BUSY: { status: 503, sentence: 'Too many sign-ins at once. Try again in a moment.' },
  SYS_SERVICE_UNAVAILABLE: {
    status: 503,
    sentence: 'The session store does not answer. Try again in a moment.',
  },
  SYS_NOT_DURABLE: {
    status: 503,
    sentence: 'The change could not be made durable in time. Repeating it is safe.',
  },
} as const satisfies Record<string, { status: number; sentence: string }>;

/** One of the codes that a client may see. */
export type ErrorCode = keyof typeof errorCodes;
