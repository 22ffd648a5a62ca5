/** One part of a mail, decoded. */
export interface MailPart {
  type: string;
  text: string;
}

/** The header lines of a mail, unfolded, by lower-case name; several of one name are several values. */
export function headersOf(raw: string): Map<string, string[]> {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const headers = new Map<string, string[]>();
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  return headers;
}

/** The parts of a multipart mail, in order. */
export function partsOf(raw: string): MailPart[] {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? 'none';
  const parts = raw.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const headers = headersOf(part.trimStart());
    const body = part.slice(part.indexOf('\r\n\r\n') + 4);
    const encoding = headers.get('content-transfer-encoding')?.[0] ?? '7bit';
    return { type: headers.get('content-type')?.[0] ?? '', text: decode(body, encoding) };
  });
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
