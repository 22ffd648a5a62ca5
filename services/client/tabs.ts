import type { Tokens } from '../contract/native.ts';
import type { EndReason } from './session-state.ts';

/** What tabs of one page tell each other. */
export type TabMessage =
  | { type: 'tokens'; tokens: Tokens }
  | { type: 'ended'; sessionId: string; reason: EndReason }
  | { type: 'active' };

/** The other tabs of this browser at the same API. */
export interface Tabs {
  tell(message: TabMessage): void;
  close(): void;
}

/** Joins the other tabs; where the browser has no BroadcastChannel, a tab is alone. */
export function joinTabs(baseUrl: string, onMessage: (message: TabMessage) => void): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { tell() {}, close() {} };
  const channel = new BroadcastChannel(`bednet ${baseUrl}`);
  channel.onmessage = ({ data }: { data: unknown }) => onMessage(data as TabMessage);
  let isOpen = true;
  return {
    tell: (message) => void (isOpen && channel.postMessage(message)),
    close: () => {
      isOpen = false;
      channel.close();
    },
  };
}
