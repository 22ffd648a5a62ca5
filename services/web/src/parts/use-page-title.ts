import { useEffect } from 'react';

/** Names the document in the browser's tab and for screen readers. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Bednet`;
  }, [title]);
}
