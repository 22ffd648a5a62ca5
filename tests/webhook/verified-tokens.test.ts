import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { accessTokenClaims } from '../../services/core/tokens/access-token-claims.ts';
import { until } from '../support/until.ts';
import { audience, signToken, startWebhookStage, type SignedIn } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
const { issuer, signingKey, stack } = stage;
const keyFile = stack.secrets.files.verificationKeys;

const connect = ({ username, clientId }: SignedIn, token: string) =>
  stage.askUser({ username, clientid: clientId, password: token });
const tokenOf = ({ uid, sid, username }: SignedIn, { untilMs }: { untilMs: number }) =>
  signToken(
    accessTokenClaims(
      {
        ...{ uid, sid, username, roles: ['user'], permissions: [], generation: 1 },
        ...{ nowMs: Date.now() - 60_000, accessUntilMs: untilMs, authTimeSeconds: 1, amr: ['pwd'] },
      },
      { issuer, audience },
    ),
    signingKey,
  );

t.test('a token that was seen before is checked for everything that can have changed', async (t) => {
  const ana = await stage.signIn();
  for (let i = 0; i < 2; i += 1) t.equal((await connect(ana, ana.token)).status, 200);

  const ben = await stage.signIn();
  t.equal(
    (await connect({ ...ben, username: ana.username }, ana.token)).reason,
    'client-id-of-other-session',
  );
  t.equal((await connect({ ...ana, username: ben.username }, ana.token)).reason, 'token-username-mismatch');
  await stage.revoke(ana);
  t.equal((await connect(ana, ana.token)).reason, 'session-revoked');
});

t.test('a token that was seen before expires', async (t) => {
  const ana = await stage.signIn();
  const leewayMs = 5000;
  const token = tokenOf(ana, { untilMs: Date.now() - leewayMs + 10_000 });
  t.equal((await connect(ana, token)).status, 200);

  await until(async () => (await connect(ana, token)).reason === 'token-expired');
});

t.test('a token with one other letter is another token', async (t) => {
  const ana = await stage.signIn();
  t.equal((await connect(ana, ana.token)).status, 200);
  const [header, payload = '', signature] = ana.token.split('.');
  const changed = `${payload.startsWith('e') ? 'f' : 'e'}${payload.slice(1)}`;

  t.equal((await connect(ana, `${header}.${changed}.${signature}`)).reason, 'token-refused');
  t.not((await connect(ana, `${ana.token}=`)).status, 200);
  t.not((await connect(ana, ` ${ana.token}`)).status, 200);
});

t.test('a token that was seen before ends with its key, also if another key takes its name', async (t) => {
  const ana = await stage.signIn();
  t.equal((await connect(ana, ana.token)).status, 200);
  const before = readFileSync(keyFile, 'utf8');
  const [jwk] = JSON.parse(before).keys;
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

  writeFileSync(keyFile, JSON.stringify({ keys: [{ ...jwk, ...other }] }));
  await until(async () => (await connect(ana, ana.token)).reason === 'token-refused');
  writeFileSync(keyFile, before);

  await until(async () => (await connect(ana, ana.token)).status === 200);
});
