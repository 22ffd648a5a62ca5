/** What a page imports; the React bindings are in `react/`. */
export { createSession, type Session, type SessionOptions } from './session.ts';
export type { Credentials } from './sign-in.ts';
export type { EndReason, PendingStep, SessionState } from './session-state.ts';
export { SessionError, type Ended } from './session-error.ts';
export { connectMqtt, type MqttConnect, type MqttConnection, type MqttState } from './mqtt.ts';
