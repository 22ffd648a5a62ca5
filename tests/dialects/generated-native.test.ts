import t from 'tap';
import { exploreDocument } from './generator/explore-document.ts';

await exploreDocument(t, 'native', { runs: 8 });
