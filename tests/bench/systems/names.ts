/** The names under which systems are shown, in the report, the page and its charts. */
export const names = {
  noAuth: 'no auth',
  dynamicSecurity: 'dynamic security',
  nginx: 'plugin → static nginx',
  bareFastify: 'plugin → bare Fastify',
  bednet: 'Bednet',
  nearCache: 'Bednet, near cache',
  decisionCache: 'Bednet, decision cache',
} as const;
