import Bowser from 'bowser';

/** What a User-Agent header says, which may be anything: for people to recognise a session by. */
export interface UserAgentLabel {
  /** Browser and system, such as `Firefox on Linux`. */
  label: string;
  browser: string;
  system: string;
  type: 'desktop' | 'mobile' | 'other';
}

const unknown: UserAgentLabel = { label: 'unknown', browser: 'unknown', system: 'unknown', type: 'other' };

/** Reads a User-Agent header; what the parser does not know is called by its first word. */
export function describeUserAgent(userAgent: string): UserAgentLabel {
  if (userAgent === '') return unknown;
  const { browser, os, platform } = Bowser.parse(userAgent);
  const name = browser.name || userAgent.split(/[/ ]/, 1)[0] || 'unknown';
  const type = platform.type === 'tablet' ? 'mobile' : platform.type;
  return {
    label: os.name ? `${name} on ${os.name}` : name,
    browser: name,
    system: os.name ?? 'unknown',
    type: type === 'desktop' || type === 'mobile' ? type : 'other',
  };
}
