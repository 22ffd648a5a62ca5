import type { Socket } from 'node:net';
import { whenKnown } from '../../core/check/when-known.ts';

/**
 * The text to answer with; later undefined if that was sent already. Undefined at once: this is nothing for the lane. `begun`: it
 * may be, with more bytes.
 */
export type LaneAnswer = string | typeof begun | undefined | Promise<string | undefined>;

/** Tells that bytes are the beginning of something for the lane. */
export const begun = Symbol('begun');

/** What connections in the lane work with. */
export interface LaneUse {
  /** What becomes of the bytes that were read. */
  answer(bytes: Buffer, socket: Socket): LaneAnswer;
  /** The connection is somebody else's from now on, with all that was not answered. */
  handOver(socket: Socket): void;
  /** Whoever has asked nothing by then is handed over too. */
  readonly firstMs: number;
  /** How long a connection is kept after an answer. */
  readonly idleMs: number;
}

/** One connection in the lane. */
export interface LaneConnection {
  /** Ends it: at once, or after the answer that is due. */
  end(): void;
}

/** The rest of a check is here by then, or Node waits for it: it comes in several reads only if it is long, or on purpose. */
const restMs = 100;

/**
 * Answers what comes on a connection, one at a time. While an answer is due, or waits for the other side to listen, nothing more
 * is read: so a client takes no more memory than its socket.
 */
export function openLaneConnection(socket: Socket, use: LaneUse): LaneConnection {
  let isBusy = false;
  let isEnding = false;
  let hasAsked = false;
  let beginning: { readonly bytes: Buffer; readonly sinceMs: number } | undefined;

  function take(read: Buffer): void {
    if (isBusy) return putBack(read);
    const bytes = beginning === undefined ? read : Buffer.concat([beginning.bytes, read]);
    const answer = use.answer(bytes, socket);
    if (answer === undefined) return leave(bytes);
    if (answer === begun) return wait(bytes);
    isBusy = true;
    if (!hasAsked || beginning !== undefined) socket.setTimeout(use.idleMs);
    hasAsked = true;
    beginning = undefined;
    void whenKnown(answer, send);
  }

  function wait(bytes: Buffer): void {
    const nowMs = performance.now();
    beginning = { bytes, sinceMs: beginning?.sinceMs ?? nowMs };
    if (nowMs - beginning.sinceMs >= restMs) leave(bytes);
    else socket.setTimeout(restMs);
  }

  function putBack(bytes: Buffer): void {
    socket.pause();
    socket.unshift(bytes);
  }

  function send(text: string | undefined): void {
    if (text === undefined || socket.write(text, 'latin1')) goOn();
    else socket.once('drain', goOn);
  }

  function goOn(): void {
    isBusy = false;
    if (isEnding) socket.destroySoon();
    else if (socket.isPaused()) socket.resume();
  }

  function end(): void {
    isEnding = true;
    if (!isBusy) socket.destroySoon();
  }

  function onTimeout(): void {
    if (!hasAsked || beginning !== undefined) leave(beginning?.bytes);
    else socket.destroy(); // It is idle, or does not read its answers.
  }

  function leave(bytes?: Buffer): void {
    socket.off('data', take).off('end', end).off('timeout', onTimeout).off('error', ignore);
    socket.setTimeout(0);
    socket.pause();
    if (bytes) socket.unshift(bytes);
    use.handOver(socket);
    socket.resume();
  }

  socket.setTimeout(use.firstMs);
  socket.on('data', take).on('end', end).on('timeout', onTimeout).on('error', ignore);
  return { end };
}

/** The connection is closed then, which is all that matters. */
function ignore(): void {}
