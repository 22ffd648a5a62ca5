import { open } from 'node:fs/promises';
import { CliError } from './cli-error.ts';
import { resolveFile } from './npm-call.ts';
import { decodeText, readStandardInput } from './terminal.ts';

/** A file of text, `-` for standard input. Throws a CliError if it can't be read, is too long or is not UTF-8. */
export async function readTextFile(file: string, longestBytes: number): Promise<string> {
  if (file === '-') return readStandardInput(longestBytes);
  const bytes = await readAtMost(file, longestBytes + 1);
  if (bytes.length > longestBytes) throw new CliError(`${file} is longer than ${longestBytes} bytes`);
  return decodeText(bytes, file);
}

/** Also of what has no length, such as a pipe. */
async function readAtMost(file: string, mostBytes: number): Promise<Buffer> {
  try {
    await using handle = await open(resolveFile(file));
    const chunks: Buffer[] = [];
    for await (const chunk of handle.createReadStream({ end: mostBytes - 1 })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch (error) {
    throw new CliError(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
