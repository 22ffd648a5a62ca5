import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Test } from 'tap';
import { createTestAuthority } from './test-certificates.ts';

/** By which servers of Redis speak nothing but TLS. */
export interface RedisTls {
  /** For redis.conf and sentinel.conf, as docs/scale-out.md has them. */
  lines(port: number): readonly string[];
  /** Whom to trust: for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
}

/** Makes a certificate for `subjectAltName` and has this process trust its authority. */
export function makeRedisTls(t: Test, subjectAltName = 'IP:127.0.0.1'): RedisTls {
  const { folder, caFile, issue } = createTestAuthority();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'redis.crt'), join(folder, 'redis.key')];
  const { key, cert } = issue(subjectAltName);
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  setDefaultCACertificates([...getCACertificates(), readFileSync(caFile, 'utf8')]);
  const lines = (port: number) => [
    'port 0',
    `tls-port ${port}`,
    `tls-cert-file ${certFile}`,
    `tls-key-file ${keyFile}`,
    `tls-ca-cert-file ${caFile}`,
    'tls-auth-clients no',
    'tls-replication yes',
  ];
  return { lines, caFile };
}
