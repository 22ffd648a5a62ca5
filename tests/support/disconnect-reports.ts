import type { RecordedRequest, ScriptedWebhook } from './scripted-webhook.ts';

/** A report of ended connections as the plugin sends it. */
export interface SentReport {
  broker: string;
  instance: string;
  started: boolean;
  dropped: number;
  disconnected: { clientid: string; connection: number }[];
}

/** Where the plugin of a test sends its reports. */
export const reportsTo = { http_disconnect_uri: '/disconnects' };

/** Whether a request is a report. */
export function isReport({ url }: RecordedRequest): boolean {
  return url.startsWith('/disconnects');
}

/** The reports that a webhook has got so far, also those that it did not take. */
export function reportsOf({ requests }: ScriptedWebhook): SentReport[] {
  return requests.filter(isReport).map(({ body }) => JSON.parse(body) as SentReport);
}

/** The ended connections in all reports so far as `clientid#number`. */
export function endsOf(webhook: ScriptedWebhook): string[] {
  return reportsOf(webhook).flatMap(({ disconnected }) =>
    disconnected.map(({ clientid, connection }) => `${clientid}#${connection}`),
  );
}

/** For each user check so far its connection as `clientid#number`; `none` where it carried none. */
export function connectionsOf({ requests }: ScriptedWebhook): string[] {
  return requests
    .filter(({ url }) => url.startsWith('/user'))
    .map(({ headers, check }) => {
      const number = headers['x-bednet-connection']?.split('.')[1] ?? 'none';
      return `${check.clientid}#${number}`;
    });
}
