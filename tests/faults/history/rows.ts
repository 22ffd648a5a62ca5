import { checkKinds, outcomes, type Check } from './history.ts';

/** Checks by the million: 26 bytes each. */
export interface Rows {
  add(check: Check): void;
  count(): number;
  /** All checks in the order in which they ended. */
  all(): Generator<Check>;
}

interface Chunk {
  startMs: Float64Array;
  endMs: Float64Array;
  credential: Uint32Array;
  topic: Uint16Array;
  note: Uint16Array;
  kind: Uint8Array;
  outcome: Uint8Array;
}

const rowsPerChunk = 65_536;

/** Makes an empty list. */
export function createRows(): Rows {
  const chunks: Chunk[] = [];
  const notes = new Map<string, number>();
  let count = 0;

  function noteNumber(note: string): number {
    const known = notes.get(note) ?? notes.size;
    notes.set(note, known);
    return known;
  }

  return {
    add(check) {
      const row = count % rowsPerChunk;
      if (row === 0) chunks.push(newChunk());
      const chunk = chunks.at(-1) as Chunk;
      chunk.startMs[row] = check.startMs;
      chunk.endMs[row] = check.endMs;
      chunk.credential[row] = check.credential;
      chunk.topic[row] = check.topic ?? 0;
      chunk.note[row] = noteNumber(check.note);
      chunk.kind[row] = checkKinds.indexOf(check.kind);
      chunk.outcome[row] = outcomes.indexOf(check.outcome);
      count += 1;
    },
    count: () => count,
    *all() {
      const texts = [...notes.keys()];
      for (let index = 0; index < count; index += 1) {
        yield readRow(chunks[Math.floor(index / rowsPerChunk)] as Chunk, index % rowsPerChunk, texts);
      }
    },
  };
}

function newChunk(): Chunk {
  return {
    startMs: new Float64Array(rowsPerChunk),
    endMs: new Float64Array(rowsPerChunk),
    credential: new Uint32Array(rowsPerChunk),
    topic: new Uint16Array(rowsPerChunk),
    note: new Uint16Array(rowsPerChunk),
    kind: new Uint8Array(rowsPerChunk),
    outcome: new Uint8Array(rowsPerChunk),
  };
}

function readRow(chunk: Chunk, row: number, notes: readonly string[]): Check {
  return {
    kind: checkKinds[chunk.kind[row] ?? 0] ?? 'acl over HTTP',
    outcome: outcomes[chunk.outcome[row] ?? 0] ?? 'unknown',
    credential: chunk.credential[row] ?? 0,
    topic: chunk.topic[row] || undefined,
    startMs: chunk.startMs[row] ?? 0,
    endMs: chunk.endMs[row] ?? 0,
    note: notes[chunk.note[row] ?? 0] ?? '',
  };
}
