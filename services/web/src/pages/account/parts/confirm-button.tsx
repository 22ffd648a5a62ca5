import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormError } from '../../../parts/form-error.tsx';
import { useReturnFocus } from '../../../parts/use-return-focus.ts';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';

/** What is done once it is confirmed. */
export interface Confirmed {
  label: string;
  /** What it is done to, where the label is not enough for screen readers. */
  target?: string;
  /** What it will do. */
  text: ReactNode;
  isHarmful?: boolean;
  run: () => Promise<void>;
}

/** A button with a dialog that asks first. */
export function ConfirmButton({ size = 'compact-sm', ...act }: Confirmed & { size?: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        variant={act.isHarmful ? 'light' : 'default'}
        {...(act.isHarmful && { color: 'red' })}
        size={size}
        className="wrapping-button"
        onClick={() => setOpen(true)}
        aria-label={act.target === undefined ? undefined : `${act.label}: ${act.target}`}
      >
        {act.label}
      </Button>
      {isOpen && <ConfirmDialog {...act} onClose={() => setOpen(false)} />}
    </>
  );
}

function ConfirmDialog({ label, text, isHarmful, run, onClose }: Confirmed & { onClose: () => void }) {
  const { t } = useTranslation('account');
  const stepUp = useStepUp();
  useReturnFocus();
  const { isBusy, errors, submit } = useSubmit(async () => {
    await stepUp(run);
    onClose();
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={label}
      closeOnEscape={!isBusy}
      closeOnClickOutside={!isBusy}
      closeButtonProps={{ 'aria-label': t('close') }}
      centered
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text>{text}</Text>
          <FormError text={errors['form']} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isBusy}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy} {...(isHarmful && { color: 'red' })}>
              {label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
