import type { OauthError } from '../../../contract/oauth.ts';
import type { ErrorShape } from '../../../plugins/errors.ts';

const ofStatus: Record<number, OauthError> = {
  401: 'invalid_client',
  403: 'unauthorized_client',
  429: 'temporarily_unavailable',
  500: 'server_error',
  503: 'temporarily_unavailable',
};

/** How OAuth says an error (RFC 6749 5.2); the challenge is for clients, not for tokens. */
export const oauthErrorShape: ErrorShape = ({ status, message }) => ({
  body: { error: ofStatus[status] ?? 'invalid_request', error_description: toDescription(message) },
  headers: {
    pragma: 'no-cache',
    ...(status === 401 && { 'www-authenticate': 'Basic realm="bednet", charset="UTF-8"' }),
  },
});

/** RFC 6749 5.2: printable ASCII without quotes and backslashes. */
function toDescription(message: string): string {
  return message.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '_');
}
