import { expect, test } from 'vitest';
import { describeApi } from './api.js';

// So that no change of it is silent: whoever changes it changes api.txt, too, by `npm run api`.
test('what users can import is what api.txt says', async () => {
  const api = describeApi({
    'tfjs-recurrent': 'index.d.ts',
    'tfjs-recurrent/node, beyond the former': 'node.d.ts',
  });
  await expect(api).toMatchFileSnapshot('api.txt');
});
