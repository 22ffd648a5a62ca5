import type { ChainableCommander } from 'ioredis';

/** Commands that pipelines hold; the first argument of each is its key, but TIME has none. */
const names = [
  ...([
    'del',
    'exists',
    'expire',
    'get',
    'hdel',
    'hget',
    'hgetall',
    'hlen',
    'hmget',
    'hset',
    'hsetnx',
  ] as const),
  ...(['set', 'time', 'ttl', 'xinfo', 'xrange', 'zadd', 'zrange', 'zrem', 'zscore'] as const),
];

type Name = (typeof names)[number];
type Argument = string | number;
type Answer = [error: Error | null, result: unknown];

interface Asked {
  readonly name: Name;
  readonly args: readonly (Argument | object)[];
}

interface SpreadPipeline {
  readonly asked: Asked[];
  readonly openPart: () => ChainableCommander;
}

const commands = Object.fromEntries(
  names.map((name) => [
    name,
    function add(this: SpreadPipeline, ...args: (Argument | object)[]) {
      this.asked.push({ name, args });
      return this;
    },
  ]),
);
const methods = {
  ...commands,
  exec(this: SpreadPipeline): Promise<Answer[]> {
    return execute(this);
  },
};

/**
 * A pipeline for a cluster. Commands on keys of one hash tag go to their node together, in their order; those of different
 * tags at the same time. TIME is asked of the node of the first key, whose clock is the one that counts for it.
 */
export function openSpreadPipeline(openPart: () => ChainableCommander): ChainableCommander {
  const pipeline: SpreadPipeline = { asked: [], openPart };
  return Object.assign(Object.create(methods) as object, pipeline) as unknown as ChainableCommander;
}

async function execute({ asked, openPart }: SpreadPipeline): Promise<Answer[]> {
  const firstKey = asked.find(({ args }) => args.length > 0)?.args[0];
  const parts = Map.groupBy(asked.keys(), (index) => tagOf(asked[index]?.args[0] ?? firstKey));
  const answers: Answer[] = new Array(asked.length);
  await Promise.all(
    [...parts.values()].map(async (indices) => {
      const part = openPart();
      for (const index of indices) addTo(part, asked[index] as Asked);
      const results = (await part.exec()) ?? [];
      for (const [place, index] of indices.entries()) answers[index] = results[place] as Answer;
    }),
  );
  return answers;
}

function addTo(part: ChainableCommander, { name, args }: Asked): void {
  const commander = part as unknown as Record<Name, (...args: readonly (Argument | object)[]) => void>;
  commander[name](...args);
}

function tagOf(key: Argument | object | undefined): string {
  const text = String(key ?? '');
  return /\{(.+?)\}/.exec(text)?.[1] ?? text;
}
