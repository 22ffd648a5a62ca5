import { parseMetrics } from './parse-metrics.ts';
import { totalsOf, type Totals } from './totals.ts';

const timeoutMs = 1000;
/** The metrics of a webhook service take about 20 KB. */
const mostBytes = 1_048_576;

/** Asks one webhook service for its metrics; undefined if it is away, slow or answers something else. */
export async function readService(url: string): Promise<Totals | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'text/plain' } });
    if (!response.ok || !response.body) return undefined;
    return totalsOf(parseMetrics(await readText(response.body)));
  } catch {
    return undefined; // Why does not matter to the picture: it shows the service as away.
  }
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > mostBytes) throw new RangeError('the metrics are too long');
  }
  return text + decoder.decode();
}
