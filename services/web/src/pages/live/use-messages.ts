import type { IPublishPacket, MqttClient } from 'mqtt';
import { useEffect, useRef, useState } from 'react';
import { showPayload, type ShownPayload } from './payload.ts';

/** One message as it is listed. */
export interface Message {
  id: number;
  atMs: number;
  topic: string;
  qos: number;
  isRetained: boolean;
  payload: ShownPayload;
}

/** What came in, newest first. */
export interface Messages {
  shown: readonly Message[];
  /** How many came in since the list was cleared. */
  count: number;
  isPaused: boolean;
  /** How many came in since the pause began. */
  missed: number;
  setPaused(isPaused: boolean): void;
  clear(): void;
}

/** As many as the page keeps and shows. */
export const mostMessages = 200;
/** A flood of messages is drawn so often at most. */
const drawEveryMs = 100;

interface Box {
  kept: readonly Message[];
  count: number;
}

const empty: Box = { kept: [], count: 0 };
let lastId = 0;

/** Collects the messages of a connection; in a pause they are kept, and shown when it is over. */
export function useMessages(client: MqttClient | undefined): Messages {
  const arrived = useRef(empty);
  const [drawn, setDrawn] = useState(empty);
  const [paused, setPaused] = useState<Box>();
  useEffect(() => {
    if (!client) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      setDrawn(arrived.current);
    };
    const take = (topic: string, payload: Uint8Array, packet: IPublishPacket) => {
      const { kept, count } = arrived.current;
      const message = messageOf(topic, payload, packet);
      arrived.current = { kept: [message, ...kept.slice(0, mostMessages - 1)], count: count + 1 };
      timer ??= setTimeout(draw, drawEveryMs);
    };
    client.on('message', take);
    return () => {
      clearTimeout(timer);
      client.off('message', take);
    };
  }, [client]);
  const { kept: shown, count } = paused ?? drawn;
  return {
    shown,
    count,
    isPaused: paused !== undefined,
    missed: drawn.count - count,
    setPaused: (isPaused) => setPaused(isPaused ? drawn : undefined),
    clear: () => {
      arrived.current = empty;
      setDrawn(empty);
      setPaused(paused && empty);
    },
  };
}

function messageOf(topic: string, payload: Uint8Array, { qos, retain }: IPublishPacket): Message {
  return {
    id: ++lastId,
    atMs: Date.now(),
    topic,
    qos,
    isRetained: retain,
    payload: showPayload(payload),
  };
}
