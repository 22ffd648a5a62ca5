import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

/** A link to another page of the console. */
export function To({ path, children }: { path: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={`/console/${path}`}>
      {children}
    </Anchor>
  );
}
