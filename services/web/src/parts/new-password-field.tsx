import { Progress, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from './password-field.tsx';
import { usePageConfig } from './use-page-config.ts';

/** Codes that are about a new password, and belong next to its field. */
export const newPasswordFieldOf: Readonly<Record<string, string>> = Object.fromEntries(
  ['TOO_SHORT', 'TOO_LONG', 'INVALID', 'COMMON', 'CONTEXT', 'COMPOSITION', 'UNCHANGED'].map((fault) => [
    `VAL_PASSWORD_${fault}`,
    'new_password',
  ]),
);

/** A new password, with what it must be and how good its length is. Pasting is welcome: password managers do it. */
export function NewPasswordField({
  value,
  onChange,
  error,
  label,
}: {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  label: string;
}) {
  const { t } = useTranslation();
  const [wasLeft, setLeft] = useState(false);
  const least = usePageConfig()?.password.min_length ?? 15;
  const length = [...value].length;
  const isShort = wasLeft && length > 0 && length < least;
  return (
    <Stack gap={6}>
      <PasswordField
        label={label}
        description={t('password.rule', { count: least })}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
        autoComplete="new-password"
        error={error ?? (isShort ? t('errors.VAL_PASSWORD_TOO_SHORT') : undefined)}
        required
      />
      <Progress
        value={Math.min(100, (length / (least * 1.6)) * 100)}
        color={length < least ? 'red' : length < least * 1.4 ? 'yellow' : 'teal'}
        size="xs"
        aria-hidden
      />
      <Text size="xs" c="dimmed" mih={18} aria-live="polite">
        {length === 0 ? '' : t(`password.${strengthOf(length, least)}`, { count: length })}
      </Text>
    </Stack>
  );
}

/** Length is what counts (NIST SP 800-63B-4 3.1.1.2); whether many people use it, the server knows. */
function strengthOf(length: number, least: number): 'tooShort' | 'good' | 'strong' {
  if (length < least) return 'tooShort';
  return length < least * 1.4 ? 'good' : 'strong';
}
