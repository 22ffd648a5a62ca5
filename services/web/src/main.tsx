import '@mantine/core/styles.css';
import './app/page.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { startLanguage } from './i18n/language.ts';
import { session } from './app/session.ts';

// Both at once: a returning person sees the page as soon as the slower of the two is there.
const language = startLanguage();
// While the server can't be reached the session stays `starting` and tries again by itself.
session.start().catch(() => {});
await language;

const root = document.getElementById('root');
if (!root) throw new TypeError('the document has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
