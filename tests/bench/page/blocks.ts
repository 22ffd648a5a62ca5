/**
 * Replaces what stands between `<!-- bench:name -->` and `<!-- /bench:name -->` for each name in `blocks`. Throws an Error
 * for a block that the text has no place for, for a place without its block, and for one that isn't closed.
 */
export function replaceBlocks(text: string, blocks: Readonly<Record<string, string>>): string {
  const placed = new Set<string>();
  const replaced = text.replace(
    /<!-- bench:([a-z-]+) -->[\s\S]*?<!-- \/bench:([a-z-]+) -->/g,
    (_, name: string, closing: string) => {
      if (name !== closing) throw new Error(`bench:${name} is closed by ${closing}`);
      const block = blocks[name];
      if (block === undefined) throw new Error(`nothing is known for bench:${name}`);
      placed.add(name);
      return `<!-- bench:${name} -->\n\n${block}\n\n<!-- /bench:${name} -->`;
    },
  );
  const missing = Object.keys(blocks).filter((name) => !placed.has(name));
  if (missing.length > 0) throw new Error(`there is no place for bench:${missing.join(', bench:')}`);
  return replaced;
}

/** A Markdown table; a bar in a cell is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
