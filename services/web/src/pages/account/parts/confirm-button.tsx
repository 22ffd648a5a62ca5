import { useState } from 'react';
import { ActDialog, ActOpener, type Act } from '../../../parts/act.tsx';
import { useStepUp } from '../../../parts/use-step-up.tsx';
import { useSubmit } from '../../../parts/use-submit.ts';

interface Confirmed extends Act {
  run: () => Promise<void>;
}

/** A button with a dialog that asks first. */
export function ConfirmButton({ size = 'compact-sm', ...act }: Confirmed & { size?: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <ActOpener act={act} size={size} onOpen={() => setOpen(true)} />
      {isOpen && <ConfirmDialog act={act} onClose={() => setOpen(false)} />}
    </>
  );
}

function ConfirmDialog({ act, onClose }: { act: Confirmed; onClose: () => void }) {
  const stepUp = useStepUp();
  const form = useSubmit(async () => {
    await stepUp(act.run);
    onClose();
  });
  return <ActDialog act={act} form={form} onClose={onClose} />;
}
