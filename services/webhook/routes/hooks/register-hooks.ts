import type { FastifyInstance } from 'fastify';
import type { WebhookConfig } from '../../config.ts';
import type { HookName } from '../../hook-config.ts';
import type { WebhookContext } from '../../webhook-context.ts';
import { createEmqxHook } from './emqx.ts';
import { registerHook, type Hook, type HookContext } from './hook.ts';
import { createRabbitmqHook } from './rabbitmq.ts';
import { createVernemqHook } from './vernemq.ts';

const hooks: Readonly<Record<HookName, (context: HookContext) => Hook>> = {
  rabbitmq: createRabbitmqHook,
  emqx: createEmqxHook,
  vernemq: createVernemqHook,
};

/** Registers the hooks of the brokers that are switched on. Comes after registerChecks, which sets how bodies are read. */
export function registerHooks(
  app: FastifyInstance,
  context: WebhookContext,
  {
    brokerHooks,
    brokerKey,
    rabbitmqVhost,
  }: Pick<WebhookConfig, 'brokerHooks' | 'brokerKey' | 'rabbitmqVhost'>,
): void {
  const hookContext = { ...context, app, rabbitmqVhost };
  for (const name of brokerHooks) registerHook(app, context, { brokerKey, hook: hooks[name](hookContext) });
}
