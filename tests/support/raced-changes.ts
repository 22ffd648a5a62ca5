import { eventsKey, rulesEventsKey, sessionKey } from '../../services/core/redis/keys.ts';
import type { Random } from './random.ts';
import type { RacedService } from './raced-service.ts';
import { putRules, putSession, type SlowRedis } from './slow-redis.ts';

/** Something that can be granted or not, through all its changes. */
export interface Subject {
  readonly grants: boolean[];
  /** The newest change that its author was told to be in force. */
  acked: number;
}

/** A session and all that may end its rights. */
export interface Person {
  readonly uid: string;
  readonly sid: string;
  readonly clientIds: readonly string[];
  readonly session: Subject;
  readonly roles: Subject;
}

/** Changes of sessions, roles and rules, each acknowledged when the holder of the lease has applied it. */
export interface RacedChanges {
  readonly people: Person[];
  readonly rules: Subject;
  revocations(): number;
  revoke(): void;
  changeRoles(): void;
  changeRules(): void;
  /** The holder reads what has happened in one stream, and acknowledges it. Returns false if there was nothing. */
  apply(): boolean;
  /** The holder is off the list: nobody waits for it any more. */
  acknowledgeAll(): void;
}

interface Open {
  readonly stream: string;
  readonly event: ReadonlyMap<string, string>;
  readonly subject: Subject;
  readonly at: number;
}

const newSubject = (): Subject => ({ grants: [true], acked: 0 });
const mostPeople = 7;

/** Begins with five sessions that may do everything. */
export function openRacedChanges(redis: SlowRedis, service: RacedService, random: Random): RacedChanges {
  let open: Open[] = [];
  let made = 0;
  let revocations = 0;
  const rules = newSubject();

  function newPerson(): Person {
    made += 1;
    const id = (letter: string) =>
      `${'AB'.charAt(made % 2)}${letter.repeat(15)}${String(made).padStart(6, '0')}`;
    const [uid, sid] = [id('u'), id('s')];
    putSession(redis, { sid, uid, username: uid, roles: 'user' });
    const clientIds = [sid, `${sid}-1`, `${sid}-2`];
    return { uid, sid, clientIds, session: newSubject(), roles: newSubject() };
  }

  function change(subject: Subject, grants: boolean, stream: string, event: Record<string, string>): void {
    subject.grants.push(grants);
    const at = subject.grants.length - 1;
    if (service.isHeld()) open.push({ stream, event: new Map(Object.entries(event)), subject, at });
    else acknowledge({ subject, at });
  }

  function acknowledge({ subject, at }: Pick<Open, 'subject' | 'at'>): void {
    subject.acked = Math.max(subject.acked, at);
  }

  function put({ sid }: Person, fields: Record<string, string>): void {
    Object.assign(redis.hashes.get(sessionKey(sid)) ?? {}, fields);
  }

  putRules(redis, 0, true);
  const people = Array.from({ length: 5 }, newPerson);
  const streamOf = ({ uid }: Person) => eventsKey(uid.charAt(0));

  return {
    people,
    rules,
    revocations: () => revocations,
    revoke() {
      const [person] = people.splice(random.below(people.length), 1, newPerson());
      if (person === undefined) return;
      put(person, { state: 'revoked' });
      const { sid, uid } = person;
      change(person.session, false, streamOf(person), random.chance(0.5) ? { sid } : { uid });
      revocations += 1;
      people.push(person); // Its clients go on asking.
      if (people.length > mostPeople) people.shift();
    },
    changeRoles() {
      // Who lacks a role gets it back soon: there is little to see in denials.
      const person = people.find(({ roles }) => roles.grants.at(-1) === false) ?? random.pick(people);
      const allowed = !person.roles.grants.at(-1);
      put(person, { roles: allowed ? 'user' : '' });
      change(person.roles, allowed, streamOf(person), { uid: person.uid });
    },
    changeRules() {
      const allowed = !rules.grants.at(-1);
      if (!allowed && random.chance(0.7)) return;
      putRules(redis, rules.grants.length, allowed);
      change(rules, allowed, rulesEventsKey, {});
    },
    apply() {
      const stream = open[0]?.stream;
      if (stream === undefined) return false;
      const read = open.filter((one) => one.stream === stream);
      open = open.filter((one) => one.stream !== stream);
      if (random.chance(0.1)) service.use.onDoubt(stream);
      else
        service.use.onEvents(
          stream,
          read.map(({ event }) => event),
        );
      read.forEach(acknowledge);
      return true;
    },
    acknowledgeAll() {
      open.splice(0).forEach(acknowledge);
    },
  };
}
