import { Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** One column: its heading, and what it shows of a row. */
export interface Column<Row> {
  name: string;
  show: (row: Row) => ReactNode;
}

/**
 * A table that becomes a list of cards on narrow screens. The roles are written out because a table that is laid out
 * as something else is none to screen readers.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  keyOf,
  empty,
}: {
  label: string;
  columns: readonly Column<Row>[];
  /** Undefined while they are on their way. */
  rows: readonly Row[] | undefined;
  keyOf: (row: Row) => string;
  empty: string;
}) {
  if (!rows) return <Rows />;
  if (rows.length === 0) return <Text c="dimmed">{empty}</Text>;
  return (
    <table role="table" className="data-table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ name }) => (
            <th key={name} role="columnheader" scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ name, show }) => (
              <td key={name} role="cell">
                <span className="data-table-name" aria-hidden="true">
                  {name}
                </span>
                <div className="data-table-value">{show(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Holds the place of rows that are on their way. */
function Rows() {
  return (
    <Stack gap="xs" aria-busy="true">
      {[0, 1, 2, 3, 4].map((row) => (
        <Skeleton key={row} height={36} />
      ))}
    </Stack>
  );
}
