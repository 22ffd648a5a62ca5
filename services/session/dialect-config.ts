import { Type, type Static } from 'typebox';
import { listOf, type SettingFault } from '../core/settings/read-settings.ts';

/** The names of all dialects. */
export const dialectNames = ['native', 'tower-control', 'plain', 'oauth'] as const;
export type DialectName = (typeof dialectNames)[number];

/** Settings of the dialects: environment variables. */
export const dialectProperties = {
  DIALECTS: Type.String({
    default: dialectNames.join(','),
    description: `names of ${dialectNames.join(', ')}, with commas between`,
  }),
  PLAIN_TOKEN_NAMES: Type.Enum(['token', 'accessToken'], {
    default: 'token',
    description: 'token or accessToken',
  }),
  PLAIN_RENEWAL_TRANSPORT: Type.Enum(['body', 'cookie'], {
    default: 'body',
    description: 'body or cookie',
  }),
  TOWER_ACCESS_TOKEN_RENEWS: Type.Enum(['on', 'off'], { default: 'on', description: 'on or off' }),
};

const DialectProperties = Type.Object(dialectProperties);
type DialectVariables = Static<typeof DialectProperties>;

/** Settings that one dialect alone has, by its name. */
export interface DialectSettings {
  plain: PlainSettings;
  towerControl: TowerControlSettings;
}

/** What the tower-control dialect leaves to the operator. */
export interface TowerControlSettings {
  /** Whether a complete jwtToken renews its own session, as the reference client expects. */
  accessTokenRenews: boolean;
}

/** How the plain dialect spells its answers. */
export interface PlainSettings {
  /** What the access token is called. */
  tokenName: 'token' | 'accessToken';
  /** Where the renewal token goes at a sign-in that wishes nothing else. */
  renewalTransport: 'body' | 'cookie';
}

/** Faults that one setting alone does not show. */
export function findDialectFaults({ DIALECTS: list }: Partial<DialectVariables>): SettingFault[] {
  if (list === undefined) return [];
  const names = listOf(list);
  const unknown = names.some((name) => !dialectNames.includes(name as DialectName));
  if (unknown) return [{ name: 'DIALECTS', fault: `holds something else than ${dialectNames.join(', ')}` }];
  if (names.includes('native')) return [];
  return [{ name: 'DIALECTS', fault: 'lacks native, which the admin API and the pages speak' }];
}

/** Which dialects are spoken. */
export function toDialectNames({ DIALECTS: list }: DialectVariables): DialectName[] {
  return dialectNames.filter((name) => listOf(list).includes(name));
}

/** What each dialect is set to. */
export function toDialectSettings(settings: DialectVariables): DialectSettings {
  const { PLAIN_TOKEN_NAMES: tokenName, PLAIN_RENEWAL_TRANSPORT: renewalTransport } = settings;
  return {
    plain: { tokenName, renewalTransport },
    towerControl: { accessTokenRenews: settings.TOWER_ACCESS_TOKEN_RENEWS === 'on' },
  };
}
