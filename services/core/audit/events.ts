/** What is known of one kind of fact. */
interface AuditEventRow {
  outcome: 'success' | 'failure';
  /**
   * Where Redis keeps it: in the audit log; there and in the account's own activity; or nowhere. Nowhere is for what
   * happens so often that it would push everything else out of a log of bounded length: it is in the service's log.
   */
  keptIn: 'log' | 'log-and-activity' | 'none';
  sentence: string;
}

/** Every security fact that is recorded, with a sentence for the reader of the audit. */
export const auditEvents = {
  'sign-in': done('Somebody signed in.'),
  'sign-in-failed': failed('A sign-in was refused.'),
  'sign-in-pending': done('A password was right and further steps were asked for.'),
  'sign-in-new-network': done('The owner signed in from a network that was not known.'),
  'try-blocked': unkept('A secret was not looked at: too many wrong ones came before.'),
  'request-limited': unkept('A network asked for something too often.'),
  'sign-ins-limited': unkept('An account was signed in to too often.'),
  'secret-disabled': failed('A secret was disabled after too many wrong tries.'),
  'step-up': done('A signed-in person proved again who they are.'),
  'step-up-failed': failed('A signed-in person failed to prove again who they are.'),
  'terms-accepted': done('The terms were accepted.'),

  'session-renewed': { outcome: 'success', keptIn: 'none', sentence: 'A session was renewed.' },
  'renewal-refused': unkept('A renewal was refused.'),
  'renewal-reuse': failed(
    'An old renewal token came back, so its session was revoked: it may have been stolen.',
  ),
  'session-ended': done('A session was ended.'),
  'other-sessions-ended': done('All sessions of an account but one were ended.'),
  'all-sessions-ended': done('All sessions of an account were ended.'),
  'everybodys-sessions-ended': operated('The sessions of many accounts were ended, one step of all.'),
  'client-refused': unkept('Another service was refused: its secret, or what it asked for.'),
  'access-refused': unkept('An access token was refused.'),
  'permission-refused': failed('An account asked for what it has no permission for.'),

  'password-changed': done('A password was changed.'),
  'password-change-failed': failed('A change of password was refused.'),
  'password-change-required': done('An operator asked for a new password at the next sign-in.'),
  'password-reset-asked': done('A reset of a password was asked for.'),
  'password-reset': done('A password was reset by mail.'),
  'password-reset-failed': failed('A reset of a password was refused.'),

  'second-factor-passed': done('A second factor was right.'),
  'second-factor-failed': failed('A second factor was refused.'),
  'second-factor-enabled': done('A second factor was turned on.'),
  'second-factor-disabled': done('A second factor was turned off by its owner.'),
  'second-factor-removed': done('A second factor was removed by an operator.'),
  'backup-codes-made': done('New backup codes were made; the old ones are void.'),
  'backup-code-used': done('A backup code was used up.'),

  'account-registered': done('Somebody registered an account.'),
  'registration-refused': failed('A registration was refused.'),
  'invitation-created': operated('An invitation was sent.'),
  'invitation-used': operated('An invitation was used.'),
  'invitation-revoked': operated('An invitation was taken back.'),
  'account-created': done('An operator created an account.'),
  'account-disabled': done('An account was disabled and its sessions ended.'),
  'account-enabled': done('An account was enabled.'),
  'account-unlocked': done('The delays after wrong tries were lifted.'),
  'account-deleted': operated('An account was deleted; until it is purged it can be restored.'),
  'account-restored': done('A deleted account was restored.'),
  'account-purged': operated('An account was deleted for good, its names are free.'),
  'account-changed': done('Names or settings of an account were changed.'),
  'email-verified': done('An e-mail address was verified.'),
  'email-change-asked': done('A change of e-mail address was asked for.'),
  'email-changed': done('An e-mail address was changed.'),
  'roles-changed': done('The roles of an account were changed.'),
  'group-created': operated('A group of accounts was created.'),
  'group-deleted': operated('A group of accounts was deleted.'),
  'groups-changed': done('The groups or ACLs of an account were changed.'),
  'account-locked': done('An account was locked and its sessions and API keys ended.'),
  'api-key-created': done('An API key was made.'),
  'api-key-deleted': done('An API key was ended by its owner.'),
  'api-key-token-taken': done('The owner of an API key took a token for it.'),

  'device-created': done('A device was created.'),
  'device-key-rotated': done('A device got a new key.'),
  'device-disabled': done('A device was disabled.'),
  'device-enabled': done('A device was enabled.'),
  'device-deleted': done('A device was deleted.'),
  'rules-changed': operated('Other rules came into force.'),
  'rules-rolled-back': operated('Earlier rules came into force again.'),
  'keys-changed': operated('A key that tokens are signed with was added, promoted or retired.'),
  'oauth-client-created': operated('Another service was let in to ask about tokens.'),
  'oauth-client-secret-rotated': operated('Another service got a new secret.'),
  'oauth-client-deleted': operated('Another service may no longer ask about tokens.'),
  'audit-exported': operated('Somebody exported the audit log.'),
} as const satisfies Record<string, AuditEventRow>;

/** One of the events above. */
export type AuditEvent = keyof typeof auditEvents;

function done(sentence: string): AuditEventRow {
  return { outcome: 'success', keptIn: 'log-and-activity', sentence };
}

function failed(sentence: string): AuditEventRow {
  return { outcome: 'failure', keptIn: 'log-and-activity', sentence };
}

/** Whoever wants to can cause these without end. */
function unkept(sentence: string): AuditEventRow {
  return { outcome: 'failure', keptIn: 'none', sentence };
}

/** Of interest to operators; the account that it is about, if any, is not there to read it. */
function operated(sentence: string): AuditEventRow {
  return { outcome: 'success', keptIn: 'log', sentence };
}
