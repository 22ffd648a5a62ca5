import { STATUS_CODES } from 'node:http';
import type { Answer } from '../contract/answer.ts';

/** Makes the writer of answers, as Node's own server writes them on a connection that is kept. All of it is ASCII. */
export function createAnswerWriter(
  keepAliveMs: number,
  nowMs: () => number = Date.now,
): (answer: Answer) => string {
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n\r\n`;
  let dateSecond = Number.NaN;
  let dateAndRest = '';

  /** It is the same for a whole second. */
  function rest(): string {
    const second = Math.floor(nowMs() / 1000);
    if (second !== dateSecond) {
      dateSecond = second;
      dateAndRest = `Date: ${new Date(second * 1000).toUTCString()}\r\n${keepAlive}`;
    }
    return dateAndRest;
  }

  return ({ status, headers, body }) => {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
    return `${text}content-length: ${body.length}\r\n${rest()}${body}`;
  };
}
