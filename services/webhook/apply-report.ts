import {
  endedReport,
  keptSeconds,
  readBrokerReport,
  writeBrokerReport,
} from '../core/connections/broker-report.ts';
import { connectionField } from '../core/connections/connection.ts';
import { resultsOf, type Pipeline } from '../core/check/pipeline-results.ts';
import { deviceIdOfClientId, sidOfClientId } from '../core/ids.ts';
import { brokerInstanceKey, brokerReportKey, clientsKey, deviceClientsKey } from '../core/redis/keys.ts';
import type { Store } from '../core/redis/store.ts';
import { toMs } from '../core/redis/time.ts';
import type { DisconnectReport } from './contract/read-report.ts';

/** Commands that a check on the same connection to Redis may have to wait for. */
const commandsAtOnce = 100;

/**
 * Writes what a broker has reported; a report that comes twice changes nothing. Returns how many ends it tells to be lost
 * beyond those that were known to be. Throws what Redis answers, or its timeout.
 */
export async function applyReport(store: Store, report: DisconnectReport): Promise<{ lost: number }> {
  const ended = endedFields(report);
  while (ended.length > commandsAtOnce)
    resultsOf(await forget(store.redis.pipeline(), ended.splice(0, commandsAtOnce)).exec());
  const known = await noteBroker(store, report, forget(store.redis.pipeline(), ended));
  return { lost: Math.max(0, report.dropped - (known?.dropped ?? 0)) };
}

function forget(pipeline: Pipeline, ended: readonly { key: string; field: string }[]): Pipeline {
  for (const { key, field } of ended) pipeline.hdel(key, field);
  return pipeline;
}

/** The connections of an earlier start of the same broker are gone. Sends first what `pipeline` holds already. */
async function noteBroker(
  store: Store,
  { broker, instance, started, dropped }: DisconnectReport,
  pipeline: Pipeline,
) {
  const answers = await pipeline.time().get(brokerReportKey(instance)).get(brokerInstanceKey(broker)).exec();
  const [time, stored, earlier] = resultsOf(answers).slice(-3);
  const known = readBrokerReport(stored as string | null);
  const nowMs = toMs(time as [string, string]);
  const lossAtMs = dropped > (known?.dropped ?? 0) ? nowMs : (known?.lossAtMs ?? 0);
  const record = writeBrokerReport({ lastReportMs: nowMs, dropped, lossAtMs });
  const records = store.redis.pipeline().set(brokerReportKey(instance), record, 'EX', keptSeconds);
  if (started && typeof earlier === 'string' && earlier !== instance)
    records.set(brokerReportKey(earlier), endedReport, 'EX', keptSeconds);
  // Last, so that a report that comes again finds the earlier start as long as it may not have been ended.
  records.set(brokerInstanceKey(broker), instance, 'EX', keptSeconds);
  resultsOf(await records.exec());
  return known;
}

/** A client id may be a session's as well as a device's; the connection itself is in the field's name. */
function endedFields({ instance, disconnected }: DisconnectReport): { key: string; field: string }[] {
  return disconnected.flatMap(({ clientid: clientId, connection }) => {
    const field = connectionField(clientId, `${instance}.${connection}`);
    const sid = sidOfClientId(clientId);
    const deviceId = deviceIdOfClientId(clientId);
    return [
      ...(sid === undefined ? [] : [{ key: clientsKey(sid), field }]),
      ...(deviceId === undefined ? [] : [{ key: deviceClientsKey(deviceId), field }]),
    ];
  });
}
