import { adminActRoutes } from './admin-act-routes.ts';
import { adminListRoutes } from './admin-list-routes.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { profileRoutes } from './profile-routes.ts';
import { standingRoutes } from './standing-routes.ts';

/** The routes about accounts that are signed in to, beside those of the sign-in itself. */
export const peopleRoutes = [
  profileRoutes,
  standingRoutes,
  groupRoutes,
  adminActRoutes,
  adminListRoutes,
  apiKeyRoutes,
] as const;
