/** The numbers of sending; each has a default. */
export interface MailLimits {
  /** Letters that wait or are being sent at once; more are dropped. */
  queueLength: number;
  connections: number;
  /** Tries per letter, the first one included. */
  attempts: number;
  /** Delay before the second try; each further one is three times as long. */
  firstRetryMs: number;
  longestRetryMs: number;
  /** To look up the name, connect and, with TLS at once, finish the handshake. */
  connectTimeoutMs: number;
  greetingTimeoutMs: number;
  /** Silence on a connection in use. */
  socketTimeoutMs: number;
  /** One try from start to end, also against a server that answers drop by drop. */
  attemptTimeoutMs: number;
  /** How long `close` goes on sending. */
  drainMs: number;
  /** Kept files in the folder; the oldest give way. */
  filesKept: number;
}

/** Seven tries reach over 6 to 12 minutes: longer than the five that greylisting commonly asks for. */
export const defaultMailLimits: MailLimits = Object.freeze({
  queueLength: 1000,
  connections: 2,
  attempts: 7,
  firstRetryMs: 2000,
  longestRetryMs: 600_000,
  connectTimeoutMs: 10_000,
  greetingTimeoutMs: 10_000,
  socketTimeoutMs: 30_000,
  attemptTimeoutMs: 60_000,
  drainMs: 3000,
  filesKept: 1000,
});

/** Where mail goes and what stands in it. */
export interface MailSettings {
  /**
   * `smtps://user:password@host:port` (TLS from the start) or `smtp://…` (STARTTLS, without which nothing is sent;
   * a server on this machine is reached without TLS). User and password are percent-encoded and may be left out.
   */
  smtpUrl?: string | undefined;
  /** PEM of the only authorities to trust for the mail server; by default those of Node. */
  smtpCa?: string | undefined;
  /** Ask for STARTTLS on this machine, too. */
  requireTls?: boolean | undefined;
  /** Keeps letters as .eml files here when there is no mail server. */
  folder?: string | undefined;
  /** Sender, `address` or `Name <address>`. */
  from: string;
  /** Address of the web page, to which all links lead. */
  publicUrl: string;
  /** Name of the product in subject and text. */
  productName: string;
  limits?: Partial<MailLimits> | undefined;
}
