import type { RedisAddress, RedisHost } from '../../core/redis/redis-url.ts';
import { askServer } from './ask-server.ts';
import { fault, ok, warn, type Finding } from './finding.ts';

type SentinelAddress = RedisAddress & { topology: 'sentinel' };

/** What one Sentinel says. */
interface Opinion {
  readonly place: string;
  /** `host:port` of the primary. */
  readonly primary?: string;
  /** Why it would get no majority for a fail-over. */
  readonly noQuorum?: string;
  /** Why it did not say whether it would get one. */
  readonly doubt?: string;
  /** Why it said nothing. */
  readonly silence?: string;
}

const leastSentinels = 3;
const check = 'redis-sentinels';

/** Whether the Sentinels answer, agree and could lead a fail-over, and whether they answer to anybody. */
export async function checkSentinels(address: SentinelAddress): Promise<Finding[]> {
  const opinions = await Promise.all(address.hosts.map((host) => askSentinel(host, address)));
  const open = await Promise.all(address.hosts.map((host) => answersAnybody(host, address)));
  return [judgeOpinions(opinions), ...judgePasswords(opinions.filter((_, index) => open[index]))];
}

function judgeOpinions(opinions: readonly Opinion[]): Finding {
  const silent = opinions.filter(({ silence }) => silence !== undefined);
  const spoken = opinions.length - silent.length;
  if (silent.length > 0) {
    const found = `${spoken} of ${opinions.length} Sentinels answer; ${listOf(silent, ({ silence }) => silence)}.`;
    const change = 'Start them, or mend addresses and sentinel_password: a fail-over needs a majority.';
    return spoken * 2 > opinions.length ? warn(check, found, change) : fault(check, found, change);
  }
  const powerless = opinions.filter(({ noQuorum }) => noQuorum !== undefined);
  if (powerless.length > 0) {
    const found = `There would be no fail-over: ${listOf(powerless, ({ noQuorum }) => noQuorum)}.`;
    return fault(check, found, 'Start more Sentinels and let them reach one another.');
  }
  if (new Set(opinions.map(({ primary }) => primary)).size > 1) {
    const found = `The Sentinels disagree about the primary: ${listOf(opinions, ({ primary }) => primary)}.`;
    return warn(check, found, 'Look again in a moment; else one of them is cut off from the others.');
  }
  const doubtful = opinions.filter(({ doubt }) => doubt !== undefined);
  if (doubtful.length > 0) {
    const found = `Whether there would be a fail-over is unknown: ${listOf(doubtful, ({ doubt }) => doubt)}.`;
    return warn(
      check,
      found,
      'Look again; sentinel_username, if there is one, needs the right to SENTINEL CKQUORUM.',
    );
  }
  const agreed = `${opinions.length} Sentinels agree that the primary is ${opinions[0]?.primary}`;
  if (opinions.length >= leastSentinels) return ok(check, `${agreed}, and could lead a fail-over.`);
  const change = `Name ${leastSentinels} or more, each on a machine of its own, in REDIS_URL.`;
  return warn(check, `${agreed}: too few to outvote one that is cut off.`, change);
}

function judgePasswords(open: readonly Opinion[]): Finding[] {
  const checkName = 'redis-sentinel-password';
  if (open.length === 0) return [ok(checkName, 'No Sentinel answers without a password.')];
  const places = open.map(({ place }) => place).join(', ');
  const found = `${places} answers without a password: whoever commands a Sentinel leads the services to another Redis.`;
  return [fault(checkName, found, 'Set requirepass in sentinel.conf and start it anew.')];
}

async function askSentinel(host: RedisHost, address: SentinelAddress): Promise<Opinion> {
  const place = placeOf(host);
  const { hasTls, primaryName, sentinelUsername, sentinelPassword: password } = address;
  const user = { password, ...(sentinelUsername !== undefined && { username: sentinelUsername }) };
  try {
    return await askServer(host, { hasTls, ...user }, async (sentinel) => {
      const named = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName);
      if (!Array.isArray(named)) return { place, silence: `knows no ${primaryName}` };
      const primary = named.join(':');
      const refusal = await sentinel.call('SENTINEL', 'CKQUORUM', primaryName).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (refusal === undefined) return { place, primary };
      const isRefused = refusal.startsWith('NOQUORUM');
      return { place, primary, ...(isRefused ? { noQuorum: refusal } : { doubt: refusal }) };
    });
  } catch (error) {
    return { place, silence: reasonOf(error as NodeJS.ErrnoException) };
  }
}

async function answersAnybody(host: RedisHost, { hasTls }: SentinelAddress): Promise<boolean> {
  return askServer(host, { hasTls }, (sentinel) => sentinel.ping()).then(
    () => true,
    () => false,
  );
}

function listOf(opinions: readonly Opinion[], tell: (opinion: Opinion) => string | undefined): string {
  return opinions.map((opinion) => `${opinion.place}: ${tell(opinion)}`).join(', ');
}

function placeOf({ host, port }: RedisHost): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message;
}
