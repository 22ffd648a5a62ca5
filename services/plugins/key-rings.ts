import type { FastifyInstance } from 'fastify';
import { openKeyRing, type KeyRing, type KeyRingSource } from '../core/tokens/key-ring.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** All rings of the service. */
    keyRings: KeyRing<{ kid: string }>[];
  }
}

/**
 * Opens a ring that lives as long as the service, and tells in the log when its file brings other keys or can't be used.
 * `what` names the keys in the log.
 */
export function openServiceRing<Key extends { kid: string }>(
  app: FastifyInstance,
  { what, ...source }: Omit<KeyRingSource<Key>, 'onFault'> & { what: string },
): KeyRing<Key> {
  const ring = openKeyRing({
    ...source,
    onFault: (error) =>
      app.log.error(
        { event: 'keys-not-read', err: error },
        `the ${what} can't be read: those before stay in force`,
      ),
  });
  let told = kidsOf(ring);
  ring.onChange(() => {
    const kids = kidsOf(ring);
    if (kids.join() === told.join()) return;
    told = kids;
    app.log.info({ event: 'keys-read', kids }, `the ${what} have changed`);
  });
  if (!app.hasDecorator('keyRings')) app.decorate('keyRings', []);
  app.keyRings.push(ring);
  app.addHook('onClose', async () => ring.close());
  return ring;
}

function kidsOf(ring: KeyRing<{ kid: string }>): string[] {
  return ring.keys.map(({ kid }) => kid);
}
