import { generateSync } from 'otplib';
import { credentialKey } from '../../services/core/redis/keys.ts';
import { expectStatus, type Person, type SessionStage, type Tokens } from './session-service.ts';

/** A person whose second factor is on. */
export interface Enrolled {
  person: Person;
  uid: string;
  secret: string;
  backupCodes: string[];
  tokens: Tokens;
}

type Stage = Pick<SessionStage, 'ask' | 'register' | 'signIn' | 'store'>;

/** The hands of a test about second factors. */
export function secondFactorHands({ ask, register, signIn, store }: Stage) {
  const enrol = async (): Promise<Enrolled> => {
    const person = await register();
    const first = await signIn(person);
    const started = expectStatus(
      await ask('POST', '/api/auth/2fa/enable', { token: first.access_token }),
      200,
    );
    const { secret, backup_codes: backupCodes } = started.body.data;
    const body = { code: await codeOf(secret) };
    const confirmed = await ask('POST', '/api/auth/2fa/verify', { token: first.access_token, body });
    const tokens = expectStatus(confirmed, 200).body.data as Tokens;
    const uid = tokens.user.id;
    await forgetSteps(uid);
    return { person, uid, secret, backupCodes, tokens };
  };
  /** The code of a time step, counted from Redis' now. */
  const codeOf = async (secret: string, steps = 0): Promise<string> => {
    const [seconds] = await store.redis.time();
    return generateSync({ secret, epoch: Number(seconds) + steps * 30 });
  };
  /** As if the authenticator had not been used yet. */
  const forgetSteps = (uid: string) => store.redis.hset(credentialKey(uid), 'totpLastStep', -1);
  const login = ({ username, password }: Person) =>
    ask('POST', '/api/auth/login', { body: { username, password } });
  const tempTokenOf = async (person: Person): Promise<string> =>
    expectStatus(await login(person), 200).body.data.temp_token;
  const verify = (tempToken: string, code: string) =>
    ask('POST', '/api/auth/2fa/verify', { body: { code, temp_token: tempToken } });
  const completeSignIn = async ({ person, secret, uid }: Enrolled): Promise<Tokens> => {
    await forgetSteps(uid);
    return expectStatus(await verify(await tempTokenOf(person), await codeOf(secret)), 200).body.data;
  };
  /** As if the session had signed in that long ago. */
  const age = (sid: string, seconds: number) =>
    store.redis.hincrby(`bn:{${sid.charAt(0)}}:session:${sid}`, 'authTimeSeconds', -seconds);
  return { enrol, codeOf, forgetSteps, login, tempTokenOf, verify, completeSignIn, age };
}
