import type { Answer } from './session-service.ts';

/** Everything that a stranger sees of an answer, without what differs each time. */
export const seen = ({ status, headers, body }: Answer) => {
  const { request_id: _id, requestId: _otherId, timestamp: _time, ...rest } = body;
  const fixed = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status, body: rest, headers: fixed };
};
