import type { Test } from 'tap';
import { createCounterFile, keepRenewing, makeMemoryFolder, type CounterFile } from './counter-file.ts';
import { signIn, type RawClient } from './mqtt-outcomes.ts';
import { openPluginStage, type PluginStage, type StageOptions } from './plugin-stage.ts';
import type { Answer, RecordedRequest } from './scripted-webhook.ts';

export interface CacheStage extends PluginStage {
  file: CounterFile;
  /** Of a second process of the webhook, with its lease running. */
  secondFile: CounterFile;
  /** On tmpfs; the files lie in it. */
  folder: string;
  /** Lets the lease of `file` run out. */
  stopRenewing: () => void;
  /** Signs a client in, as user u. */
  signIn: (clientId?: string) => Promise<RawClient>;
  /** How many ACL checks were asked while `act` ran. */
  countAsked: (act: () => Promise<unknown>) => Promise<number>;
  /** Grants everything and offers each grant to be remembered, with `file`. */
  offerAll: () => void;
}

/** A broker with a decision cache, its counter file, and a scripted webhook that offers each grant to be remembered. */
export async function openCacheStage(t: Test, options: StageOptions = {}): Promise<CacheStage> {
  const folder = makeMemoryFolder(t);
  const file = createCounterFile(t, { path: `${folder}/counters` });
  const secondFile = createCounterFile(t, { path: `${folder}/second-counters`, slots: 4096 });
  const stopRenewing = keepRenewing(t, file);
  keepRenewing(t, secondFile);
  const { broker, webhook } = await openPluginStage(t, {
    ...options,
    plugin: { cache_file: `${file.path}, ${secondFile.path}`, ...options.plugin },
  });
  const offerAll = () => webhook.answerWith((request) => grantWithOffer(file, request));
  offerAll();

  const countAsked = async (act: () => Promise<unknown>) => {
    const before = webhook.requests.length;
    await act();
    return webhook.requests.slice(before).filter(({ check }) => check.kind === 'acl').length;
  };
  return {
    broker,
    webhook,
    file,
    secondFile,
    folder,
    stopRenewing,
    offerAll,
    countAsked,
    signIn: (clientId = 'c') => signIn({ port: broker.port, clientId, username: 'u', password: 'p' }),
  };
}

/** Grants a check; an ACL check may be remembered by that file. */
export function grantWithOffer(file: CounterFile, { check }: RecordedRequest): Answer {
  if (check.kind !== 'acl') return { status: 200 };
  return { status: 200, headers: file.offer(check.clientid ?? '') };
}
