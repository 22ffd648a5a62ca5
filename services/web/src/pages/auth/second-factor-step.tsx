import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../client/react/auth-provider.ts';
import { CardPage } from '../../parts/card-page.tsx';
import { CodeBoxes } from '../../parts/code-boxes.tsx';
import { FormError } from '../../parts/form-error.tsx';
import { useSubmit } from '../../parts/use-submit.ts';
import { CancelSignIn } from './cancel-sign-in.tsx';

const codeField = { fields: ['code'], fieldOf: { AUTH_MFA_INVALID: 'code', VAL_INVALID_FORMAT: 'code' } };

/** A code of the authenticator or of a mail in six boxes, or a backup code. */
export function SecondFactorStep() {
  const { t } = useTranslation('auth');
  const { session, state } = useSession();
  const methods = state.status === 'pending' ? state.methods : [];
  const [usesBackup, setUsesBackup] = useState(!methods.includes('totp') && !methods.includes('email'));
  const [code, setCode] = useState('');
  const [wasMailed, setWasMailed] = useState(false);
  const verify = useSubmit(async () => {
    try {
      await session.steps.verifyCode(code);
    } catch (error) {
      setCode('');
      throw error;
    }
  }, codeField);
  const mail = useSubmit(async () => {
    await session.steps.call('/api/auth/2fa/email');
    setWasMailed(true);
  });
  const swap = () => {
    setUsesBackup(!usesBackup);
    setCode('');
    verify.clear();
  };
  return (
    <CardPage title={t('factor.title')} text={t(usesBackup ? 'factor.backupText' : 'factor.text')}>
      <form onSubmit={verify.submit} noValidate>
        <Stack>
          <FormError text={verify.errors['form'] ?? mail.errors['form']} />
          {usesBackup ? (
            <TextInput
              label={t('factor.backupCode')}
              className="ltr"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              error={verify.errors['code']}
              autoFocus
            />
          ) : (
            <CodeBoxes
              label={t('factor.code')}
              value={code}
              onChange={setCode}
              onComplete={verify.submit}
              error={verify.errors['code']}
            />
          )}
          <Button type="submit" loading={verify.isBusy} disabled={code.trim() === ''}>
            {t('factor.submit')}
          </Button>
          {wasMailed && <Text role="status">{t('factor.mailed')}</Text>}
          <Group justify="space-between">
            <Anchor component="button" type="button" size="sm" onClick={swap}>
              {t(usesBackup ? 'factor.useCode' : 'factor.useBackup')}
            </Anchor>
            {methods.includes('email') && (
              <Anchor component="button" type="button" size="sm" onClick={() => mail.submit()}>
                {t('factor.mail')}
              </Anchor>
            )}
            <CancelSignIn />
          </Group>
        </Stack>
      </form>
    </CardPage>
  );
}
