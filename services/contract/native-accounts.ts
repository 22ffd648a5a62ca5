import { Type } from 'typebox';
import { mailLanguage, tempToken, Transport } from './native.ts';

/* Wire shapes of the native dialect for what is done by mail and for the steps of a sign-in. */

const closed = { additionalProperties: false } as const;
const password = Type.String({ minLength: 1, description: 'Any Unicode; blanks and case count' });
const mailedToken = Type.String({ minLength: 1, maxLength: 256, description: 'From the link in the mail' });

/** Body of POST /forgot-password. */
export const ForgotPasswordBody = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 254, pattern: '^[^\\x00-\\x1f\\x7f]+$' }) },
  closed,
);

/** Body of POST /reset-password. */
export const ResetPasswordBody = Type.Object({ token: mailedToken, new_password: password }, closed);

const proof = {
  password: Type.Optional(password),
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Of the second factor' })),
};

/** Body of PUT /me: what is named is changed. */
export const ChangeMeBody = Type.Object(
  {
    full_name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        pattern: '^[^\\x00-\\x1f\\x7f]*[^\\s\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$',
      }),
    ),
    language: Type.Optional(mailLanguage),
  },
  { ...closed, minProperties: 1 },
);

/** Body of DELETE /me, which may be absent where the sign-in is fresh. */
export const DeleteAccountBody = Type.Union([Type.Object(proof, closed), Type.Null()]);

/** `data` of DELETE /me. */
export const DeletedAccount = Type.Object({
  purge_at: Type.String({
    format: 'date-time',
    description: 'Until then an administrator can restore the account',
  }),
});

/** Body of POST /change-email: the password, and a code where a second factor is on, unless the sign-in is fresh. */
export const ChangeEmailBody = Type.Object(
  {
    email: Type.String({
      maxLength: 254,
      pattern: '^[^\\s@\\x00-\\x1f\\x7f]{1,64}@[^\\s@\\x00-\\x1f\\x7f]+$',
    }),
    ...proof,
  },
  closed,
);

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
