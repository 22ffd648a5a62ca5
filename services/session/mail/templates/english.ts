import type { SecondFactorChange } from '../letters.ts';
import type { Phrasebook } from './phrasebook.ts';

const changes: Record<SecondFactorChange, string> = {
  enabled: 'A second factor was turned on.',
  disabled: 'The second factor was turned off.',
  replaced: 'The second factor was replaced by another one.',
  'backup-codes-renewed': 'New backup codes were made; the old ones no longer work.',
  'removed-by-admin': 'An administrator removed the second factor.',
};
const useOnce = (duration: string) => `The link works once, for ${duration}.`;

/** The letters in English. */
export const english: Phrasebook = {
  language: 'en',
  direction: 'ltr',
  greeting: (username) => (username === undefined ? 'Hello,' : `Hello ${username},`),
  footer: ({ productName }) => `${productName} sent this mail by itself; nobody reads answers to it.`,
  letters: {
    'reset-link': ({ username, token, validForSeconds, page = 'reset-password' }, wording) => ({
      subject: `Choose a new password for ${wording.productName}`,
      username,
      opening: 'Somebody asked to reset the password of your account. If it was you, choose a new one here:',
      action: { label: 'Choose a new password', url: wording.link(page, token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} If you ask again, only the newest link works.`,
        'If it was not you, ignore this mail: your password stays as it is.',
      ],
    }),
    'reset-by-admin': ({ username, token, validForSeconds }, wording) => ({
      subject: `Choose a new password for ${wording.productName}`,
      username,
      opening: 'An administrator asks you to choose a new password for your account:',
      action: { label: 'Choose a new password', url: wording.link('reset-password', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'Nobody but you gets to know the new password. If this surprises you, ask your administrator first.',
      ],
    }),
    'email-verification-link': ({ username, token, validForSeconds }, wording) => ({
      subject: `Confirm your e-mail address for ${wording.productName}`,
      username,
      opening: 'This address was given for your account. If you gave it, confirm it here:',
      action: { label: 'Confirm the address', url: wording.link('verify-email', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'If you know nothing of it, ignore this mail: the address then stays unconfirmed.',
      ],
    }),
    'email-change-link': ({ username, token, validForSeconds }, wording) => ({
      subject: `Confirm your new e-mail address for ${wording.productName}`,
      username,
      opening: 'This address is to become the one of your account. If you want that, confirm it here:',
      action: { label: 'Confirm the new address', url: wording.link('verify-email', token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} If you ask again, only the newest link works.`,
        'If you know nothing of it, ignore this mail: nothing changes.',
      ],
    }),
    'email-taken': (_values, wording) => ({
      subject: `You already have an account at ${wording.productName}`,
      opening:
        'Somebody gave this address for another account, but it already belongs to one. If it was you, sign in ' +
        'as usual; if you have forgotten the password, choose a new one here:',
      action: { label: 'Forgotten password', url: wording.link('forgot-password') },
      closing: ['If it was not you, there is nothing to do: no account was made and nothing was changed.'],
    }),
    'registration-link': ({ token, validForSeconds }, wording) => ({
      subject: `Your account at ${wording.productName}`,
      opening: 'Somebody wants an account for this address. If it was you, choose a password and it is made:',
      action: { label: 'Make the account', url: wording.link('tower-register', token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} If you ask again, only the newest link works.`,
        'If it was not you, ignore this mail: no account is made.',
      ],
    }),
    invitation: ({ token, validForSeconds }, wording) => ({
      subject: `Your invitation to ${wording.productName}`,
      opening: `You are invited to make an account at ${wording.productName}:`,
      action: { label: 'Accept the invitation', url: wording.link('invitation', token) },
      closing: [useOnce(wording.duration(validForSeconds)), 'If you did not expect it, ignore this mail.'],
    }),
    'second-factor-code': ({ username, code, validForSeconds }, wording) => ({
      subject: `Your sign-in code for ${wording.productName}`,
      username,
      opening: 'This code completes your sign-in:',
      code,
      closing: [
        `It works once, for ${wording.duration(validForSeconds)}, and only for the sign-in that asked for it. ` +
          'Nobody will ever ask you for it: type it into the page and tell it to no one.',
        'If you are not signing in, somebody knows your password: change it.',
      ],
    }),
    'password-changed': ({ username, atMs }, wording) => ({
      subject: `Your password for ${wording.productName} was changed`,
      username,
      opening: 'The password of your account was changed and your other sessions were ended.',
      facts: [['When', wording.moment(atMs)]],
      action: { label: 'If it was not you, choose a new password', url: wording.link('forgot-password') },
      closing: ['If it was you, there is nothing to do.'],
    }),
    'email-change-asked': ({ username, atMs }, wording) => ({
      subject: `A new e-mail address for your account at ${wording.productName}?`,
      username,
      opening:
        'Somebody who is signed in to your account asked to change its e-mail address. The change counts once it is ' +
        'confirmed from the new address.',
      facts: [['When', wording.moment(atMs)]],
      action: { label: 'If it was not you, choose a new password', url: wording.link('forgot-password') },
      closing: [
        'If it was you, there is nothing to do here. A new password ends all sessions and voids the change.',
      ],
    }),
    'email-changed': ({ username, atMs }, wording) => ({
      subject: `Your e-mail address at ${wording.productName} was changed`,
      username,
      opening: 'The e-mail address of your account was changed. Mails now go to the new address.',
      facts: [['When', wording.moment(atMs)]],
      closing: [
        'If it was you, there is nothing to do. If it was not, tell your administrator at once: a new password can ' +
          'no longer be asked for with this address.',
      ],
    }),
    'second-factor-changed': ({ username, atMs, change }, wording) => ({
      subject: `The second factor of your account at ${wording.productName} was changed`,
      username,
      opening: changes[change],
      facts: [['When', wording.moment(atMs)]],
      action: { label: 'If it was not you, choose a new password', url: wording.link('forgot-password') },
      closing: ['If it was you, there is nothing to do. If it was not, tell your administrator, too.'],
    }),
    'account-deleted': ({ username, atMs, purgeAtMs }, wording) => ({
      subject: `Your account at ${wording.productName} was deleted`,
      username,
      opening: 'Your account was deleted and all its sessions were ended.',
      facts: [
        ['When', wording.moment(atMs)],
        ['Can be restored until', wording.moment(purgeAtMs)],
      ],
      closing: [
        'If you want that, there is nothing to do. If you do not, tell your administrator before that time: nobody ' +
          'can bring the account back afterwards.',
      ],
    }),
    'new-network-sign-in': ({ username, atMs, network, browser }, wording) => ({
      subject: `A sign-in to ${wording.productName} from a new network`,
      username,
      opening: 'Somebody signed in to your account from a network where it has not been used before.',
      facts: [
        ['When', wording.moment(atMs)],
        ['Network', wording.quote(network)],
        ['Browser', wording.quote(browser)],
      ],
      action: { label: 'If it was not you, choose a new password', url: wording.link('forgot-password') },
      closing: ['If it was you, there is nothing to do. A new password ends all sessions.'],
    }),
  },
};
