import { Type, type Static } from 'typebox';
import { listOf, type SettingFault } from '../core/settings/read-settings.ts';

/** The names of all brokers whose own HTTP hooks are understood. */
export const hookNames = ['rabbitmq', 'emqx', 'vernemq'] as const;
export type HookName = (typeof hookNames)[number];

/** Settings of the hooks: environment variables. */
export const hookProperties = {
  BROKER_HOOKS: Type.String({
    default: '',
    description: `names of ${hookNames.join(', ')}, with commas between`,
  }),
  RABBITMQ_VHOST: Type.String({
    default: '/',
    minLength: 1,
    maxLength: 255,
    description: 'the name of a virtual host of RabbitMQ',
  }),
};

const HookProperties = Type.Object(hookProperties);
type HookVariables = Static<typeof HookProperties>;

/** Faults that one setting alone does not show. */
export function findHookFaults({ BROKER_HOOKS: list }: Partial<HookVariables>): SettingFault[] {
  const isUnknown = listOf(list).some((name) => !hookNames.includes(name as HookName));
  if (!isUnknown) return [];
  return [{ name: 'BROKER_HOOKS', fault: `holds something else than ${hookNames.join(', ')}` }];
}

/** Which brokers' hooks are answered. */
export function toHookNames({ BROKER_HOOKS: list }: HookVariables): HookName[] {
  return hookNames.filter((name) => listOf(list).includes(name));
}
