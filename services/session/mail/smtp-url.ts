/** How to reach a mail server. */
export interface SmtpServer {
  host: string;
  port: number;
  /** `from-start` (smtps), `starttls` (refuses to go on without) or `none` (this machine only). */
  tls: 'from-start' | 'starttls' | 'none';
  auth?: { user: string; pass: string };
}

const submissionPort = 587;
const submissionsPort = 465;
const loopback = /^(localhost|127\.[0-9.]+|::1)$/i;

/**
 * Reads the address of a mail server, `smtps://user:password@host:port` or `smtp://…`; a server that is not on this
 * machine is never reached without TLS. Throws an Error that says what is wrong without the password.
 */
export function parseSmtpUrl(text: string, requireTls = false): SmtpServer {
  const url = URL.parse(text);
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw new Error('must be smtps://user:password@host:port, or smtp:// for STARTTLS');
  }
  if (url.search || url.hash || !['', '/'].includes(url.pathname)) {
    throw new Error('must end after the port');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = url.protocol === 'smtps:';
  const isPlain = loopback.test(host) && !requireTls;
  return {
    host,
    port: url.port === '' ? (isSecure ? submissionsPort : submissionPort) : Number(url.port),
    tls: isSecure ? 'from-start' : isPlain ? 'none' : 'starttls',
    ...authOf(url),
  };
}

function authOf(url: URL): { auth?: { user: string; pass: string } } {
  if (url.username === '' && url.password === '') return {};
  if (url.username === '' || url.password === '')
    throw new Error('needs both a user and a password, or neither');
  try {
    return { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } };
  } catch (cause) {
    throw new Error('has a user or password that is not percent-encoded', { cause });
  }
}
