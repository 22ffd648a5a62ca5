import { SessionError, type Ended } from './session-error.ts';

/** One call of the API. */
export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base address, such as `/api/auth/login`. */
  path: string;
  body?: object | undefined;
  accessToken?: string | undefined;
  /** True = the browser sends it even if the page closes meanwhile. */
  outlivesPage?: boolean;
}

/** Calls the API; resolves with `data` of the answer. Throws a SessionError. */
export type Api = <Data>(call: Call) => Promise<Data>;

const timeoutMs = 10_000;

/** The API below `baseUrl`, for the renewal token in a cookie or not. */
export function createApi(baseUrl: string, fetcher: typeof fetch): Api {
  return async <Data>(call: Call) => {
    try {
      const response = await send(baseUrl, fetcher, call);
      return readAnswer(response, await response.text()) as Data;
    } catch (cause) {
      if (cause instanceof SessionError) throw cause;
      throw new SessionError('OFFLINE', 'The server did not answer.', { cause });
    }
  };
}

function send(baseUrl: string, fetcher: typeof fetch, call: Call): Promise<Response> {
  const { method = 'POST', path, body, accessToken, outlivesPage = false } = call;
  return fetcher(baseUrl + path, {
    method,
    credentials: 'include',
    cache: 'no-store',
    redirect: 'error',
    keepalive: outlivesPage,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      // Shows that a script of the page asks, and no form or link elsewhere.
      'x-bednet-request': '1',
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
  });
}

interface Envelope {
  data?: unknown;
  error?: { code?: string; message?: string; field?: string; ended?: Ended };
}

function readAnswer(response: Response, text: string): unknown {
  const { status } = response;
  const answer = parse(text);
  if (response.ok && answer?.data !== undefined) return answer.data;
  const { code, message, field, ended } = answer?.error ?? {};
  if (code !== undefined) {
    const retryAfterSeconds = Number(response.headers.get('retry-after') ?? NaN);
    throw new SessionError(code, message ?? code, {
      ...{ status, field, ended },
      ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
    });
  }
  // A proxy answers like this while the service behind it is away.
  if (status >= 500) throw new SessionError('OFFLINE', 'The server is not reachable.', { status });
  throw new SessionError('BAD_ANSWER', 'This is not the answer of a Bednet session service.', { status });
}

function parse(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined; // Of a proxy, or not of this service at all.
  }
}
