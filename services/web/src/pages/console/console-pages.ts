/** The pages of the console in the order of the menu, each with the permissions of which one opens it. */
export const consolePages = [
  { path: 'picture', permissions: ['metrics.read'] },
  { path: 'accounts', permissions: ['accounts.read'] },
  { path: 'invitations', permissions: ['invitations.read'] },
  { path: 'clients', permissions: ['clients.read', 'sessions.end-all'] },
  { path: 'devices', permissions: ['devices.read'] },
  { path: 'rules', permissions: ['rules.read'] },
  { path: 'explain', permissions: ['rules.explain'] },
  { path: 'audit', permissions: ['audit.read'] },
] as const;

export type ConsolePath = (typeof consolePages)[number]['path'];
