/** Permissions go into access tokens, which may have 4,096 characters; this leaves room for the other claims. */
export const mostPermissionCharacters = 1600;

/** The permission to do everything. */
export const everything = '*';

const permissionPattern = /^(?:\*|[A-Za-z0-9_-]{1,64}\.(?:\*|[A-Za-z0-9_-]{1,64}))$/;
const actionPattern = /^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/;

/** Whether a text is `resource.action`, `resource.*` or `*`; letter case counts. */
export function isPermission(text: string): boolean {
  return permissionPattern.test(text);
}

/** Whether a text is `resource.action`: one thing that somebody can do, and so what an endpoint can ask for. */
export function isAction(text: string): boolean {
  return actionPattern.test(text);
}

/** Unites lists of permissions, without those that another one includes, in their order. */
export function unitePermissions(lists: readonly (readonly string[])[]): string[] {
  const all = new Set(lists.flat());
  if (all.has(everything)) return [everything];
  return [...all].filter((permission) => {
    const wider = `${permission.slice(0, permission.indexOf('.'))}.*`;
    return permission === wider || !all.has(wider);
  });
}
