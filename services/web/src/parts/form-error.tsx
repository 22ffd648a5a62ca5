import { Alert } from '@mantine/core';

/** What went wrong with a whole form; read out at once. */
export function FormError({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <Alert color="red" role="alert" variant="light">
      {text}
    </Alert>
  );
}
