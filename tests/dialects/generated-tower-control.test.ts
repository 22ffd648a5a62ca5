import t from 'tap';
import { exploreDocument } from './generator/explore-document.ts';

await exploreDocument(t, 'tower-control', {
  runs: 8,
  knowledgeOf: async ({ ask }, { email, password }) => {
    const { body } = await ask('POST', '/users/1.0/session/signin', { body: { email, password } });
    return { login: [body.login] };
  },
});
