import { useEffect, useState } from 'react';
import { connectMqtt, type MqttConnect, type MqttConnection, type MqttState } from '../mqtt.ts';
import { useSession } from './auth-provider.ts';

/**
 * An MQTT connection of the signed-in session while the component is there; undefined while nobody is signed in.
 * `connect` is that of MQTT.js and must stay the same function.
 */
export function useMqtt(connect: MqttConnect | undefined): {
  connection: MqttConnection | undefined;
  state: MqttState | undefined;
} {
  const { session, state } = useSession();
  const sessionId = state.status === 'signed-in' ? state.sessionId : undefined;
  const [shown, setShown] = useState<{ connection: MqttConnection; state: MqttState }>();
  useEffect(() => {
    // The session may have ended since the component was drawn.
    const isStillHere = session.state.status === 'signed-in' && session.state.sessionId === sessionId;
    if (!isStillHere || connect === undefined) return undefined;
    const connection = connectMqtt(session, connect);
    setShown({ connection, state: connection.state });
    const stop = connection.subscribe((now) => setShown({ connection, state: now }));
    return () => {
      stop();
      connection.end();
      setShown(undefined);
    };
  }, [session, sessionId, connect]);
  return { connection: shown?.connection, state: shown?.state };
}
