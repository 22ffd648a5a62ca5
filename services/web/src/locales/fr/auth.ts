import type { Texts } from '../../i18n/texts.ts';
import type english from '../en/auth.ts';

const auth: Texts<typeof english> = {
  toSignIn: 'Vers la connexion',
  ended: { title: 'Vous n’êtes plus connecté' },
  signIn: {
    title: 'Connexion',
    username: 'Nom d’utilisateur ou adresse électronique',
    password: 'Mot de passe',
    remember: 'Se souvenir de moi',
    rememberHint: 'Pas sur un ordinateur que d’autres utilisent',
    submit: 'Se connecter',
    forgot: 'Mot de passe oublié ?',
    register: 'Créer un compte',
  },
  factor: {
    title: 'Second facteur',
    text: 'Donnez les six chiffres que montre votre application d’authentification.',
    backupText: 'Donnez l’un de vos codes de secours. Il sert une fois.',
    code: 'Code',
    backupCode: 'Code de secours',
    submit: 'Continuer',
    useBackup: 'Utiliser un code de secours',
    useCode: 'Utiliser l’application',
    mail: 'M’envoyer un code par courriel',
    mailed: 'Un code est en route vers votre boîte.',
  },
  setUp: { title: 'Installer un second facteur', text: 'Votre compte en a besoin pour continuer.' },
  newPassword: {
    title: 'Choisissez un nouveau mot de passe',
    text: 'Votre mot de passe doit être changé pour continuer.',
    password: 'Nouveau mot de passe',
    submit: 'Enregistrer et continuer',
  },
  terms: {
    title: 'Conditions d’utilisation',
    text: 'Les conditions ont changé (version {{version}}). Acceptez-les pour continuer.',
    submit: 'J’accepte les conditions',
  },
  email: {
    title: 'Confirmez votre adresse',
    text: 'Un courriel avec un lien est dans votre boîte. Ouvrez le lien, puis reconnectez-vous.',
    again: 'Renvoyer le courriel',
    sent: 'Le courriel est en route.',
  },
  register: {
    title: 'Créer un compte',
    closed: 'Les comptes se créent ici sur invitation. Adressez-vous à qui gère ce service.',
    username: 'Nom d’utilisateur',
    usernameHint: 'Lettres, chiffres, point, tiret et tiret bas. Il ne peut plus changer ensuite.',
    full_name: 'Nom complet',
    email: 'Adresse électronique',
    password: 'Mot de passe',
    submit: 'Créer le compte',
  },
  registered: {
    title: 'Presque fini',
    text: 'Si l’adresse était libre, votre compte existe. Connectez-vous.',
    confirm: 'Nous vous avons envoyé un courriel. Ouvrez le lien, puis connectez-vous.',
  },
  forgot: {
    title: 'Mot de passe oublié ?',
    text: 'Donnez votre adresse électronique pour recevoir un lien et en choisir un nouveau.',
    email: 'Adresse électronique',
    submit: 'Envoyer le lien',
    done: 'Si un compte a cette adresse, un courriel est en route. Le lien marche pendant une heure.',
  },
  reset: {
    title: 'Choisir un nouveau mot de passe',
    submit: 'Enregistrer le mot de passe',
    done: 'Le mot de passe est changé et toutes les sessions sont terminées. Connectez-vous avec le nouveau.',
    badLink: 'Ce lien est incomplet. Copiez-le en entier, ou demandez-en un autre.',
    newLink: 'Demander un autre lien',
  },
  confirm: {
    title: 'Confirmez votre adresse',
    text: 'Appuyez sur le bouton pour confirmer que cette adresse est la vôtre.',
    submit: 'Confirmer',
    done: 'L’adresse est confirmée.',
    badLink: 'Ce lien est incomplet. Copiez-le en entier.',
  },
};

export default auth;
