import { NativeSelect, useDirection } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, currentLanguage, languages, type Language } from '../i18n/language.ts';

const options = Object.entries(languages).map(([value, label]) => ({ value, label }));

/** Chooses the language of the page, each named in itself. */
export function LanguageMenu() {
  const { t } = useTranslation();
  const { setDirection } = useDirection();
  const choose = async (language: Language) => {
    await chooseLanguage(language);
    setDirection(language === 'ar' ? 'rtl' : 'ltr');
  };
  return (
    <NativeSelect
      size="xs"
      aria-label={t('frame.language')}
      data={options}
      value={currentLanguage()}
      onChange={(event) => void choose(event.currentTarget.value as Language)}
    />
  );
}
