import { doctorUserAgent } from '../../core/check/doctor-probe.ts';
import { parseNumbers, type Numbers } from './metrics-text.ts';

const timeoutMs = 3000;

/** An answer over HTTP, or why there is none. */
export type Got = { status: number; text: string } | { status: undefined; text: string };

/** Sends one request by which the webhook service knows doctor; never throws. */
export async function get(url: string, init: RequestInit = {}): Promise<Got> {
  const headers = { 'user-agent': doctorUserAgent, ...(init.headers as Record<string, string>) };
  try {
    const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error;
    return { status: undefined, text: (cause as NodeJS.ErrnoException | undefined)?.code ?? message };
  }
}

/** What a service tells of itself at /metrics; undefined if it doesn't. */
export async function readNumbers(serviceUrl: string): Promise<Numbers | undefined> {
  const { status, text } = await get(`${serviceUrl}/metrics`);
  return status === 200 ? parseNumbers(text) : undefined;
}

/** How a request ended, for a sentence. */
export function describe({ status, text }: Got): string {
  return status === undefined ? text : String(status);
}
