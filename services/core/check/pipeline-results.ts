import type { Store } from '../redis/store.ts';

/** Commands that go to Redis in one round trip. */
export type Pipeline = ReturnType<Store['redis']['pipeline']>;

/** The answers of a pipeline in their order; throws the first error among them. */
export function resultsOf(answers: [Error | null, unknown][] | null): unknown[] {
  return (answers ?? []).map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
