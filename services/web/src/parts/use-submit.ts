import { useState, type FormEvent } from 'react';
import { useErrorText } from './use-error-text.ts';

/** What a form shows of its last try. */
export interface Submission {
  isBusy: boolean;
  /** The sentence next to a field, or about the whole form under `form`. */
  errors: Readonly<Record<string, string>>;
  /** For `onSubmit`. */
  submit(event?: FormEvent): void;
  /** Takes away the sentences, such as when somebody corrects a field. */
  clear(): void;
}

/** Fields of a form that show what is wrong with them. */
export interface ShownFields {
  /** Names as the API has them. */
  fields?: readonly string[];
  /** The field for a code whose error names none. */
  fieldOf?: Readonly<Record<string, string>>;
}

/**
 * Does `work` when a form is sent, once at a time. A SessionError shows next to the field that `fieldOf` names for its
 * code, or that it names itself, if the form has that field; else about the whole form.
 */
export function useSubmit(
  work: () => Promise<void>,
  { fields = [], fieldOf = {} }: ShownFields = {},
): Submission {
  const [isBusy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { describe, fieldIn } = useErrorText();
  const run = async () => {
    setBusy(true);
    setErrors({});
    try {
      await work();
    } catch (error) {
      const field = fieldIn(error, fieldOf);
      setErrors({ [fields.includes(field) ? field : 'form']: describe(error) });
    } finally {
      setBusy(false);
    }
  };
  return {
    isBusy,
    errors,
    submit: (event) => {
      event?.preventDefault();
      if (!isBusy) void run();
    },
    clear: () => setErrors({}),
  };
}
