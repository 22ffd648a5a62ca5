import { Button, Group, Modal, Stack, Text, TextInput, type ButtonProps } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { FormError } from '../../../parts/form-error.tsx';
import { useReturnFocus } from '../../../parts/use-return-focus.ts';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { useNotice } from './notice.tsx';

/** Something that an operator does to somebody or something, once they have confirmed it. */
export interface Act {
  label: string;
  /** What it is done to, where the label is not enough for screen readers. */
  target?: string;
  /** What it will do, before it is confirmed. */
  text: ReactNode;
  /** What is said once it is done. */
  done: string;
  /** Whether a reason for the audit can be given. */
  takesReason?: boolean;
  isHarmful?: boolean;
  run: (body: { reason?: string }) => Promise<unknown>;
  onDone?: () => void;
}

/** A button for those who may do it, with a dialog that asks first. */
export function ActButton({
  permission,
  size = 'compact-sm',
  ...act
}: Act & { permission: string; size?: ButtonProps['size'] }) {
  const { session } = useSession();
  const [isOpen, setOpen] = useState(false);
  const button = useFocusKept();
  if (!session.hasPermission(permission)) return null;
  return (
    <>
      <Button
        ref={button}
        variant={act.isHarmful ? 'light' : 'default'}
        {...(act.isHarmful && { color: 'red' })}
        size={size}
        onClick={() => setOpen(true)}
        aria-label={act.target === undefined ? undefined : `${act.label}: ${act.target}`}
      >
        {act.label}
      </Button>
      {isOpen && <ActDialog {...act} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Keeps the focus on the page where a button goes away with what it has done. */
function useFocusKept() {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const own = button.current;
    return () => {
      if (own && document.activeElement === own)
        document.getElementById('main')?.focus({ preventScroll: true });
    };
  }, []);
  return button;
}

function ActDialog({ onClose, ...act }: Act & { onClose: () => void }) {
  const { t } = useTranslation('console');
  useReturnFocus();
  const stepUp = useStepUp();
  const queries = useQueryClient();
  const tell = useNotice();
  const [reason, setReason] = useState('');
  const { isBusy, errors, submit } = useSubmit(async () => {
    const given = reason.trim();
    await stepUp(() => act.run(given === '' ? {} : { reason: given }));
    onClose();
    tell(act.done);
    act.onDone?.();
    await queries.invalidateQueries({ queryKey: ['console'] });
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={act.label}
      closeOnEscape={!isBusy}
      closeOnClickOutside={!isBusy}
      closeButtonProps={{ 'aria-label': t('close') }}
      centered
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text component="div">{act.text}</Text>
          <FormError text={errors['form']} />
          {act.takesReason && (
            <TextInput
              label={t('reason')}
              description={t('reasonHint')}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              maxLength={200}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isBusy}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy} {...(act.isHarmful && { color: 'red' })}>
              {act.label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
