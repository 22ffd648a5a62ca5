import { randomBytes } from 'node:crypto';
import { connectAsync, type IClientOptions } from 'mqtt';
import { doctorUsername } from '../../core/check/doctor-probe.ts';

const timeoutMs = 5000;

/** What a broker made of a CONNECT that it must refuse; `cut` = closed without a word. */
export type Reception =
  { outcome: 'refused' | 'let-in' | 'cut' } | { outcome: 'unreachable'; reason: string };

/** The receptions of a client without credentials, and of one with wrong ones that tried twice. */
export interface BrokerTry {
  anonymous: Reception;
  first: Reception;
  second: Reception;
}

/** Knocks three times at a broker. The password is new each time doctor runs: no cache can know it yet. */
export async function tryBroker(url: string): Promise<BrokerTry> {
  const clientId = `doctor-${randomBytes(8).toString('hex')}`;
  const wrong = { clientId, username: doctorUsername, password: randomBytes(32).toString('base64url') };
  return {
    anonymous: await knock(url, { clientId }),
    first: await knock(url, wrong),
    second: await knock(url, wrong),
  };
}

async function knock(url: string, options: IClientOptions): Promise<Reception> {
  try {
    const client = await connectAsync(
      url,
      { ...options, protocolVersion: 4, clean: true, reconnectPeriod: 0, connectTimeout: timeoutMs },
      false,
    );
    client.end(true);
    return { outcome: 'let-in' };
  } catch (error) {
    return receptionOf(error as { code?: unknown; message: string });
  }
}

/** A number is the code of the CONNACK, a word that of the system. */
function receptionOf({ code }: { code?: unknown; message: string }): Reception {
  if (typeof code === 'number') return { outcome: 'refused' };
  if (typeof code === 'string' && code !== 'ECONNRESET') return { outcome: 'unreachable', reason: code };
  return { outcome: 'cut' };
}
