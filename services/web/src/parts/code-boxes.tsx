import { Input, PinInput } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';

const length = 6;

/** Six boxes for a one-time code. Pasting works, with blanks too; the sixth digit sends it. */
export function CodeBoxes({
  label,
  value,
  onChange,
  onComplete,
  error,
  takesFocus = true,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onComplete: () => void;
  error: string | undefined;
  /** Whether typing can begin at once; false where there is something to read first. */
  takesFocus?: boolean;
}) {
  const id = useId();
  const wasComplete = useRef(false);
  // Not by PinInput's own `onComplete`: it stays silent after the boxes were emptied from outside.
  useEffect(() => {
    const isComplete = value.length === length;
    if (isComplete && !wasComplete.current) onComplete();
    wasComplete.current = isComplete;
  }, [value, onComplete]);
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      error={error}
      errorProps={{ id: `${id}-error`, role: 'alert' }}
    >
      <PinInput
        className="ltr"
        mt={4}
        length={length}
        type="number"
        oneTimeCode
        autoFocus={takesFocus}
        placeholder=""
        value={value}
        onChange={onChange}
        error={error !== undefined}
        aria-label={label}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        getInputProps={(index) => ({ 'aria-label': `${label} ${index + 1}/${length}` })}
      />
    </Input.Wrapper>
  );
}
