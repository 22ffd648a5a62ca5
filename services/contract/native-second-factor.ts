import { Type, type Static } from 'typebox';
import { Tokens, Transport } from './native.ts';

/* Wire shapes of the native dialect for second factors, pending sign-ins and step-up. */

const closed = { additionalProperties: false } as const;
const password = Type.String({ minLength: 1, description: 'Any Unicode; blanks and case count' });
const code = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Of the authenticator, of a mail, or a backup code; case, blanks and dashes do not count',
});
const tempToken = Type.String({
  minLength: 1,
  maxLength: 1024,
  description:
    'Or as bearer token; good for 300 s (600 s from the first mailed code on) and for the steps of its own sign-in only',
});

/** `data` of a sign-in that has steps left: no tokens, no MQTT. */
export const PendingSignIn = Type.Object({
  requires_2fa: Type.Boolean({ description: 'Whether a code of the second factor is asked for next' }),
  temp_token: Type.String(),
  pending: Type.Array(
    Type.Enum(['second-factor', 'second-factor-setup', 'password-change', 'terms', 'email-verification']),
    { description: 'Steps left; the second factor comes first' },
  ),
  methods: Type.Array(Type.Enum(['totp', 'backup-code', 'email']), {
    description: 'Codes that the second factor takes',
  }),
  terms_version: Type.Optional(Type.String({ description: 'The terms to accept, where that is a step' })),
});
export type PendingSignIn = Static<typeof PendingSignIn>;

/** `data` of a sign-in, or of one of its steps. */
export const SignInAnswer = Type.Union([Tokens, PendingSignIn]);
export type SignInAnswer = Static<typeof SignInAnswer>;

/** Body of POST /2fa/verify. Without a temp token it confirms an enrolment. */
export const VerifyCodeBody = Type.Object(
  { code, temp_token: Type.Optional(tempToken), transport: Type.Optional(Transport) },
  closed,
);

/** Body of POST /2fa/email, which may be absent when the temp token is the bearer token. */
export const MailCodeBody = Type.Union([
  Type.Object({ temp_token: Type.Optional(tempToken) }, closed),
  Type.Null(),
]);

/** Body of POST /2fa/enable, which may also be absent. */
export const EnableBody = Type.Union([
  Type.Object(
    {
      password: Type.Optional(password),
      code: Type.Optional(code),
      temp_token: Type.Optional(tempToken),
    },
    closed,
  ),
  Type.Null(),
]);

/** Body of what changes a second factor that is on: a code, and the password unless the sign-in is fresh. */
export const ChangeFactorBody = Type.Object({ code, password: Type.Optional(password) }, closed);

/** Body of POST /step-up: the code is needed where a second factor is on. */
export const StepUpBody = Type.Object({ password, code: Type.Optional(code) }, closed);

/** `data` of POST /2fa/enable; none of it is ever shown again. */
export const Enrolment = Type.Object({
  secret: Type.String({ description: '160 bits, base32' }),
  otpauth_uri: Type.String(),
  qr_code: Type.String({ description: 'The URI as an image, `data:image/png;base64,…`' }),
  backup_codes: Type.Array(Type.String(), { description: 'Ten, good from the first right code on' }),
});

/** `data` of GET /2fa/backup-codes. */
export const BackupCodesLeft = Type.Object({
  enabled: Type.Boolean({ description: 'Whether a second factor is on' }),
  remaining: Type.Integer({ description: 'Backup codes that are not used up' }),
});

/** `data` of POST /2fa/backup-codes/regenerate: the codes, once, and fresh tokens. */
export const NewBackupCodes = Type.Object({
  ...Tokens.properties,
  backup_codes: Type.Array(Type.String()),
});
