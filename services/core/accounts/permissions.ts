/** What the roles of an account permit: `*` for an admin; no other role has permissions yet. */
export function permissionsOf(roles: readonly string[]): string[] {
  return roles.includes('admin') ? ['*'] : [];
}
