import { runDirAt } from '../../stack/run-dir.ts';
import { readStackSettings } from '../../stack/settings.ts';
import { urlsOf } from '../../stack/stack.ts';
import { readState } from '../../stack/state-file.ts';
import { checkBroker } from '../doctor/broker.ts';
import { checkBrokerHabits } from '../doctor/broker-habits.ts';
import { toAnswer, type Finding } from '../doctor/finding.ts';
import { readNumbers } from '../doctor/http.ts';
import { checkKeyFiles, findSigningKey } from '../doctor/key-files.ts';
import { checkUserRights } from '../doctor/redis-users.ts';
import { checkRedis } from '../doctor/redis.ts';
import { checkSecretModes } from '../doctor/secret-modes.ts';
import {
  checkHealth,
  checkKeyIsAsked,
  checkNumbersAreOpen,
  checkPublishedKeys,
  checkTokensAgree,
} from '../doctor/services.ts';
import { tryBroker } from '../doctor/try-broker.ts';
import type { Answer } from '../output.ts';
import { readSettings } from '../settings.ts';

/** Looks at files, Redis, both services and the broker, changes nothing, and says what to change. */
export async function examine(environment: NodeJS.ProcessEnv): Promise<Answer> {
  const settings = readSettings(environment);
  const runDir = runDirAt(settings.runDir);
  const ports = readState(runDir)?.ports ?? readStackSettings(environment).ports;
  const urls = urlsOf(ports);
  const files = [
    ...checkSecretModes(runDir),
    ...checkKeyFiles(runDir.secrets, Date.now()),
    ...checkUserRights(runDir),
  ];
  const redis = await checkRedis(settings);
  const services = await examineServices(urls, findSigningKey(runDir.secrets));
  const broker = await examineBroker(urls);
  return toAnswer([...files, ...redis.findings, ...services, ...broker], redis.isReachable);
}

type Urls = ReturnType<typeof urlsOf>;

async function examineServices(
  { session, webhook }: Urls,
  signingKey: ReturnType<typeof findSigningKey>,
): Promise<Finding[]> {
  return [
    await checkHealth('session', session),
    await checkHealth('webhook', webhook),
    ...(await checkPublishedKeys(session, signingKey)),
    ...(await checkTokensAgree(session, webhook)),
    ...(await checkKeyIsAsked(webhook)),
  ];
}

async function examineBroker({ webhook, mqtt }: Urls): Promise<Finding[]> {
  const before = await readNumbers(webhook);
  const tried = await tryBroker(mqtt);
  const after = await readNumbers(webhook);
  const numbers = before && after && { before, after };
  return [
    ...checkBroker(mqtt, tried, numbers),
    ...(await checkNumbersAreOpen(webhook)),
    ...(after ? checkBrokerHabits(after) : []),
  ];
}
