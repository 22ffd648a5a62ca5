import { everything } from '../acl/permission.ts';
import type { RulesDocument } from '../acl/rules.ts';

/** What a sound document lacks that nearly everybody wants, each as a sentence. */
export function findRulesWarnings({ roles }: RulesDocument): string[] {
  const isAdministered = Object.values(roles).some(({ permissions }) => permissions.includes(everything));
  return [
    ...(isAdministered ? [] : ['No role has the permission *: nobody could do everything over HTTP.']),
    ...(Object.hasOwn(roles, 'user')
      ? []
      : ['There is no role user: an account that registers could do nothing.']),
  ];
}
