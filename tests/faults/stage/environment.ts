import { join } from 'node:path';
import { projectDir } from '../../../services/stack/settings.ts';
import { plainEnvironment } from '../../../services/stack/stack.ts';

/** What the parts of a stage inherit. A copy of the project keeps by itself what Node keeps of the sources. */
export function environmentOf(project: string): Record<string, string> {
  const cache = project === projectDir ? ['node_modules', '.cache', 'node'] : ['.cache'];
  return { ...plainEnvironment(), NODE_COMPILE_CACHE: join(project, ...cache) };
}
