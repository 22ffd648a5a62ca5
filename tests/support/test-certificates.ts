import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestAuthority {
  /** Directory that holds everything; the caller removes it. */
  folder: string;
  /** Path of the authority's certificate. */
  caFile: string;
  /** Makes a key and a certificate for that name or address, as PEM. */
  issue: (subjectAltName: string) => { key: string; cert: string };
}

/** Makes a certificate authority for one test with the openssl command. */
export function createTestAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'bednet-ca-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=test authority',
    '-days',
    '2',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  return {
    folder,
    caFile: path('ca.crt'),
    issue: (subjectAltName) => {
      writeFileSync(path('names'), `subjectAltName=${subjectAltName}\n`);
      openssl('req', ...newKey, '-subj', '/CN=test server', '-keyout', 'leaf.key', '-out', 'leaf.csr');
      const signer = [
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        'names',
      ];
      openssl('x509', '-req', '-in', 'leaf.csr', ...signer, '-out', 'leaf.crt');
      return { key: readFileSync(path('leaf.key'), 'utf8'), cert: readFileSync(path('leaf.crt'), 'utf8') };
    },
  };
}
