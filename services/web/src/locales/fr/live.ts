import type { Texts } from '../../i18n/texts.ts';
import type english from '../en/live.ts';

const live: Texts<typeof english> = {
  title: 'En direct',
  intro: 'Parlez MQTT dans cette page, en votre nom : avec les droits de votre session.',
  state: {
    label: 'Connexion',
    connecting: 'Connexion en cours',
    connected: 'Connecté',
    waiting: 'Non connecté : le courtier ne répond pas. Le prochain essai viendra de lui-même.',
    refused: 'Non connecté : le courtier a refusé. Le prochain essai viendra de lui-même.',
    ended: 'La connexion est fermée.',
  },
  qos: {
    label: 'Qualité de service',
    0: '0 : au plus une fois',
    1: '1 : au moins une fois',
    2: '2 : exactement une fois',
  },
  subscribe: {
    title: 'S’abonner',
    filter: 'Filtre de sujets',
    filterHint: '+ remplace un niveau, # à la fin tous ceux qui suivent.',
    badFilter: 'Ce n’est pas un filtre : + et # sont seuls entre les barres obliques, et # vient en dernier.',
    submit: 'S’abonner',
    list: 'Abonnements',
    none: 'Il n’y a pas encore d’abonnement.',
    remove: 'Se désabonner de {{filter}}',
    quality: 'QoS {{qos}}',
  },
  publish: {
    title: 'Publier',
    topic: 'Sujet',
    badTopic: 'Ce n’est pas un sujet : il ne peut être vide, et + et # ne servent que dans les filtres.',
    text: 'Message',
    retain: 'Conserver',
    retainHint: 'Le courtier le garde pour ceux qui s’abonneront plus tard.',
    submit: 'Publier',
    sent: 'Envoyé. À la qualité 0, personne ne le confirme.',
    confirmed: 'Le courtier a confirmé le message.',
  },
  messages: {
    title: 'Messages',
    none: 'Aucun message. Abonnez-vous à un filtre, puis publiez quelque chose dessous.',
    pause: 'Suspendre',
    resume: 'Reprendre ({{count}} nouveaux)',
    clear: 'Effacer',
    count_one: '{{count}} message',
    count_other: '{{count}} messages',
    newest: 'Les {{count}} plus récents sont affichés.',
    retained: 'conservé',
    binary: 'binaire, hexadécimal',
    empty: 'vide',
    cut: 'Le début de {{size}}',
  },
  reasons: {
    other: 'Le courtier a refusé (code {{code}}).',
    closed: 'La connexion a été perdue avant la réponse du courtier.',
    '0x80': 'Le courtier a refusé sans en dire plus (code {{code}}).',
    '0x87': 'Vous n’avez pas de droit sur ce sujet (code {{code}}).',
    '0x8f': 'Le courtier n’accepte pas ce filtre (code {{code}}).',
    '0x90': 'Le courtier n’accepte pas ce sujet (code {{code}}).',
    '0x95': 'Le message est trop grand pour le courtier (code {{code}}).',
    '0x97': 'Vous avez atteint une limite du courtier (code {{code}}).',
  },
};

export default live;
