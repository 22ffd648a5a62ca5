import { isUtf8 } from 'node:buffer';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DenialReason } from '../../core/check/reasons.ts';

const closed = { additionalProperties: false };
const mostDisconnected = 500;

/** The longest body of a report: 500 client ids with each byte escaped. */
export const longestReportBytes = 524_288;

/** What the plugin tells of connections that have ended; mosquitto-conf/plugin/report-batch.c writes it. */
const DisconnectReport = Type.Object(
  {
    /** What stays the same over restarts of a broker. */
    broker: Type.String({ minLength: 1, maxLength: 300 }),
    /** The random name of this one start. */
    instance: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    /** True until one report of this start was taken. */
    started: Type.Boolean(),
    /** Ends that will never be reported, since the start. */
    dropped: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    disconnected: Type.Array(
      Type.Object(
        {
          clientid: Type.String({ maxLength: 128 }),
          connection: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
        },
        closed,
      ),
      { maxItems: mostDisconnected },
    ),
  },
  closed,
);
export type DisconnectReport = Static<typeof DisconnectReport>;

/** Checks wait while a report is read, so it is compiled: some twenty times as fast for a long one. */
const reports = Compile(DisconnectReport);

/** Reads the body of a report, or says why it is none. */
export function readReport(body: Buffer | undefined): { report: DisconnectReport } | { fault: DenialReason } {
  if (body === undefined || body.length === 0) return { fault: 'body-malformed' };
  if (!isUtf8(body)) return { fault: 'body-not-utf8' };
  const value = tryJson(body.toString('utf8'));
  if (value === undefined) return { fault: 'body-malformed' };
  return reports.Check(value) ? { report: value } : { fault: 'field-type' };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says that it is malformed.
  }
}
