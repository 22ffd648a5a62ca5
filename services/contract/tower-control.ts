import { Type, type Static, type TSchema } from 'typebox';
import { Mqtt } from './native.ts';

/*
 * Wire shapes of the tower-control dialect, `/users/1.0/*`. Members of a request are as loose as they can be: what is
 * missing or wrong has a message key of its own there, in an order of its own.
 */

/** The word of each HTTP status; others below 500 are BADREQUEST, the rest UNKNOWN. */
export const statusWords = {
  200: 'OK',
  201: 'CREATED',
  202: 'ACCEPTED',
  204: 'NOCONTENT',
  206: 'PARTIAL',
  300: 'UNKNOWN',
  400: 'BADREQUEST',
  403: 'FORBIDDEN',
  404: 'NOTFOUND',
  409: 'EXISTS',
  418: 'TEAPOT',
  425: 'TOO_EARLY',
  429: 'TOO_MANY_REQUESTS',
} as const;

/** The answer that has no shape of its own. */
export const ActionResult = Type.Object({
  status: Type.Enum([...new Set(Object.values(statusWords))]),
  status_code: Type.Integer({ description: 'The HTTP status' }),
  message: Type.String({ description: 'An i18n key' }),
});
export type ActionResult = Static<typeof ActionResult>;

/** The types of second factor, by the number that the wire also knows them by. */
export const twoFactorTypes = ['NONE', 'EMAIL', 'SMS', 'AUTHENTICATOR'] as const;
export type TwoFactorType = (typeof twoFactorTypes)[number];
const TwoFactorType = Type.Enum([...twoFactorTypes]);

/** Answer of signin and upgrade. */
export const UserLoginResponse = Type.Object(
  {
    email: Type.String(),
    login: Type.String({ description: 'The account: 64 upper-case hex digits' }),
    jwtToken: Type.String({ description: 'A JWT with `exp` and `roles`; complete with ROLE_LOGIN_COMPLETE' }),
    jwtRenewalToken: Type.String({
      description: 'For session/upgrade only, once; equal to jwtToken while steps are left',
    }),
    passwordExpired: Type.Boolean({ description: 'profile/password/change is due' }),
    conditionToValidate: Type.Boolean({ description: 'profile/eula is due' }),
    twoFARequired: Type.Boolean(),
    twoFAValidated: Type.Boolean(),
    twoFASize: Type.Integer({ description: 'Length of a code' }),
    twoFAType: TwoFactorType,
    mqtt: Type.Optional(Mqtt),
  },
  { description: 'Tokens, and the steps that are left' },
);
export type UserLoginResponse = Static<typeof UserLoginResponse>;

/** Answer of PUT profile/2fa. */
export const TwoFa = Type.Object(
  {
    twoFaMethod: Type.Integer({ description: 'As it was sent' }),
    twoFaType: TwoFactorType,
    secret: Type.String({ description: 'otpauth://… of an authenticator, else empty' }),
  },
  { description: 'What is to be set up' },
);

/** Answer of GET config. */
export const Config = Type.Object(
  {
    selfRegistration: Type.Boolean(),
    invitationCodeRequired: Type.Boolean(),
    registrationLinkByEmail: Type.Boolean(),
    autoValidation: Type.Boolean(),
    eulaRequired: Type.Boolean(),
    subGroupUnderVirtualAllowed: Type.Boolean(),
    nonCommunityEdition: Type.Boolean(),
    registrationCaptchaRequired: Type.Boolean(),
    passwordMinSize: Type.Integer(),
    passwordMinUpperCase: Type.Integer(),
    passwordMinLowerCase: Type.Integer(),
    passwordMinDigits: Type.Integer(),
    passwordMinSymbols: Type.Integer(),
    deletionPurgatoryDelayHours: Type.Integer(),
  },
  { description: 'What a page has to know before anybody signs in' },
);
export type Config = Static<typeof Config>;

const closed = { additionalProperties: false } as const;
const text = Type.Optional(Type.String());
const password = Type.Optional(Type.String({ description: 'Any Unicode; blanks and case count' }));

export const SigninBody = Type.Object({ email: Type.String(), password: Type.String() }, closed);
export const ChangeBody = Type.Object(
  { password: Type.String(), changeKey: text, currentPassword: password },
  closed,
);
export const ResetBody = Type.Object({ password: Type.String(), changeKey: text }, closed);
export const EmailBody = Type.Object({ email: text }, closed);
export const RegisterBody = Type.Object(
  {
    email: Type.String({
      maxLength: 254,
      pattern: '^[^\\s@\\x00-\\x1f\\x7f]{1,64}@[^\\s@\\x00-\\x1f\\x7f]+$',
    }),
    registrationCode: Type.Optional(Type.String({ description: 'Token of an invitation' })),
  },
  closed,
);
export const CreateBody = Type.Union([
  Type.Object(
    { password, validationID: text, conditionValidation: Type.Optional(Type.Boolean()), email: text },
    closed,
  ),
  Type.Null(),
]);
export const TwoFaBody = Type.Object({ twoFaMethod: Type.Optional(Type.Integer()), twoFaType: text }, closed);
/** Of calls that take no body; what comes is dropped. */
export const NoBody = Type.Union([Type.Object({}, closed), Type.Null()]);
export const CodeQuery = Type.Object({
  secondFactor: Type.Optional(Type.String({ maxLength: 64, description: 'A code; never logged' })),
});

const refused = (description: string) => Type.Object(ActionResult.properties, { description });

const refusals = {
  400: refused('Refused: the message says why'),
  403: refused('No good token, or not allowed'),
  413: refused('The body is too large'),
  415: refused('The body is not JSON'),
  429: refused('Too many requests'),
  500: refused('A fault of the service'),
  503: refused('The service is busy or its store does not answer'),
};

/** The responses of a call: its own success, and every refusal as ActionResult. */
export function results<Success extends Record<number, TSchema>>(success: Success) {
  return { ...refusals, ...success } as typeof refusals & Success;
}

/** The success of a call that answers no more than an ActionResult. */
export function done(message: string) {
  return Type.Object(ActionResult.properties, { description: message });
}
