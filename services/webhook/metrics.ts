import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { doctorUsername } from '../core/check/doctor-probe.ts';
import type { DenialReason } from '../core/check/reasons.ts';
import { hasSpecialCharacter, type BrokerHabits } from './contract/broker-habits.ts';
import { createDurations } from './durations.ts';
import { createTally } from './tally.ts';

/** Which check of the broker is meant. */
export type CheckName = 'user' | 'acl' | 'superuser';

/** What became of one try to kick a client. */
export type KickOutcome = 'kicked' | 'live-again' | 'done-by-other' | 'failed' | 'given-up';

/** The numbers that the service keeps about itself. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts one answered check; `reason` is `none` for a grant. */
  countCheck(check: CheckName, reason: DenialReason | 'none' | 'store-unavailable', seconds: number): void;
  /** Counts one request by the broker's habits. */
  countRequest(check: CheckName, habits: BrokerHabits | undefined): void;
  /** Counts one request at an address where there is no check. */
  countUnknownRoute(): void;
  /** Counts the names of a check that will not work at the broker, and the sign-ins of `bednet doctor`. */
  countNames(asked: { username?: string | undefined; clientId?: string | undefined }): void;
  /** Counts one report of ended connections, how many it told and how many it told to be lost. */
  countReport(outcome: 'taken' | 'refused', told?: { disconnected: number; lost: number }): void;
  countKick(outcome: KickOutcome): void;
  /** Notes the time from a revocation or a lapse to the closed connection. */
  observeKickDelay(delayMs: number): void;
}

const checkSeconds = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];
const kickMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 20_000];

/** Makes a registry of its own, so that several services can live in one process (in tests). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const checks = createTally({
    name: 'bednet_checks_total',
    help: 'Answered checks of the broker by check and reason (none = granted).',
    labelNames: ['check', 'reason'],
    registers,
  });
  const observeDuration = createDurations<CheckName>({
    name: 'bednet_check_duration_seconds',
    help: 'Time from a parsed request to its answer.',
    labelName: 'check',
    buckets: checkSeconds,
    registers,
  });
  const broker = countBroker(registers);
  const kicks = new Counter({
    name: 'bednet_kicks_total',
    help: 'Tries to kick a client by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const delays = new Histogram({
    name: 'bednet_kick_delay_milliseconds',
    help: 'Time from a revocation or a lapse to the closed connection, by the clock of Redis.',
    buckets: kickMs,
    registers,
  });
  return {
    registry,
    countCheck: (check, reason, seconds) => {
      checks(`${check} ${reason}`);
      observeDuration(check, seconds);
    },
    ...broker,
    ...countReports(registers),
    countKick: (outcome) => kicks.labels(outcome).inc(),
    observeKickDelay: (delayMs) => delays.observe(delayMs),
  };
}

function countReports(registers: Registry[]): Pick<Metrics, 'countReport'> {
  const reports = new Counter({
    name: 'bednet_disconnect_reports_total',
    help: 'Reports of ended connections by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const disconnects = new Counter({
    name: 'bednet_disconnects_total',
    help: 'Ended connections that brokers have reported (told), or had to leave out (lost).',
    labelNames: ['fate'] as const,
    registers,
  });
  return {
    countReport: (outcome, { disconnected, lost } = { disconnected: 0, lost: 0 }) => {
      reports.labels(outcome).inc();
      disconnects.labels('told').inc(disconnected);
      disconnects.labels('lost').inc(lost);
    },
  };
}

/** What `bednet doctor` reads to judge how brokers are configured. */
function countBroker(
  registers: Registry[],
): Pick<Metrics, 'countRequest' | 'countUnknownRoute' | 'countNames'> {
  const requests = createTally({
    name: 'bednet_broker_requests_total',
    help: 'Requests of brokers by check, HTTP method, mode of the parameters and where the broker key was.',
    labelNames: ['check', 'method', 'mode', 'key'],
    registers,
  });
  const unknownRoutes = new Counter({
    name: 'bednet_broker_unknown_routes_total',
    help: 'Requests at an address where there is no check.',
    registers,
  });
  const specialNames = new Counter({
    name: 'bednet_broker_special_names_total',
    help: 'Names with / + or #, whose clients the broker denies all topics.',
    labelNames: ['name'] as const,
    registers,
  });
  const doctorSignIns = new Counter({
    name: 'bednet_doctor_sign_ins_total',
    help: 'Sign-ins that bednet doctor tried through a broker.',
    registers,
  });
  return {
    countRequest: (check, habits) => {
      if (habits) requests(`${check} ${habits.method} ${habits.mode} ${habits.key}`);
    },
    countUnknownRoute: () => unknownRoutes.inc(),
    countNames: ({ username, clientId }) => {
      if (hasSpecialCharacter(username)) specialNames.labels('username').inc();
      if (hasSpecialCharacter(clientId)) specialNames.labels('client-id').inc();
      if (username === doctorUsername) doctorSignIns.inc();
    },
  };
}
