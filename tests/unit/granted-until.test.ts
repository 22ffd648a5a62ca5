import fc from 'fast-check';
import t from 'tap';
import { compileRules, defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { decideDevice, deviceGrantedUntilMs } from '../../services/core/check/decide-device.ts';
import { decideSessionByRules, sessionGrantedUntilMs } from '../../services/core/check/decide-session.ts';
import type { DeviceCheckFacts } from '../../services/core/check/read-device-facts.ts';
import type { Facts, SessionFacts } from '../../services/core/check/read-facts.ts';

const nowMs = 1_700_000_000_000;
const rules = compileRules(defaultRulesDocument);

const moment = fc.oneof(
  fc.integer({ min: nowMs - 3, max: nowMs + 3 }),
  fc.integer({ min: 0, max: nowMs * 2 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0),
);

const session: fc.Arbitrary<SessionFacts> = fc.record({
  uid: fc.constant('u'),
  username: fc.constantFrom('ana', 'ana', 'ana', 'ben'),
  roles: fc.subarray(['user', 'admin']),
  state: fc.constantFrom(...Array.from({ length: 5 }, () => 'active'), 'revoked'),
  pending: fc.constantFrom(...Array.from({ length: 5 }, () => ''), 'terms'),
  amr: fc.subarray(['pwd', 'mfa']),
  accessUntilMs: moment,
  absoluteUntilMs: moment,
  endReason: fc.constant(''),
  endActor: fc.constant(''),
});

const isGranted = (facts: Facts, atMs: number) =>
  decideSessionByRules('ana', { ...facts, nowMs: atMs }, rules).granted;

t.test('a session that is granted now is granted until the end that is told, and not at that end', (t) => {
  let granted = 0;
  fc.assert(
    fc.property(session, (facts) => {
      const read = { session: facts, rulesVersion: undefined, nowMs };
      if (!isGranted(read, nowMs)) return;
      granted += 1;
      const untilMs = sessionGrantedUntilMs(read);
      if (!(untilMs > nowMs)) throw new Error(`granted now, until ${untilMs}`);
      const lastMs = Math.min(untilMs, Number.MAX_SAFE_INTEGER) - 1;
      for (const atMs of [nowMs, Math.floor((nowMs + lastMs) / 2), lastMs])
        if (!isGranted(read, atMs)) throw new Error(`not granted at ${atMs}, until ${untilMs}`);
      if (isGranted(read, untilMs)) throw new Error(`granted at its end ${untilMs}`);
    }),
    { numRuns: 20_000 },
  );
  t.ok(granted > 1000, `${granted} were granted`);
  t.end();
});

t.test('a session that is none, and times that are no numbers, never end later than now', (t) => {
  t.notOk(sessionGrantedUntilMs({ session: undefined }) > 0);
  fc.assert(
    fc.property(session, moment, (facts, other) => {
      const broken = { ...facts, accessUntilMs: Number.NaN, absoluteUntilMs: other };
      return !(sessionGrantedUntilMs({ session: broken }) > 0);
    }),
  );
  t.end();
});

t.test('a device that is granted now is granted at any time, as nothing but events ends it', (t) => {
  const device = fc.record({
    id: fc.constant('lamp'),
    owner: fc.constant(''),
    roles: fc.constant(['device']),
    state: fc.constantFrom('active', 'disabled', 'deleted'),
    keyHash: fc.constant('k'),
    previousKeyHash: fc.constant('p'),
    previousKeyUntilMs: moment,
    epoch: fc.constantFrom('0', '1'),
    endReason: fc.constant(''),
    endActor: fc.constant(''),
  });
  const connectedEpoch = fc.constantFrom(undefined, '0', '1');
  fc.assert(
    fc.property(device, connectedEpoch, fc.boolean(), moment, (device, connectedEpoch, isOfSession, atMs) => {
      const facts: DeviceCheckFacts = { device, connectedEpoch, isOfSession, rulesVersion: undefined, nowMs };
      return decideDevice(facts).granted === decideDevice({ ...facts, nowMs: atMs }).granted;
    }),
    { numRuns: 5000 },
  );
  t.equal(deviceGrantedUntilMs(), Infinity);
  t.end();
});
