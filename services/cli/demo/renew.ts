import { createStack } from '../../stack/stack.ts';
import { untilClosed, type Connection } from './connection.ts';
import type { DemoContext } from './demo-context.ts';
import { claimsOf, renew as renewOverHttp, type SignedIn } from './session-client.ts';
import { tellConnect, tellDelivery, tellSignIn, tellSubscribe, type Present } from './steps.ts';

/** A busy machine needs a while for two sign-ins, and for a renewal: so long a connection must not be late. */
const accessTtlSeconds = 6;
const renewBeforeMs = 3000;

/** Ben with two sessions of short tokens: one renews and lives on, the other doesn't and is closed. */
export async function renew(context: DemoContext, ben: Present): Promise<void> {
  const { story, topic } = context;
  story.chapter('Renewal keeps a connection alive');
  const url = await startShortLivedService(context, ben.session);
  const renewing = await signInAndConnect(context, { url, name: 'Ben renewing' });
  const idle = await signInAndConnect(context, { url, name: 'Ben not renewing' });

  const firstExpiryMs = claimsOf(renewing.session.access_token).exp * 1000;
  const idleExpiryMs = claimsOf(idle.session.access_token).exp * 1000;
  await story.countDown('until the renewal', firstExpiryMs - renewBeforeMs);
  await story.step('one of them renews over HTTP; nothing is done about its MQTT connection', () =>
    renewOverHttp(url, renewing.session.refresh_token),
  );
  await story.countDown('until the access token that it connected with has expired', firstExpiryMs);
  await tellDelivery(story, [renewing.connection, renewing.connection], topic);
  story.fact(
    'the session that renewed has its connection still',
    renewing.connection.closedAtMs === undefined,
  );
  await story.step(
    'the connection of the other session was closed, counted from its expiry',
    async () => {
      const closedAtMs = await untilClosed(idle.connection);
      if (closedAtMs < idleExpiryMs) throw new Error('it was closed before its token had expired');
      return closedAtMs;
    },
    (closedAtMs) => closedAtMs - idleExpiryMs,
  );
}

/** The stack's tokens live for minutes. A second session service on the same Redis and keys issues shorter ones. */
async function startShortLivedService(
  { story, stack, atEnd }: DemoContext,
  known: SignedIn,
): Promise<string> {
  const { iss, aud } = claimsOf(known.access_token);
  const service = await createStack({
    runDir: stack.runDir.path,
    ports: { ...stack.ports, session: 0 },
    parts: ['session'],
    settings: { session: { ACCESS_TTL_SECONDS: String(accessTtlSeconds), ISSUER: iss, AUDIENCE: aud } },
  });
  atEnd('stop the second session service', () => service.stop());
  await story.step(`a second session service starts: its access tokens live ${accessTtlSeconds} s`, () =>
    service.start(),
  );
  return service.urls.session;
}

async function signInAndConnect(
  { story, ben, topic, atEnd }: DemoContext,
  { url, name }: { url: string; name: string },
): Promise<{ session: SignedIn; connection: Connection }> {
  const session = await tellSignIn(story, url, ben);
  const connection = await tellConnect(story, name, session, session.mqtt.url);
  atEnd('end a connection', () => connection.client.endAsync(true));
  await tellSubscribe(story, connection, topic, 1);
  return { session, connection };
}
