import i18next, { type ReadCallback } from 'i18next';
import { initReactI18next } from 'react-i18next';

/** Languages of the page, each by its own name. */
export const languages = { en: 'English', ar: 'العربية', fr: 'Français' } as const;
export type Language = keyof typeof languages;
/** The same for a list to choose from. */
export const languageOptions = Object.entries(languages).map(([value, label]) => ({ value, label }));

/** Not a secret: which language somebody chose. */
const storageKey = 'bednet-language';

/** Loads the texts of `language` for one area of the page: a chunk each. */
const texts = {
  type: 'backend' as const,
  init() {},
  read(language: string, area: string, done: ReadCallback) {
    import(`../locales/${language}/${area}.ts`).then(
      (file: { default: object }) => done(null, file.default as never),
      (error: Error) => done(error, false),
    );
  },
};

/** Starts with the language that was chosen, or the browser's first one that we have. */
export async function startLanguage(): Promise<void> {
  i18next.on('languageChanged', applyLanguage);
  await i18next
    .use(texts)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      fallbackLng: 'en',
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false }, // React escapes.
      showSupportNotice: false,
    } as Parameters<typeof i18next.init>[0]);
}

/** Changes the language of the page, and remembers it in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  await i18next.changeLanguage(language);
}

/** The language of the page now. */
export function currentLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en';
}

function firstLanguage(): Language {
  const wished = [localStorage.getItem(storageKey) ?? '', ...navigator.languages];
  return wished.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

function applyLanguage(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
}

function isLanguage(tag: string | undefined): tag is Language {
  return tag !== undefined && tag in languages;
}
