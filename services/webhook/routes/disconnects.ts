import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DenialReason } from '../../core/check/reasons.ts';
import { applyReport } from '../apply-report.ts';
import { sendDenial } from '../contract/answer.ts';
import { createBrokerKeyCheck } from '../contract/broker-key.ts';
import { longestReportBytes, readReport } from '../contract/read-report.ts';
import type { WebhookContext } from '../webhook-context.ts';

/**
 * `POST /disconnects`: brokers with our plugin report which connections have ended. Nobody waits for the answer: the
 * plugin sends a report again until it is taken. Comes after registerChecks, which sets how bodies are read.
 */
export function registerDisconnects(app: FastifyInstance, context: WebhookContext, brokerKey: string): void {
  const { store, notes, metrics } = context;
  const findKeyFault = createBrokerKeyCheck(brokerKey);

  app.post('/disconnects', {
    bodyLimit: longestReportBytes,
    onRequest: (request, reply, done) => {
      const fault = findKeyFault(request);
      if (fault === undefined) done();
      else refuse(reply, fault);
    },
    handler: async (request, reply) => {
      const read = readReport(request.body as Buffer | undefined);
      if ('fault' in read) return refuse(reply, read.fault);
      const { report } = read;
      notes.flush();
      const { lost } = await applyReport(store, report);
      metrics.countReport('taken', { disconnected: report.disconnected.length, lost });
      if (report.started) tellStart(request, report.broker, report.instance);
      if (lost > 0) tellLoss(request, report.broker, lost);
      return reply.code(204).send();
    },
  });

  function refuse(reply: FastifyReply, fault: DenialReason): FastifyReply {
    metrics.countReport('refused');
    return sendDenial(reply, 'json', fault);
  }
}

function tellStart({ log }: FastifyRequest, broker: string, instance: string): void {
  log.info({ event: 'broker-started', broker, instance }, 'a broker reports the ends of its connections');
}

function tellLoss({ log }: FastifyRequest, broker: string, lost: number): void {
  log.warn(
    { event: 'disconnects-lost', broker, lost },
    'a broker could not report all ends of connections: those that are older count as unknown',
  );
}
