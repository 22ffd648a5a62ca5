import { Type, type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** One wrong setting: its name and what is wrong with it. Never holds the value: it may be a secret. */
export interface SettingFault {
  name: string;
  fault: string;
}

/** Thrown with all wrong settings at once. */
export class SettingsError extends Error {
  readonly faults: readonly SettingFault[];

  constructor(faults: readonly SettingFault[]) {
    super(faults.map(({ name, fault }) => `${name} ${fault}`).join('\n'));
    this.name = 'SettingsError';
    this.faults = faults;
  }
}

/** Settings that are right, and the faults of the others; callers may add faults of their own before they throw. */
export interface SettingsReading<Properties extends TProperties> {
  settings: Partial<Static<TObject<Properties>>>;
  faults: SettingFault[];
}

/**
 * Reads each property of `schema` from `environment`. An empty variable counts as absent; whole numbers are written in
 * decimal digits. A schema's `default` fills in, its `description` is the sentence for a wrong value.
 */
export function readSettings<Properties extends TProperties>(
  schema: TObject<Properties>,
  environment: Readonly<Record<string, string | undefined>>,
): SettingsReading<Properties> {
  const settings: Record<string, unknown> = {};
  const faults: SettingFault[] = [];
  for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
    const text = environment[name];
    const { default: fallback, description } = property as { default?: unknown; description?: string };
    if (text !== undefined && text !== '') {
      const value = parse(property, text);
      if (Value.Check(property, value)) settings[name] = value;
      else faults.push({ name, fault: `is wrong: it must be ${description ?? 'another value'}` });
    } else if (fallback !== undefined) settings[name] = fallback;
    else if (!Type.IsOptional(property))
      faults.push({ name, fault: `is missing: it must be ${description ?? 'set'}` });
  }
  return { settings: settings as SettingsReading<Properties>['settings'], faults };
}

/**
 * What `read` makes of the file that a setting names; undefined where that setting is absent or wrong, which is a fault
 * already, and where the file can't be used, which becomes one of `faults`.
 */
export function readSettingFile<T>(
  { name, file, faults }: { name: string; file: string | undefined; faults: SettingFault[] },
  read: (file: string) => T,
): T | undefined {
  if (file === undefined) return undefined;
  try {
    return read(file);
  } catch (error) {
    faults.push({ name, fault: `can't be used: ${(error as Error).message}` });
    return undefined;
  }
}

/** The entries of a setting that is a list with commas between; blanks around an entry don't count. */
export function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** A whole number from `min` to `max`; `unit` completes its description. */
export function wholeNumber(min: number, max: number, fallback: number, unit: string) {
  const description = `a whole number of ${unit} from ${min} to ${max}`;
  return Type.Integer({ minimum: min, maximum: max, default: fallback, description });
}

function parse(schema: TSchema, text: string): unknown {
  if (!Type.IsInteger(schema)) return text;
  return /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : text;
}
