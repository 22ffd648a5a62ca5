import { randomBytes } from 'node:crypto';
import { openHttp, httpRequest } from '../load/http-connection.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';

/** An account of the running stack. */
export interface BenchAccount {
  username: string;
  password: string;
}

/** A session that was signed in over HTTP. */
export interface SignedIn {
  username: string;
  sid: string;
  accessToken: string;
  renewalToken: string;
}

interface LoginAnswer {
  data: { access_token: string; refresh_token: string; session_id: string };
}

/** Registers an account with a random name and password. */
export async function registerAccount(sessionPort: number): Promise<BenchAccount> {
  const username = `bench-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(18).toString('base64url');
  const body = { username, password, email: `${username}@bench.invalid`, full_name: 'Bench' };
  await post(sessionPort, '/api/auth/register', body, 201);
  return { username, password };
}

/** Signs in once. */
export async function signIn(sessionPort: number, account: BenchAccount): Promise<SignedIn> {
  const { data } = JSON.parse(await post(sessionPort, '/api/auth/login', account, 200)) as LoginAnswer;
  return {
    username: account.username,
    sid: data.session_id,
    accessToken: data.access_token,
    renewalToken: data.refresh_token,
  };
}

/** The MQTT identity of one of a session's connections. */
export function mqttIdentity(
  session: Pick<SignedIn, 'sid' | 'username' | 'accessToken'>,
  suffix: string,
): MqttIdentity {
  return { clientId: `${session.sid}-${suffix}`, username: session.username, password: session.accessToken };
}

async function post(port: number, path: string, body: object, expectedStatus: number): Promise<string> {
  const connection = await openHttp(port);
  try {
    const answer = await connection.send(httpRequest('POST', path, {}, body));
    if (answer.status !== expectedStatus) throw new Error(`POST ${path}: ${answer.status} ${answer.body}`);
    return answer.body;
  } finally {
    connection.close();
  }
}
