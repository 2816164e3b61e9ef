import { afterEach, describe, expect, it, vi } from 'vitest';
import { joinsVectors } from '../../src/engine/wide-vectors.js';

const FLAG = '--experimental-wasm-revectorize';

/** Asks as if on another engine; what V8 is told there. */
function ask(asked: boolean, changes: object = {}): { joins: boolean; told: string[] } {
  const told: string[] = [];
  vi.stubGlobal('process', {
    ...{ arch: 'x64', execArgv: [], versions: { node: '24.21.0', v8: '13.6.233.17-node.53' } },
    getBuiltinModule: () => ({ setFlagsFromString: (flag: string) => told.push(flag) }),
    ...changes,
  });
  const joins = joinsVectors(asked);
  return { joins, told };
}

describe('joining vectors', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is off unless it is asked for', () => {
    expect(ask(false)).toEqual({ joins: false, told: [] });
  });

  it('is told to V8 where it is asked for, in the versions that are tested', () => {
    expect(ask(true)).toEqual({ joins: true, told: [FLAG] });
    expect(ask(true, { versions: { v8: '14.6.202.34-node.34' } }).told).toEqual([FLAG]);
  });

  it('needs no telling where Node was started with the flag', () => {
    expect(ask(false, { execArgv: [FLAG] })).toEqual({ joins: true, told: [] });
  });

  it.each([
    ['an older V8', { versions: { v8: '11.3.244.8-node.38' } }],
    ['a version that nobody has tested', { versions: { v8: '15.0.1.2' } }],
    ['another processor', { arch: 'arm64' }],
    ['Electron', { versions: { v8: '13.6.233.8-electron.0', electron: '36.0.0' } }],
    ['Bun, which has no V8', { versions: { v8: '13.6.233.10-node.18', bun: '1.3.0' } }],
    ['a Node without built-in modules', { getBuiltinModule: undefined }],
    ['a Node that was told not to', { execArgv: ['--no-experimental-wasm-revectorize'] }],
    ['a Node whose flags are frozen', { execArgv: ['--freeze-flags-after-init'] }],
  ])('is not asked of %s', (_, changes) => {
    expect(ask(true, changes)).toEqual({ joins: false, told: [] });
  });

  it('is not asked of a browser', () => {
    expect(ask(true, { arch: undefined, execArgv: undefined, versions: undefined })).toEqual({
      joins: false,
      told: [],
    });
  });
});
