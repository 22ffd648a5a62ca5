import { NativeSelect, useDirection } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, currentLanguage, languageOptions, type Language } from '../i18n/language.ts';

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
      data={languageOptions}
      value={currentLanguage()}
      onChange={(event) => void choose(event.currentTarget.value as Language)}
    />
  );
}
