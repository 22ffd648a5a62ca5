import type { SecondFactorChange } from '../letters.ts';
import type { Phrasebook } from './phrasebook.ts';

const changes: Record<SecondFactorChange, string> = {
  enabled: 'Un second facteur a été activé.',
  disabled: 'Le second facteur a été désactivé.',
  replaced: 'Le second facteur a été remplacé par un autre.',
  'backup-codes-renewed': 'De nouveaux codes de secours ont été créés ; les anciens ne marchent plus.',
  'removed-by-admin': 'Un administrateur a retiré le second facteur.',
};
const useOnce = (duration: string) => `Le lien marche une fois, pendant ${duration}.`;
const notYou = 'Si ce n’était pas vous, choisissez un nouveau mot de passe';
const nothingToDo = 'Si c’était vous, il n’y a rien à faire.';

/** The letters in French. */
export const french: Phrasebook = {
  language: 'fr',
  direction: 'ltr',
  greeting: (username) => (username === undefined ? 'Bonjour,' : `Bonjour ${username},`),
  footer: ({ productName }) => `${productName} a envoyé ce courriel seul ; personne ne lit les réponses.`,
  letters: {
    'reset-link': ({ username, token, validForSeconds, page = 'reset-password' }, wording) => ({
      subject: `Choisissez un nouveau mot de passe pour ${wording.productName}`,
      username,
      opening:
        'Quelqu’un a demandé à réinitialiser le mot de passe de votre compte. Si c’était vous, choisissez-en un ici :',
      action: { label: 'Choisir un nouveau mot de passe', url: wording.link(page, token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} Si vous redemandez, seul le dernier lien marche.`,
        'Si ce n’était pas vous, ignorez ce courriel : votre mot de passe reste le même.',
      ],
    }),
    'reset-by-admin': ({ username, token, validForSeconds }, wording) => ({
      subject: `Choisissez un nouveau mot de passe pour ${wording.productName}`,
      username,
      opening: 'Un administrateur vous demande de choisir un nouveau mot de passe pour votre compte :',
      action: { label: 'Choisir un nouveau mot de passe', url: wording.link('reset-password', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'Vous seul connaîtrez le nouveau mot de passe. Si cela vous étonne, demandez d’abord à votre administrateur.',
      ],
    }),
    'email-verification-link': ({ username, token, validForSeconds }, wording) => ({
      subject: `Confirmez votre adresse électronique pour ${wording.productName}`,
      username,
      opening: 'Cette adresse a été donnée pour votre compte. Si c’était vous, confirmez-la ici :',
      action: { label: 'Confirmer l’adresse', url: wording.link('verify-email', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'Si vous n’en savez rien, ignorez ce courriel : l’adresse ne sera pas confirmée.',
      ],
    }),
    'email-change-link': ({ username, token, validForSeconds }, wording) => ({
      subject: `Confirmez votre nouvelle adresse électronique pour ${wording.productName}`,
      username,
      opening: 'Cette adresse doit devenir celle de votre compte. Si vous le voulez, confirmez-la ici :',
      action: { label: 'Confirmer la nouvelle adresse', url: wording.link('verify-email', token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} Si vous redemandez, seul le dernier lien marche.`,
        'Si vous n’en savez rien, ignorez ce courriel : rien ne change.',
      ],
    }),
    'email-taken': (_values, wording) => ({
      subject: `Vous avez déjà un compte chez ${wording.productName}`,
      opening:
        'Quelqu’un a donné cette adresse pour un autre compte, mais elle appartient déjà à un compte. Si c’était vous, ' +
        'connectez-vous comme d’habitude ; si vous avez oublié le mot de passe, choisissez-en un nouveau ici :',
      action: { label: 'Mot de passe oublié', url: wording.link('forgot-password') },
      closing: [
        'Si ce n’était pas vous, il n’y a rien à faire : aucun compte n’a été créé, rien n’a changé.',
      ],
    }),
    'registration-link': ({ token, validForSeconds }, wording) => ({
      subject: `Votre compte chez ${wording.productName}`,
      opening:
        'Quelqu’un veut un compte pour cette adresse. Si c’était vous, choisissez un mot de passe et il est créé :',
      action: { label: 'Créer le compte', url: wording.link('tower-register', token) },
      closing: [
        `${useOnce(wording.duration(validForSeconds))} Si vous redemandez, seul le dernier lien marche.`,
        'Si ce n’était pas vous, ignorez ce courriel : aucun compte n’est créé.',
      ],
    }),
    invitation: ({ token, validForSeconds }, wording) => ({
      subject: `Votre invitation chez ${wording.productName}`,
      opening: `Vous êtes invité à créer un compte chez ${wording.productName} :`,
      action: { label: 'Accepter l’invitation', url: wording.link('invitation', token) },
      closing: [
        useOnce(wording.duration(validForSeconds)),
        'Si vous ne l’attendiez pas, ignorez ce courriel.',
      ],
    }),
    'second-factor-code': ({ username, code, validForSeconds }, wording) => ({
      subject: `Votre code de connexion pour ${wording.productName}`,
      username,
      opening: 'Ce code termine votre connexion :',
      code,
      closing: [
        `Il marche une fois, pendant ${wording.duration(validForSeconds)}, et pour la seule connexion qui l’a demandé. ` +
          'Personne ne vous le demandera jamais : saisissez-le dans la page et ne le dites à personne.',
        'Si vous n’êtes pas en train de vous connecter, quelqu’un connaît votre mot de passe : changez-le.',
      ],
    }),
    'password-changed': ({ username, atMs }, wording) => ({
      subject: `Votre mot de passe pour ${wording.productName} a changé`,
      username,
      opening: 'Le mot de passe de votre compte a été changé et vos autres sessions ont été terminées.',
      facts: [['Quand', wording.moment(atMs)]],
      action: { label: notYou, url: wording.link('forgot-password') },
      closing: [nothingToDo],
    }),
    'email-change-asked': ({ username, atMs }, wording) => ({
      subject: `Une nouvelle adresse pour votre compte chez ${wording.productName} ?`,
      username,
      opening:
        'Quelqu’un qui est connecté à votre compte a demandé à changer son adresse électronique. Le changement compte ' +
        'dès qu’il est confirmé depuis la nouvelle adresse.',
      facts: [['Quand', wording.moment(atMs)]],
      action: { label: notYou, url: wording.link('forgot-password') },
      closing: [
        `${nothingToDo} Un nouveau mot de passe termine toutes les sessions et annule le changement.`,
      ],
    }),
    'email-changed': ({ username, atMs }, wording) => ({
      subject: `Votre adresse électronique chez ${wording.productName} a changé`,
      username,
      opening:
        'L’adresse électronique de votre compte a été changée. Les courriels vont désormais à la nouvelle adresse.',
      facts: [['Quand', wording.moment(atMs)]],
      closing: [
        `${nothingToDo} Sinon, prévenez votre administrateur sans tarder : un nouveau mot de passe ne peut plus être ` +
          'demandé avec cette adresse.',
      ],
    }),
    'second-factor-changed': ({ username, atMs, change }, wording) => ({
      subject: `Le second facteur de votre compte chez ${wording.productName} a changé`,
      username,
      opening: changes[change],
      facts: [['Quand', wording.moment(atMs)]],
      action: { label: notYou, url: wording.link('forgot-password') },
      closing: [`${nothingToDo} Sinon, prévenez aussi votre administrateur.`],
    }),
    'account-deleted': ({ username, atMs, purgeAtMs }, wording) => ({
      subject: `Votre compte chez ${wording.productName} a été supprimé`,
      username,
      opening: 'Votre compte a été supprimé et toutes ses sessions ont été terminées.',
      facts: [
        ['Quand', wording.moment(atMs)],
        ['Peut être rétabli jusqu’au', wording.moment(purgeAtMs)],
      ],
      closing: [
        'Si vous le vouliez, il n’y a rien à faire. Sinon, prévenez votre administrateur avant ce moment : personne ne ' +
          'peut ramener le compte ensuite.',
      ],
    }),
    'new-network-sign-in': ({ username, atMs, network, browser }, wording) => ({
      subject: `Une connexion à ${wording.productName} depuis un nouveau réseau`,
      username,
      opening: 'Quelqu’un s’est connecté à votre compte depuis un réseau où il n’avait pas encore servi.',
      facts: [
        ['Quand', wording.moment(atMs)],
        ['Réseau', wording.quote(network)],
        ['Navigateur', wording.quote(browser)],
      ],
      action: { label: notYou, url: wording.link('forgot-password') },
      closing: [`${nothingToDo} Un nouveau mot de passe termine toutes les sessions.`],
    }),
  },
};
