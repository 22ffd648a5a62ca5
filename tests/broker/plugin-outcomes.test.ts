import t from 'tap';
import {
  deliveryScenario,
  offlineDeliveryScenario,
  openStage,
  publishScenario,
  queuedScenario,
  retainedScenario,
  signInScenario,
  subscribeScenario,
  willScenario,
  type Scenario,
} from '../support/mqtt-scenarios.ts';

interface Row {
  event: string;
  run: Scenario;
  /** What the clients see when the webhook denies (403) or fails (500), by MQTT version: 4 is 3.1.1. */
  denial: { 4: string; 5: string };
  error: { 4: string; 5: string };
}

const same = (seen: string) => ({ 4: seen, 5: seen });

const cutPublisher = {
  4: 'publisher: closed; reader: marker',
  5: 'publisher: disconnect 128 closed; reader: marker',
};

const table: Row[] = [
  {
    event: 'a sign-in',
    run: signInScenario,
    denial: { 4: 'client: connack 5 closed', 5: 'client: connack 135 closed' },
    error: same('client: closed'),
  },
  {
    event: 'a publish at QoS 0',
    run: publishScenario(0),
    denial: same('publisher: nothing; reader: marker'),
    error: cutPublisher,
  },
  {
    event: 'a publish at QoS 1',
    run: publishScenario(1),
    denial: { 4: 'publisher: puback; reader: marker', 5: 'publisher: puback 135; reader: marker' },
    error: cutPublisher,
  },
  {
    event: 'a publish at QoS 2',
    run: publishScenario(2),
    denial: { 4: 'publisher: pubrec pubcomp; reader: marker', 5: 'publisher: pubrec 135; reader: marker' },
    error: cutPublisher,
  },
  {
    event: 'a subscription',
    run: subscribeScenario,
    denial: { 4: 'reader: suback 128', 5: 'reader: suback 135' },
    error: { 4: 'reader: closed', 5: 'reader: disconnect 128 closed' },
  },
  {
    event: 'a delivery at QoS 0',
    run: deliveryScenario(0),
    denial: same('publisher: nothing; reader: marker; other reader: x marker'),
    error: cutPublisher,
  },
  {
    event: 'a delivery at QoS 1',
    run: deliveryScenario(1),
    denial: same('publisher: puback; reader: marker; other reader: x marker'),
    error: { 4: 'publisher: puback; reader: marker', 5: 'publisher: disconnect 128 closed; reader: marker' },
  },
  {
    event: 'a delivery at QoS 2',
    run: deliveryScenario(2),
    denial: same('publisher: pubrec pubcomp; reader: marker; other reader: x marker'),
    error: same('publisher: pubrec closed; reader: marker'),
  },
  {
    event: 'a delivery to an offline persistent session',
    run: offlineDeliveryScenario,
    denial: same('publisher: puback; reader: marker'),
    error: { 4: 'publisher: puback; reader: marker', 5: 'publisher: disconnect 128 closed; reader: marker' },
  },
  {
    event: 'a retained message at SUBSCRIBE',
    run: retainedScenario,
    denial: same('reader: suback 0; when allowed: suback 0 retained'),
    error: same('reader: suback 0; when allowed: suback 0 retained'),
  },
  {
    event: 'a queued message at reconnect',
    run: queuedScenario,
    denial: same('reader: nothing; when allowed: marker'),
    error: same('reader: nothing; when allowed: marker'),
  },
  {
    event: 'a will',
    run: willScenario,
    denial: same('reader: marker; checks: 2'),
    error: same('reader: marker; checks: 2'),
  },
];

t.test('what a denial and an error do to clients', async (t) => {
  const stage = await openStage(t);

  for (const [index, row] of table.entries()) {
    for (const version of [4, 5] as const) {
      for (const verdict of ['denial', 'error'] as const) {
        const name = `row${index}-v${version}-${verdict}`;
        const seen = await row.run({ stage, version, verdict, name });
        t.equal(
          seen,
          row[verdict][version],
          `MQTT ${version === 4 ? '3.1.1' : '5'}: ${verdict} of ${row.event}`,
        );
      }
    }
  }
});

t.test('all that is denied above is delivered when it is granted', async (t) => {
  const stage = await openStage(t);
  const granted: [string, Scenario, string][] = [
    ['QoS 0', publishScenario(0), 'publisher: nothing; reader: x marker'],
    ['QoS 1', publishScenario(1), 'publisher: puback; reader: x marker'],
    ['QoS 2', publishScenario(2), 'publisher: pubrec pubcomp; reader: x marker'],
    ['a subscription', subscribeScenario, 'reader: suback 1 x'],
    ['an offline session', offlineDeliveryScenario, 'publisher: puback; reader: x marker'],
    ['a queued message', queuedScenario, 'reader: queued; when allowed: queued marker'],
    ['a will', willScenario, 'reader: will marker; checks: 2'],
  ];

  for (const [event, run, expected] of granted) {
    for (const version of [4, 5] as const) {
      const name = `${event.replaceAll(' ', '')}-v${version}`;
      t.equal(await run({ stage, version, verdict: undefined, name }), expected, `MQTT ${version}: ${event}`);
    }
  }
});
