const pages = {
  'reset-password': '/reset-password',
  'forgot-password': '/forgot-password',
  'verify-email': '/verify-email',
  invitation: '/invitation',
  // Of the reference front end of tower-control, which reads the token from the query.
  'tower-password': '/front/public/password-change?verificationKey=',
  'tower-register': '/front/public/register?verificationKey=',
} as const;

/** The pages that letters lead to. */
export type LinkPage = keyof typeof pages;

const isLoopbackName = (hostname: string): boolean => /^(localhost|127\.[0-9.]+|\[::1\])$/.test(hostname);

/**
 * Checks the address under which people reach the web page: `https://host[:port][/path]`, or http on loopback.
 * Returns it without a slash at the end; throws an Error that says what is wrong.
 */
export function checkPublicUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new Error('must begin with https://');
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('must have no user name, query or fragment');
  }
  if (url.protocol === 'http:' && !isLoopbackName(url.hostname)) {
    throw new Error('must be https://, except on this machine');
  }
  return url.href.replace(/\/+$/, '');
}

/**
 * The address of a page for a letter. Its host comes from the settings, never from a request (Host and
 * X-Forwarded-Host are the attacker's). The token sits in the fragment, which no browser sends to a server, so it
 * reaches no access log and no Referer (ASVS 14.2.1), except where the page can only read a query.
 */
export function linkTo(publicUrl: string, page: LinkPage, token?: string): string {
  const path = pages[page];
  const value = encodeURIComponent(token ?? '');
  if (path.endsWith('=')) return `${publicUrl}${path}${value}`;
  return `${publicUrl}${path}${token === undefined ? '' : `#token=${value}`}`;
}
