import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { reserveFreePort } from '../../../services/stack/ports.ts';
import { getProgram } from '../../../services/stack/programs.ts';
import { startProgram, type Program } from './program.ts';

/** An nginx that grants every check with a constant: the floor of one HTTP call. */
export interface Nginx extends Program {
  port: number;
}

/** What a row that starts nginx needs. */
export const nginxProgram = { nginx: 'nginx-light' } as const;

const patienceMs = 5_000;

/** Starts it with its files in `folder`. */
export async function startNginx(folder: string): Promise<Nginx> {
  const command = getProgram('nginx', nginxProgram.nginx);
  const { port, release } = await reserveFreePort();
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'nginx.conf');
  writeFileSync(configFile, configuration(folder, port));
  const program = startProgram(command, ['-p', folder, '-c', configFile, '-e', 'stderr']);
  await untilListening(port, program);
  const stop = async () => {
    await program.stop();
    release();
  };
  return { ...program, port, stop };
}

/** One process, no log, and connections that live as long as the measurement. */
function configuration(folder: string, port: number): string {
  return `daemon off;
master_process off;
pid ${join(folder, 'nginx.pid')};
error_log stderr emerg;
events { worker_connections 256; }
http {
  access_log off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  default_type application/json;
  client_body_temp_path ${join(folder, 'body')};
  proxy_temp_path ${join(folder, 'proxy')};
  fastcgi_temp_path ${join(folder, 'fastcgi')};
  uwsgi_temp_path ${join(folder, 'uwsgi')};
  scgi_temp_path ${join(folder, 'scgi')};
  server {
    listen 127.0.0.1:${port};
    location / { return 200 '{"Ok":true,"Error":""}'; }
  }
}
`;
}

async function untilListening(port: number, { child }: Program): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (child.exitCode === null && performance.now() < deadlineMs) {
    const socket = connect({ port, host: '127.0.0.1' });
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false, // Not yet.
    );
    socket.destroy();
    if (connected) return;
    await delay(10);
  }
  throw new Error('nginx did not start; what it said stands above');
}
