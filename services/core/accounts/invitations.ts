import { createHash, randomBytes } from 'node:crypto';
import { invitationIndexKey, invitationKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** What an operator offers with an invitation. */
export interface NewInvitation {
  /** The only address that may use it, to which it is mailed; or ''. */
  email: string;
  roles: readonly string[];
  language: string;
  validForSeconds: number;
  actor: string;
}

/** An invitation that nobody has used yet. */
export interface Invitation extends Omit<NewInvitation, 'validForSeconds'> {
  /** SHA-256 of its token. */
  id: string;
  untilMs: number;
}

/** Makes an invitation; its token (256 random bits) is only told here. Returns when it is durable. */
export async function createInvitation(
  store: Store,
  { validForSeconds, ...offer }: NewInvitation,
): Promise<{ invitation: Invitation; token: string }> {
  const token = randomBytes(32).toString('base64url');
  const id = idOf(token);
  const untilMs = await put(store, { ...offer, id }, [validForSeconds, '']);
  return { invitation: { ...offer, id, untilMs }, token };
}

/** The invitation behind a token, or undefined. It stays usable. */
export async function findInvitation(store: Store, token: string): Promise<Invitation | undefined> {
  return findInvitationById(store, idOf(token));
}

/** The invitation with an id, or undefined. */
export async function findInvitationById(store: Store, id: string): Promise<Invitation | undefined> {
  return toInvitation(id, await store.redis.hgetall(invitationKey(id)));
}

/** Takes an invitation away, to use it or to void it. Of parallel calls one gets true. */
export async function takeInvitation(store: Store, id: string): Promise<boolean> {
  const [outcome] = await store.run('invitation-take', [invitationKey(id), invitationIndexKey], [id]);
  await store.confirmDurable();
  return outcome === 'taken';
}

/** Gives an invitation back that could not be used: its holder may try another username. */
export async function giveInvitationBack(store: Store, invitation: Invitation): Promise<void> {
  await put(store, invitation, ['', invitation.untilMs]);
}

/** All open invitations, the one that ends first first. */
export async function listInvitations(store: Store): Promise<Invitation[]> {
  const ids = await store.redis.zrange(invitationIndexKey, '0', '-1');
  const read = await Promise.all(
    ids.map(async (id) => toInvitation(id, await store.redis.hgetall(invitationKey(id)))),
  );
  return read.filter((invitation) => invitation !== undefined);
}

async function put(
  store: Store,
  { id, email, roles, language, actor }: Omit<Invitation, 'untilMs'>,
  end: [lifeSeconds: number | '', untilMs: number | ''],
): Promise<number> {
  const fields = ['email', email, 'roles', roles.join(','), 'language', language, 'actor', actor];
  const keys = [invitationKey(id), invitationIndexKey];
  const [, untilMs] = await store.run('invitation-put', keys, [id, ...end, '', ...fields]);
  await store.confirmDurable();
  return Number(untilMs ?? 0);
}

function toInvitation(id: string, fields: Record<string, string>): Invitation | undefined {
  if (fields.untilMs === undefined) return undefined;
  return {
    id,
    email: fields.email ?? '',
    roles: (fields.roles ?? '').split(',').filter(Boolean),
    language: fields.language ?? '',
    actor: fields.actor ?? '',
    untilMs: Number(fields.untilMs),
  };
}

function idOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
