/** Paths of the web page, as Fastify routes: what a browser asks for there is the page, and its router goes on. */
export const pagePaths = [
  '/login',
  '/logout',
  '/register',
  '/invitation',
  '/forgot-password',
  '/reset-password',
  '/verify-email',
  '/2fa-verify',
  '/403',
  '/account',
  '/account/*',
  '/live',
  '/console',
  '/console/*',
] as const;
