import { TextInput, type ButtonProps } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useSession } from '../../../../../client/react/auth-provider.ts';
import { ActDialog, ActOpener, type Act } from '../../../parts/act.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';
import { useNotice } from './notice.tsx';

/** What an operator does. */
export interface OperatorAct extends Act {
  /** What is said once it is done. */
  done: string;
  /** Whether a reason for the audit can be given. */
  takesReason?: boolean;
  run: (body: { reason?: string }) => Promise<unknown>;
  onDone?: () => void;
  /** The page that is shown once it is done, if another one. */
  leadsTo?: string;
}

/** A button for those who may do it, with a dialog that asks first. */
export function ActButton({
  permission,
  size = 'compact-sm',
  ...act
}: OperatorAct & { permission: string; size?: ButtonProps['size'] }) {
  const { session } = useSession();
  const [isOpen, setOpen] = useState(false);
  const button = useFocusKept();
  if (!session.hasPermission(permission)) return null;
  return (
    <>
      <ActOpener act={act} size={size} onOpen={() => setOpen(true)} ref={button} />
      {isOpen && <OperatorDialog act={act} onClose={() => setOpen(false)} />}
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

function OperatorDialog({ act, onClose }: { act: OperatorAct; onClose: () => void }) {
  const { t } = useTranslation('console');
  const stepUp = useStepUp();
  const queries = useQueryClient();
  const tell = useNotice();
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const form = useSubmit(async () => {
    const given = reason.trim();
    await stepUp(() => act.run(given === '' ? {} : { reason: given }));
    onClose();
    tell(act.done, act.leadsTo);
    act.onDone?.();
    if (act.leadsTo !== undefined) void navigate(act.leadsTo);
    await queries.invalidateQueries({ queryKey: ['console'] });
  });
  return (
    <ActDialog act={act} form={form} onClose={onClose}>
      {act.takesReason && (
        <TextInput
          label={t('reason')}
          description={t('reasonHint')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={200}
        />
      )}
    </ActDialog>
  );
}
