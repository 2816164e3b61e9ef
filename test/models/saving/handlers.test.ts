import { afterEach, describe, expect, it, vi } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { oneHandler } from '../../../src/models/saving/handlers.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

const addressOf = (target: string) => {
  const { path } = oneHandler('load', target, 'load') as unknown as { path: string };
  return path;
};

describe('what a model is loaded from', () => {
  it('may be an address that is relative to the page', () => {
    vi.stubGlobal('location', { href: 'https://example.org/reviews/index.html' });
    expect(addressOf('model/model.json')).toBe('https://example.org/reviews/model/model.json');
    expect(addressOf('/model.json')).toBe('https://example.org/model.json');
    expect(addressOf('http://example.com/model.json')).toBe('http://example.com/model.json');
  });

  it.each([
    ['in Node', undefined],
    ['in a worker of a blob', { href: 'blob:https://example.org/0b1' }],
  ])('is relative to nothing %s', (_, location) => {
    vi.stubGlobal('location', location);
    let error: unknown;
    try {
      oneHandler('load', './model/model.json', 'load');
    } catch (thrown) {
      error = thrown;
    }
    expect(reasonOf(error as Error)).toBe(
      'load: exactly one handler of tf.io must be able to load models at the URL, received ' +
        '"./model/model.json". In browsers use indexeddb://name or https://…, in Node fileSystem(directory).',
    );
  });
});
