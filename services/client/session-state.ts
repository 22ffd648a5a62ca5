import type { User, Mqtt } from '../contract/native.ts';
import type { PendingSignIn } from '../contract/native-second-factor.ts';
import type { Static } from 'typebox';
import type { Ended } from './session-error.ts';

/** Why there is no session any more. */
export type EndReason =
  | { kind: 'signed-out' }
  | { kind: 'inactivity' }
  | { kind: 'expired' }
  | { kind: 'revoked'; ended?: Ended | undefined };

/** A step that is left before there is a session. */
export type PendingStep = PendingSignIn['pending'][number];

/** What a page shows of its session. */
export type SessionState =
  | { status: 'starting' }
  | { status: 'signed-out'; reason?: EndReason | undefined }
  | {
      status: 'pending';
      steps: readonly PendingStep[];
      methods: PendingSignIn['methods'];
      termsVersion?: string | undefined;
    }
  | {
      status: 'signed-in';
      user: User;
      sessionId: string;
      mqtt: Static<typeof Mqtt>;
      /** True while renewals get no answer: not signed out, only not reachable. */
      isOffline: boolean;
    };
