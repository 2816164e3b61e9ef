import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { reasonOf } from '../../src/foundation/errors.js';
import { BINARY as RELAXED_SIMD } from '../../src/engine/binaries/relaxed-simd.js';
import { ready } from '../../src/kernels/bridge/ready.js';
import { expectClose, inTidy, kernels, useBackend } from '../kernels/kernels.js';
import { drawCase, drawInputs, type RecurrentCase, run } from '../kernels/recurrent/cases.js';

const WIDE_FLAG = '--experimental-wasm-revectorize';

const GOLDEN: RecurrentCase = {
  ...drawCase([26, 5, 6, 7], 5),
  ...{ mask: 'random', bias: true, initialStates: true, loss: ['sequence', 'h', 'c'] },
};

let times = 0;

/** The module once more, in which nothing has been loaded; other tests keep theirs. */
function anew(): Promise<typeof import('../../src/engine/runtime.js')> {
  const again: string = `../../src/engine/runtime.ts?${++times}`;
  return import(again);
}

describe('the runtime', () => {
  beforeAll(() => useBackend('cpu'));

  it('has the relaxed SIMD binary where the engine takes it, on shared memory', () => {
    const relaxed = WebAssembly.validate(Buffer.from(RELAXED_SIMD, 'base64'));
    const wide = process.execArgv.includes(WIDE_FLAG) ? 'wide' : 'relaxed-simd';
    expect(kernels().binary).toBe(relaxed ? wide : 'simd');
    expect(kernels().memory.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('has the binary for wide vectors where Node joins vectors', async () => {
    const relaxed = WebAssembly.validate(Buffer.from(RELAXED_SIMD, 'base64'));
    const { execArgv } = process;
    process.execArgv = [...execArgv, WIDE_FLAG];
    const { runtime } = await anew();
    expect(runtime()?.binary).toBe(relaxed ? 'wide' : 'simd');
    process.execArgv = execArgv;
  });

  describe('where there is none', () => {
    afterEach(() => {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    });

    it('says that WebAssembly is missing', async () => {
      vi.stubGlobal('WebAssembly', undefined);
      const { runtime, runtimeObstacle } = await anew();
      expect(runtime()).toBeNull();
      expect(runtimeObstacle()).toBe('WebAssembly with SIMD is missing here');
    });

    it('says that SIMD is missing', async () => {
      vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
      const { runtime, runtimeObstacle } = await anew();
      expect(runtime()).toBeNull();
      expect(runtimeObstacle()).toBe('WebAssembly with SIMD is missing here');
    });

    it('says, and warns of it once, that compiling is forbidden, as by the policy of a page', async () => {
      const warn = vi.spyOn(console, 'warn').mockReturnValue();
      vi.spyOn(WebAssembly, 'Module').mockImplementation(function compile() {
        throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
      });
      const { runtime, runtimeObstacle } = await anew();
      const forbidden =
        "WebAssembly is forbidden here; a page allows it with 'wasm-unsafe-eval' " +
        'in the script-src of its Content-Security-Policy';
      expect([runtime(), runtime()]).toEqual([null, null]);
      expect(runtimeObstacle()).toBe(forbidden);
      expect(warn.mock.calls).toEqual([
        [`tfjs-recurrent: ${forbidden}. Layers run as much slower operations until then.`],
      ]);
    });
  });
});

describe('ready', () => {
  beforeAll(() => useBackend('cpu'));
  const received = async (options: object) => ready(options).catch(reasonOf);

  it.each([0, -1, 1.5, '2'])('wants a number of threads, or auto, not %j', async (threads) => {
    expect(await received({ threads })).toBe(
      `ready: threads must be a positive integer or 'auto', received ${JSON.stringify(threads)}. ` +
        'Leave it out for as many as the machine runs at once.',
    );
  });

  it('wants true or false for wide vectors', async () => {
    expect(await received({ wideVectors: 256 })).toBe(
      'ready: wideVectors must be true or false, received 256. Leave it out for vectors of 128 bits.',
    );
  });

  it('cannot widen the vectors of kernels that are loaded', async () => {
    const { binary } = kernels();
    expect(await received({ wideVectors: true })).toBe(
      'ready: wideVectors must be asked for before the kernels are loaded. ' +
        'Call ready({ wideVectors: true }) before the first model is made or loaded.',
    );
    expect(kernels().binary).toBe(binary);
    expect(await received({ wideVectors: false })).toBeUndefined();
  });
});

describe('threads', () => {
  beforeAll(() => useBackend('cpu'));
  afterAll(() => kernels().setThreads('auto'));
  const withThreads = (threads: number) => {
    kernels().setThreads(threads);
    expect(kernels().threads).toBe(threads);
    return inTidy(() => run('fused', GOLDEN, drawInputs(GOLDEN)));
  };

  it.each([2, 3, 5])('%i compute what one does, within 1e-6', (threads) => {
    const one = withThreads(1);
    for (const [name, values] of Object.entries(withThreads(threads))) {
      expectClose(name, values, one[name]!, 1e-6);
    }
  });

  it('repeat their results to the bit', () => {
    const first = withThreads(3);
    for (let i = 0; i < 50; i++) expect(withThreads(3)).toEqual(first);
  });

  it('see memory that has grown since they started', () => {
    withThreads(2);
    const before = kernels().memory.memory.buffer.byteLength;
    const held = kernels().memory.allocate(before); // no free span is as large
    expect(kernels().memory.memory.buffer.byteLength).toBeGreaterThan(before);
    const large = { ...GOLDEN, batch: 101, time: 40, inputs: 33, units: 33 };
    const results = () => inTidy(() => run('fused', large, drawInputs(large)));
    const two = results();
    kernels().setThreads(1);
    const one = results();
    for (const [name, values] of Object.entries(two)) expectClose(name, values, one[name]!, 5e-6);
    kernels().memory.release(held);
  });
});

describe('without SharedArrayBuffer', () => {
  const script = fileURLToPath(new URL('unshared.ts', import.meta.url));
  it('the kernels run on one thread in memory of their own, and are their twins within 2e-6', () => {
    const output = execFileSync(process.execPath, ['--import', 'tsx', script], {
      encoding: 'utf8',
    });
    const found = JSON.parse(output.trim().split('\n').at(-1)!);
    expect(found).toMatchObject({ shared: false, threads: 1, grew: true, finite: true, right: 1 });
    expect(Object.keys(found.fused)).toContain('gradient of kernel');
    for (const [name, values] of Object.entries(found.composed as Record<string, number[]>)) {
      expectClose(name, found.fused[name], values, 2e-6);
    }
  });
});
