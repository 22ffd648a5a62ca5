import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a TLS server needs, and the authority that vouches for it, all PEM. */
export interface TestCertificate {
  ca: string;
  key: string;
  cert: string;
}

/** Makes an authority of its own and, signed by it, a certificate for the given name (`DNS:localhost`, `IP:127.0.0.1`). */
export function makeCertificate(subjectAltName: string): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-certificates-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=test',
    );
    openssl(
      ...[
        'req',
        '-x509',
        ...newKey,
        '-keyout',
        'server.key',
        '-out',
        'server.pem',
        '-days',
        '2',
        '-subj',
        '/CN=mail',
      ],
      ...['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', `subjectAltName=${subjectAltName}`],
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    );
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    return { ca: read('ca.pem'), key: read('server.key'), cert: read('server.pem') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
