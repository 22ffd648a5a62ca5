import { Alert } from '@mantine/core';
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';

const NoticeContext = createContext<(text: string) => void>(() => {});

const justNowMs = 1000;

/** Says what was done, above the page and to screen readers. */
export function useNotice(): (text: string) => void {
  return useContext(NoticeContext);
}

/** Where notices of the components below appear; one at a time, gone with the page. */
export function NoticeBoard({ children }: { children: ReactNode }) {
  const { t } = useTranslation('console');
  const { pathname } = useLocation();
  const [text, setText] = useState<string>();
  const toldAtMs = useRef(0);
  const tell = useCallback((told: string) => {
    toldAtMs.current = performance.now();
    setText(told);
  }, []);
  useEffect(() => {
    // Some acts lead to another page: what was told just now is about them.
    if (performance.now() - toldAtMs.current > justNowMs) setText(undefined);
  }, [pathname]);
  return (
    <NoticeContext.Provider value={tell}>
      {/* In place at all times: a region that comes with its text is not read out. */}
      <div role="status" className="notice-board">
        {text !== undefined && (
          <Alert
            color="teal"
            withCloseButton
            closeButtonLabel={t('common:dialog.close')}
            onClose={() => setText(undefined)}
            py="xs"
          >
            {text}
          </Alert>
        )}
      </div>
      {children}
    </NoticeContext.Provider>
  );
}
