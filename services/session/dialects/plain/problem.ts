import { STATUS_CODES } from 'node:http';
import type { ErrorShape } from '../../../plugins/errors.ts';

/** Every failure in this dialect: problem details (RFC 9457) that are told apart by `code`. */
export const problemShape: ErrorShape = ({ code, status, message, field, steps }, request) => ({
  mediaType: 'application/problem+json',
  body: {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: message,
    code,
    ...(field && { field }),
    ...(steps && { steps }),
    ...(request && { requestId: request.id }),
  },
});
