import { Alert, Button, Code, Group, Image, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeBoxes } from './code-boxes.tsx';
import { FormError } from './form-error.tsx';
import { useSubmit } from './use-submit.ts';

/** `data` of POST /api/auth/2fa/enable; shown once. */
export interface EnrolmentSecrets {
  secret: string;
  otpauth_uri: string;
  qr_code: string;
  backup_codes: string[];
}

/** Sets up an authenticator: picture and secret, backup codes to keep, and a first code that puts it in force. */
export function Enrolment({
  begin,
  confirm,
}: {
  begin: () => Promise<EnrolmentSecrets>;
  confirm: (code: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const [secrets, setSecrets] = useState<EnrolmentSecrets>();
  const [code, setCode] = useState('');
  const start = useSubmit(async () => setSecrets(await begin()));
  const finish = useSubmit(
    async () => {
      setCode('');
      await confirm(code);
    },
    { fields: ['code'], fieldOf: { AUTH_MFA_INVALID: 'code', VAL_INVALID_FORMAT: 'code' } },
  );
  useEffect(() => start.submit(), []); // Once: each call makes another secret.
  if (start.errors['form'] !== undefined) return <FormError text={start.errors['form']} />;
  if (!secrets) return <Skeleton height={420} />;
  return (
    <form onSubmit={finish.submit} noValidate>
      <Stack>
        <Text>{t('enrolment.scan')}</Text>
        <Group align="flex-start">
          <Image src={secrets.qr_code} alt={t('enrolment.picture')} w={180} h={180} bg="white" radius="sm" />
          <Stack gap={4} flex="1 1 180px">
            <Text size="sm" c="dimmed">
              {t('enrolment.orType')}
            </Text>
            <Code className="ltr" style={{ overflowWrap: 'anywhere' }}>
              {secrets.secret}
            </Code>
          </Stack>
        </Group>
        <BackupCodes codes={secrets.backup_codes} />
        <FormError text={finish.errors['form']} />
        <CodeBoxes
          label={t('enrolment.code')}
          value={code}
          onChange={setCode}
          onComplete={finish.submit}
          error={finish.errors['code']}
          takesFocus={false}
        />
        <Button type="submit" loading={finish.isBusy} disabled={code.length < 6}>
          {t('enrolment.confirm')}
        </Button>
      </Stack>
    </form>
  );
}

/** Ten codes that are shown once, to download or copy. */
export function BackupCodes({ codes }: { codes: readonly string[] }) {
  const { t } = useTranslation();
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`${codes.join('\n')}\n`)}`;
  return (
    <Alert color="teal" title={t('enrolment.backupTitle')}>
      <Stack gap="xs">
        <Text size="sm">{t('enrolment.backupText')}</Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={4} className="ltr" data-testid="backup-codes">
          {codes.map((code) => (
            <Code key={code}>{code}</Code>
          ))}
        </SimpleGrid>
        <Button
          component="a"
          href={file}
          download="bednet-backup-codes.txt"
          variant="default"
          size="compact-sm"
        >
          {t('enrolment.download')}
        </Button>
      </Stack>
    </Alert>
  );
}
