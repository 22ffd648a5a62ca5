import { Alert } from '@mantine/core';
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';

/** `path`: where what was done leads to, if that is another page. */
type Tell = (text: string, path?: string) => void;

const NoticeContext = createContext<Tell>(() => {});

/** Says what was done, above the page and to screen readers. */
export function useNotice(): Tell {
  return useContext(NoticeContext);
}

/** Where notices of the components below appear; one at a time, gone with the page. */
export function NoticeBoard({ children }: { children: ReactNode }) {
  const { t } = useTranslation('console');
  const { pathname } = useLocation();
  const [notice, setNotice] = useState<{ text: string; path: string | undefined }>();
  const tell: Tell = useCallback((text, path) => setNotice({ text, path }), []);
  useEffect(() => setNotice((told) => (told?.path === pathname ? told : undefined)), [pathname]);
  return (
    <NoticeContext.Provider value={tell}>
      {/* In place at all times: a region that comes with its text is not read out. */}
      <div role="status" className="notice-board">
        {notice && (
          <Alert
            color="teal"
            withCloseButton
            closeButtonLabel={t('common:dialog.close')}
            onClose={() => setNotice(undefined)}
            py="xs"
          >
            {notice.text}
          </Alert>
        )}
      </div>
      {children}
    </NoticeContext.Provider>
  );
}
