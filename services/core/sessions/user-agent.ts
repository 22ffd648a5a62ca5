import Bowser from 'bowser';

/** What a User-Agent header says, which may be anything: for people to recognise a session by. */
export interface UserAgentLabel {
  /** Browser and system, such as `Firefox on Linux`. */
  label: string;
  browser: string;
  system: string;
  type: 'desktop' | 'mobile' | 'other';
}

const longestUserAgent = 256;
const longestBrowser = 64;
const unknown = 'unknown';

/** Reads a User-Agent header; what the parser does not know is called by its first word. */
export function describeUserAgent(userAgent: string): UserAgentLabel {
  if (userAgent === '') return labelOf('other', unknown, unknown);
  const text = userAgent.slice(0, longestUserAgent);
  const { browser, os, platform } = Bowser.parse(text);
  const name = browser.name || text.split(/[/ ]/, 1)[0] || unknown;
  return labelOf(platform.type ?? '', os.name ?? unknown, name.slice(0, longestBrowser));
}

/** A label as it is kept with its session, such as `desktop|Linux|Firefox`: a fifth of the header's length. */
export function formatUserAgent({ type, system, browser }: UserAgentLabel): string {
  return [type, system, browser].join('|');
}

/** Reads what formatUserAgent wrote. */
export function parseUserAgent(stored: string): UserAgentLabel {
  const [type = '', system = unknown, ...browser] = stored.split('|');
  return labelOf(type, system, browser.join('|'));
}

function labelOf(type: string, system: string, browser: string): UserAgentLabel {
  return {
    label: system === unknown ? browser : `${browser} on ${system}`,
    browser,
    system,
    type: type === 'tablet' ? 'mobile' : type === 'desktop' || type === 'mobile' ? type : 'other',
  };
}
