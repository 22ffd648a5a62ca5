import { Button, Group, Modal, Stack, Text, type ButtonProps } from '@mantine/core';
import type { ReactNode, Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { FormError } from './form-error.tsx';
import { useReturnFocus } from './use-return-focus.ts';
import type { Submission } from './use-submit.ts';

/** Something that is done to somebody or something, once it is confirmed. */
export interface Act {
  label: string;
  /** What it is done to, where the label is not enough for screen readers. */
  target?: string;
  /** What it will do. */
  text: ReactNode;
  isHarmful?: boolean;
}

interface Opener {
  act: Act;
  size?: ButtonProps['size'];
  onOpen: () => void;
  ref?: Ref<HTMLButtonElement>;
}

/** The button that opens the dialog of an act. */
export function ActOpener({ act, size = 'compact-sm', onOpen, ref }: Opener) {
  return (
    <Button
      ref={ref ?? null}
      variant={act.isHarmful ? 'light' : 'default'}
      {...(act.isHarmful && { color: 'red' })}
      size={size}
      className="wrapping-button"
      onClick={onOpen}
      aria-label={act.target === undefined ? undefined : `${act.label}: ${act.target}`}
    >
      {act.label}
    </Button>
  );
}

interface Asked {
  act: Act;
  form: Submission;
  onClose: () => void;
  /** What more it asks for. */
  children?: ReactNode;
}

/** Asks before an act is done, and shows what went wrong with it. */
export function ActDialog({ act, form: { isBusy, errors, submit }, onClose, children }: Asked) {
  const { t } = useTranslation();
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={onClose}
      title={act.label}
      closeOnEscape={!isBusy}
      closeOnClickOutside={!isBusy}
      closeButtonProps={{ 'aria-label': t('dialog.close') }}
      centered
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text component="div">{act.text}</Text>
          <FormError text={errors['form']} />
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={isBusy}>
              {t('dialog.cancel')}
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
