import { Type, type Static } from 'typebox';

/* Wire shape of GET /api/auth/config. */

const count = Type.Integer({ minimum: 0 });

/** What a page must know before somebody signs in. Nothing here is secret. */
export const PageConfig = Type.Object({
  product_name: Type.String(),
  registration: Type.Enum(['open', 'invitation', 'off']),
  email_verification: Type.Boolean({
    description: 'Whether an address must be confirmed before the first session',
  }),
  terms_version: Type.Union([Type.String(), Type.Null()], { description: 'Terms that must be accepted' }),
  can_mail: Type.Boolean({ description: 'Whether passwords can be reset by mail' }),
  email_second_factor: Type.Boolean({ description: 'Whether a mailed code can be a second factor' }),
  password: Type.Object({
    min_length: count,
    max_length: count,
    min_upper_case: count,
    min_lower_case: count,
    min_digits: count,
    min_symbols: count,
  }),
});
export type PageConfig = Static<typeof PageConfig>;
