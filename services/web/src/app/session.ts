import { createSession } from '../../../client/session.ts';

/** The session of this page, in all its tabs: renewal by cookie, access token in memory only. */
export const session = createSession();
