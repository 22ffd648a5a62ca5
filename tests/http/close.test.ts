import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { startSessionStage } from '../support/session-service.ts';

t.test('whoever holds the rest of a request back does not hold up the end of the service', async (t) => {
  const { app, url } = await startSessionStage(t);
  const { hostname: host, port } = new URL(url);
  const beginnings = [
    'GET /he',
    'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{"user',
  ];
  const closings = beginnings.map((text) => {
    const socket = connect({ host, port: Number(port) });
    socket.write(text);
    return once(socket.resume(), 'close');
  });
  await fetch(`${url}/health`); // What was sent before has been read by then.

  await app.close();
  await Promise.all(closings);

  t.pass('it has ended');
});
