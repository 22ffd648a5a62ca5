import { within } from './story.ts';

const timeoutMs = 10_000;

/** The answer to a sign-in or a renewal, as far as the demo needs it. */
export interface SignedIn {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  session_id: string;
  mqtt: { url: string; websocket_url: string; username: string; client_id: string };
}

/** Signs in at the session service under `url`. */
export async function signIn(url: string, username: string, password: string): Promise<SignedIn> {
  return (await post(url, 'login', { username, password }, 200)) as SignedIn;
}

/** Renews; returns the new pair. */
export async function renew(url: string, refreshToken: string): Promise<SignedIn> {
  return (await post(url, 'refresh', { refresh_token: refreshToken }, 200)) as SignedIn;
}

/** Tries to renew; throws unless it is refused with 401. */
export async function expectNoRenewal(url: string, refreshToken: string): Promise<void> {
  await post(url, 'refresh', { refresh_token: refreshToken }, 401);
}

/** The claims of an access token, unverified: the demo only shows them. */
export function claimsOf(accessToken: string): { iss: string; aud: string; exp: number } {
  const payload = accessToken.split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    iss: string;
    aud: string;
    exp: number;
  };
}

async function post(url: string, route: string, body: object, status: number): Promise<unknown> {
  const response = await within(
    timeoutMs,
    `POST /api/auth/${route}`,
    fetch(`${url}/api/auth/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  const answer = (await response.json()) as { data?: unknown; error?: { code: string } };
  if (response.status !== status) {
    throw new Error(
      `POST /api/auth/${route} answers ${response.status} ${answer.error?.code ?? ''}, not ${status}`,
    );
  }
  return answer.data;
}
