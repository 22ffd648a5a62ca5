import t from 'tap';
import { newClient } from '../support/oauth-client.ts';
import { exploreDocument } from './generator/explore-document.ts';

await exploreDocument(t, 'oauth', {
  runs: 100,
  knowledgeOf: async ({ store }) => {
    const { id, secret } = await newClient(store);
    return { client_id: [id], client_secret: [secret] };
  },
});
