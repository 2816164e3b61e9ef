import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { requireKnownOptions } from '../../src/foundation/option-checks.js';

const KNOWN = ['maxlen', 'padding'];
const check = (options: unknown) => () => requireKnownOptions('here', options, KNOWN);

describe('requireKnownOptions', () => {
  class Settings {
    maxlen = 3;
  }
  class Computed {
    get maxlen() {
      return 3;
    }
  }

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no options', {}],
    ['known ones', { maxlen: 3, padding: 'pre' }],
    ['one that is undefined', { maxlen: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null), { maxlen: 3 })],
    ['what another object has', Object.create({ maxlen: 3 })],
    ['an object of a class', new Settings()],
    ['an object of another realm', runInNewContext('({ maxlen: 3 })')],
  ])('takes %s', (_, options) => {
    expect(check(options)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['snake_case', { max_len: 3 }, 'there is no option max_len. Write maxlen.'],
    [
      'a slip',
      { paddding: 'pre' },
      'there is no option paddding. Did you mean padding? The options are maxlen, padding.',
    ],
    ['something else', { foo: 1 }, 'there is no option foo. The options are maxlen, padding.'],
    ['something that is undefined', { foo: undefined }, 'there is no option foo.'],
    ['what another object has', Object.create({ foo: 3 }), 'there is no option foo.'],
    [
      'a number',
      3,
      'options must be an object, received 3. Give them by name, as in { maxlen: 3 }.',
    ],
    ['null', null, 'options must be an object, received null.'],
    [
      'a list',
      [3],
      'options must be an object, received [3]. Give them by name, as in { maxlen: [3] }.',
    ],
    ['numbers', Int32Array.of(1), 'options must be an object, received Int32Array.'],
    ['a text', 'post', 'options must be an object, received "post".'],
    ['a function', () => 3, 'options must be an object, received function (anonymous).'],
    [
      'a promise of options',
      Promise.resolve({ maxlen: 3 }),
      'options must be an object, received a Promise. Give them by name, as in { maxlen: … }.',
    ],
    ['a map', new Map([['maxlen', 3]]), 'options must be an object, received a Map.'],
    ['what would read nothing', new Computed(), 'options must be an object, received a Computed.'],
  ])('rejects %s', (_, options, message) => {
    expect(check(options)).toThrow(`here: ${message}`);
  });

  it('says what to do for names that it is told of', () => {
    const remedies = { sparse: 'Leave it out.' };
    expect(() => requireKnownOptions('here', { sparse: true }, KNOWN, remedies)).toThrow(
      'here: there is no option sparse. Leave it out.',
    );
    expect(() => requireKnownOptions('here', { toString: 1, foo: 1 }, KNOWN, remedies)).toThrow(
      'foo',
    );
  });
});
