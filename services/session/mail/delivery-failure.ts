/** What the log may know of a failed try: nothing that the server said, since servers quote links of refused mails. */
export interface DeliveryFailure {
  isTransient: boolean;
  /** Code of nodemailer or of the system, such as EAUTH or ECONNREFUSED. */
  errorCode?: string;
  /** Reply code of the server (RFC 5321 4.2). */
  smtpStatus?: number;
  /** Enhanced status code (RFC 3463), such as 5.1.1. */
  enhancedStatus?: string;
  /** The command that was refused, such as RCPT TO. */
  command?: string;
  /** The sentence of an error that came before the server spoke. */
  cause?: string;
}

interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  response?: string;
  command?: string;
}

const longestCause = 200;
/** Refusals by nodemailer itself, which a repeat would meet again. */
const refusedBeforeSending = ['EENVELOPE', 'EMESSAGE', 'ECONFIG', 'EFILEACCESS', 'EURLACCESS'];

/**
 * Sorts a failed try. Transient are 4xx replies, 503 (out of step with this connection) and everything that has a
 * system's or a connection's code; permanent are other 5xx replies and faults of our own.
 */
export function describeFailure(error: unknown): DeliveryFailure {
  const { code, responseCode, response, command, message } = error as SmtpError;
  const enhancedStatus = /^[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
  return {
    isTransient: isTransient(code, responseCode),
    ...(code !== undefined && { errorCode: code }),
    ...(responseCode && { smtpStatus: responseCode }),
    ...(enhancedStatus !== undefined && { enhancedStatus }),
    ...(command !== undefined && { command }),
    ...(!responseCode && response === undefined && { cause: String(message).slice(0, longestCause) }),
  };
}

function isTransient(code: string | undefined, responseCode: number | undefined): boolean {
  if (responseCode) return responseCode < 500 || responseCode === 503;
  return code !== undefined && !refusedBeforeSending.includes(code);
}
