import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { counterFileOf } from '../../../services/stack/parts/services.ts';
import { startStack, type Stack } from '../../../services/stack/stack.ts';
import type { BenchContext, Row } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { measureDeliveries } from '../load/deliveries.ts';
import { measureInTurns, type Group, type Limits } from '../measurement.ts';
import { template, withoutAuth } from '../systems/brokers.ts';
import type { Broker } from '../systems/broker-contenders.ts';
import { names } from '../systems/names.ts';
import { makeCast, measureFanOut } from './fan-out.ts';

const listenerCounts = [5, 50, 500];
const windows = [1];
const readers = 50;
const shippedLine = 'set_tcp_nodelay true';

/** Fan-out with `set_tcp_nodelay` as shipped and with Mosquitto's default, without auth and with the decision cache. */
export const nodelayRow: Row = {
  name: 'nodelay',
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const product = (await context.products()).find(({ system }) => system === names.decisionCache);
    if (!product) throw new TypeError('there is no product with a decision cache');
    const { stack } = product;
    const identities = await makeCast(stack, Math.max(...listenerCounts));
    const brokers: Broker[] = [];
    for (const [system, configuration] of configurationsFor(stack)) {
      const broker = await startBroker(
        join(context.folder, `nodelay-${brokers.length}`),
        configuration,
        stack,
      );
      open.defer(broker.stop);
      brokers.push({ system, port: broker.ports.mqtt, identities });
    }
    return await measureAll(context, brokers); // Before the brokers stop.
  },
};

function configurationsFor({ runDir }: Stack): [system: string, configuration: string][] {
  const shipped = readFileSync(template, 'utf8');
  const open = withoutAuth(shipped);
  const caching = `${shipped}plugin_opt_cache_file ${counterFileOf(runDir)}\n`;
  return [
    [names.noAuth, open],
    [`${names.noAuth}, Nagle`, withNagle(open)],
    [names.decisionCache, caching],
    [`${names.decisionCache}, Nagle`, withNagle(caching)],
  ];
}

/** The configuration with Mosquitto's default: a small packet waits until the one before it is acknowledged. */
export function withNagle(configuration: string): string {
  if (!configuration.includes(`\n${shippedLine}\n`)) throw new TypeError(`${shippedLine} isn't shipped`);
  return configuration.replace(`\n${shippedLine}\n`, '\nset_tcp_nodelay false\n');
}

/** A broker beside that of `stack`, which asks the same webhook. */
async function startBroker(folder: string, configuration: string, { ports, secrets }: Stack): Promise<Stack> {
  mkdirSync(folder, { recursive: true });
  const mosquittoTemplate = join(folder, 'template.conf');
  writeFileSync(mosquittoTemplate, configuration);
  return startStack({
    runDir: folder,
    parts: ['mosquitto'],
    mosquittoTemplate,
    ports: { webhook: ports.webhook },
    settings: { mosquitto: { BROKER_KEY: secrets.brokerKey } },
  });
}

async function measureAll(context: BenchContext, brokers: readonly Broker[]): Promise<Group[]> {
  const groups: Group[] = [];
  for (const count of listenerCounts) {
    const measured = await measureFanOut(context, brokers, { row: 'nodelay', count, windows });
    groups.push(...measured.map((group) => ({ ...group, condition: conditions.nodelay(count) })));
  }
  context.say(conditions.deliveries);
  const contenders = brokers.map(({ system, port, identities }) => ({
    system,
    measure: (limits: Limits) => measureDeliveries(port, identities.slice(0, 1 + readers), limits),
  }));
  const results = await measureInTurns(contenders, context.settings);
  return [...groups, { row: 'nodelay', condition: conditions.deliveries, results }];
}
