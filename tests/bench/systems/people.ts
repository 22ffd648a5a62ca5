import { randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { httpRequest, openHttp } from '../load/http-connection.ts';

/** Somebody with, or without, an account of the running stack. */
export interface BenchPerson {
  username: string;
  email: string;
  password: string;
}

/** A person nobody knows yet. */
export function newPerson(): BenchPerson {
  const username = `bench-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(18).toString('base64url');
  return { username, email: `${username}@bench.invalid`, password };
}

/** Registers a new person. */
export async function registerPerson(sessionPort: number): Promise<BenchPerson> {
  const person = newPerson();
  await post(sessionPort, '/api/auth/register', { ...person, full_name: 'Bench' }, 201);
  return person;
}

/** Signs a person in and turns a second factor on. */
export async function enrolSecondFactor(sessionPort: number, person: BenchPerson): Promise<BenchPerson> {
  const { username, password } = person;
  const { access_token: token } = await post(sessionPort, '/api/auth/login', { username, password }, 200);
  const { secret = '' } = await post(sessionPort, '/api/auth/2fa/enable', {}, 200, token);
  await post(sessionPort, '/api/auth/2fa/verify', { code: generateSync({ secret }) }, 200, token);
  return person;
}

/** Asks once and returns the `data` of the answer; throws on another status. */
async function post(
  port: number,
  path: string,
  body: object,
  expectedStatus: number,
  token?: string,
): Promise<Record<string, string>> {
  const connection = await openHttp(port);
  try {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await connection.send(httpRequest('POST', path, headers, body));
    if (answer.status !== expectedStatus) throw new Error(`POST ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body).data;
  } finally {
    connection.close();
  }
}
