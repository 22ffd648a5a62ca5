import { Type } from 'typebox';
import { tempToken, Transport } from './native.ts';

/* Wire shapes of the native dialect for what is done by mail and for the steps of a sign-in. */

const closed = { additionalProperties: false } as const;
const newPassword = Type.String({ minLength: 1, description: 'Any Unicode; blanks and case count' });
const mailedToken = Type.String({ minLength: 1, maxLength: 256, description: 'From the link in the mail' });

/** Body of POST /forgot-password. */
export const ForgotPasswordBody = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 254, pattern: '^[^\\x00-\\x1f\\x7f]+$' }) },
  closed,
);

/** Body of POST /reset-password. */
export const ResetPasswordBody = Type.Object({ token: mailedToken, new_password: newPassword }, closed);

/** Body of POST /verify-email. */
export const VerifyEmailBody = Type.Object({ token: mailedToken }, closed);

/** Body of POST /resend-verification, which may be absent when the temp token is the bearer token. */
export const ResendVerificationBody = Type.Union([
  Type.Object({ temp_token: Type.Optional(tempToken) }, closed),
  Type.Null(),
]);

/** Body of POST /accept-terms. */
export const AcceptTermsBody = Type.Object(
  {
    version: Type.String({ minLength: 1, maxLength: 64, description: 'The one that was shown' }),
    temp_token: Type.Optional(tempToken),
    transport: Type.Optional(Transport),
  },
  closed,
);
