import { Alert } from '@mantine/core';

/** Says what was done. The region is there before its text comes: else it would not be read out. */
export function Done({ text }: { text: string | undefined }) {
  return (
    <div role="status" className="done">
      {text !== undefined && (
        <Alert color="teal" py="xs">
          {text}
        </Alert>
      )}
    </div>
  );
}
