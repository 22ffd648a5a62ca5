import { isUtf8 } from 'node:buffer';
import { Type, type Static, type TObject } from 'typebox';
import { Value } from 'typebox/value';
import { deny } from '../../core/check/reasons.ts';
import { longestBodyBytes } from './parse-body.ts';
import type { Read } from './read-check.ts';

/** VerneMQ sends null for a name or password that the client didn't give. */
const Name = Type.Union([Type.String(), Type.Null()]);
const names = { client_id: Type.String(), username: Name, mountpoint: Type.String() };

const Register = Type.Object({ ...names, password: Name });
const Publish = Type.Object({ ...names, topic: Type.String() });
const Subscribe = Type.Object({
  ...names,
  topics: Type.Array(Type.Object({ topic: Type.String(), qos: Type.Integer({ minimum: 0, maximum: 2 }) }), {
    minItems: 1,
  }),
});

/** A topic filter as VerneMQ sent it; of MQTT 5 it has options beside topic and QoS. */
export type AskedFilter = Static<typeof Subscribe>['topics'][number];

/** Reads the body of auth_on_register and auth_on_register_m5. */
export const readRegister = (body: Buffer | undefined) => readHook(Register, body);

/** Reads the body of auth_on_publish and auth_on_publish_m5. */
export const readPublish = (body: Buffer | undefined) => readHook(Publish, body);

/** Reads the body of auth_on_subscribe and auth_on_subscribe_m5. */
export const readSubscribe = (body: Buffer | undefined) => readHook(Subscribe, body);

/** Fields that are not named in the schema are for others to read. Other mountpoints have other topics and client ids. */
function readHook<Schema extends TObject<typeof names>>(
  schema: Schema,
  body: Buffer | undefined,
): Read<Static<Schema>> {
  if (body === undefined || body.length === 0) return deny('field-missing');
  if (body.length > longestBodyBytes) return deny('body-too-large');
  if (!isUtf8(body)) return deny('body-not-utf8');
  const value = tryJson(body.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return deny('body-malformed');
  const isComplete = Object.keys(schema.properties).every((name) => Object.hasOwn(value, name));
  if (!isComplete) return deny('field-missing');
  if (!Value.Check(schema, value)) return deny('field-type');
  return (value as Static<typeof Publish>).mountpoint === ''
    ? { granted: true, check: value }
    : deny('virtual-host-other');
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says that it is malformed.
  }
}
