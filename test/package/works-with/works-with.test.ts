import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createServer, preview } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findChromium, launch } from '../../browser/chromium.js';
import type { Consumer } from '../consumer.js';
import { leftOut } from '../left-out.js';
import { askServer, createProject, freePort, fromGuide, runCommand } from './project.js';

/** Trains with everything seeded, so that it comes out the same wherever it runs. */
const PREDICT = `
  import '@tensorflow/tfjs-backend-cpu';
  import * as tf from '@tensorflow/tfjs-core';
  import { createSentimentLstm, padSequences, Tokenizer } from 'tfjs-recurrent';

  export async function predict() {
    const texts = ['a good film', 'a bad film', 'good', 'bad'];
    const tokenizer = new Tokenizer({ numWords: 9 });
    tokenizer.fitOnTexts(texts);
    const x = padSequences(tokenizer.textsToSequences(texts), { maxlen: 5 });
    const model = createSentimentLstm({ vocabularySize: 9, sequenceLength: 5, dropoutRate: 0, seed: 1 });
    await model.fit(x, tf.tensor2d([[1], [0], [1], [0]]), { epochs: 2, shuffle: false, verbose: 0 });
    let probabilities;
    const { kernelNames } = await tf.profile(() => {
      probabilities = Array.from(model.predict(x).dataSync());
    });
    return { probabilities, fused: kernelNames.includes('RecurrentLstm') };
  }
`;
const SHOW = `
  const show = (shown) => { document.querySelector('pre').textContent = JSON.stringify(shown); };`;
const PAGE = `
  import { predict } from './predict.js';${SHOW}
  predict().then(show, (error) => show(String(error.stack)));
`;
/** Asks a worker, which every bundler finds by these lines. */
const WORKER_PAGE = `
  import '@tensorflow/tfjs-backend-cpu';
  import { trainInWorker } from 'tfjs-recurrent';${SHOW}
  const worker = new Worker(new URL('./train-worker.js', import.meta.url), { type: 'module' });
  trainInWorker(worker, null).finished.then(show, (error) => show(String(error.stack)));
`;
const WORKER = `
  import { serveTraining } from 'tfjs-recurrent';
  import { predict } from './predict.js';
  serveTraining(predict);
`;
const pageWith = (scripts: string) =>
  `<!doctype html><link rel="icon" href="data:,"><pre></pre>${scripts}`;

interface Predicted {
  probabilities: number[];
  fused: boolean;
}

let project: Consumer | undefined;
let folder: string;
let inNode: Predicted;

const isLeftOut = leftOut('docs/works-with.md, in a project of every bundler and runtime');

beforeAll(() => {
  if (!isLeftOut) project = createProject();
  if (project === undefined) return;
  ({ folder } = project);
  project.write('predict.js', PREDICT);
  project.write('page.js', PAGE);
  project.write('worker-page.js', WORKER_PAGE);
  project.write('train-worker.js', WORKER);
  const main = `import { predict } from './predict.js'; console.log(JSON.stringify(await predict()));`;
  inNode = JSON.parse(project.run('main.js', main).stdout);
  expect(inNode).toMatchObject({ fused: true, probabilities: expect.any(Array) });
  mkdirSync(join(folder, 'site'));
}, 600_000);
afterAll(() => project?.remove());
beforeEach(({ skip }) => {
  if (isLeftOut) skip('it takes minutes');
  if (project === undefined) skip('the npm registry cannot be reached');
});

function expectAsInNode(printed: string, fused = true) {
  const { probabilities, ...rest }: Predicted = JSON.parse(printed);
  expect(rest).toEqual({ fused });
  expect(probabilities.length).toBe(inNode.probabilities.length);
  probabilities.forEach((probability, i) => {
    expect(probability).toBeCloseTo(inNode.probabilities[i]!, 6);
  });
}

describe('outside of a page', () => {
  test.each(['bun main.js', 'deno run --allow-all main.js'])('%s', (command) => {
    expect(fromGuide('Bun and Deno', 'sh')).toContain(command);
    expectAsInNode(runCommand(folder, command).stdout);
  });

  test('Jest', () => {
    project!.write(
      'predict.test.js',
      `import { predict } from './predict.js';
       test('predicts', async () => {
         const { probabilities, fused } = await predict();
         expect(fused).toBe(true);
         ${JSON.stringify(inNode.probabilities)}.forEach((value, i) => {
           expect(probabilities[i]).toBeCloseTo(value, 6);
         });
       });`,
    );
    const { output } = runCommand(folder, fromGuide('Jest', 'sh'));
    expect(output).toMatch(/Tests: +1 passed, 1 total/);
  });

  test('esbuild, for Node', () => {
    const command = fromGuide('esbuild', 'sh')
      .split('\n')
      .find((line) => line.includes('--platform=node'))!;
    runCommand(folder, `${command} && node server.js > server.txt`);
    expectAsInNode(runCommand(folder, 'cat server.txt').stdout);
  });

  test('Next.js, on the server', async () => {
    project!.write('next.config.mjs', fromGuide('Next.js', 'js'));
    mkdirSync(join(folder, 'app/predict'), { recursive: true });
    project!.write(
      'app/predict/route.js',
      `import { predict } from '../../predict.js';
       export const GET = async () => Response.json(await predict());`,
    );
    const port = await freePort();
    const command = ['node_modules/.bin/next', 'dev', '-p', `${port}`];
    expectAsInNode(await askServer(folder, command, `http://127.0.0.1:${port}/predict`));
  });

  test('Cloudflare Workers, where the layers are composed operations', async () => {
    project!.write(
      'cloud.js',
      `import { predict } from './predict.js';
       export default { fetch: async () => Response.json(await predict()) };`,
    );
    runCommand(folder, 'esbuild cloud.js --bundle --format=esm --outfile=cloud-bundle.js');
    const port = await freePort();
    project!.write(
      'cloud.capnp',
      `using Workerd = import "/workerd/workerd.capnp";
       const config :Workerd.Config = (
         services = [(name = "main", worker = .cloud)],
         sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
       );
       const cloud :Workerd.Worker = (
         modules = [(name = "cloud", esModule = embed "cloud-bundle.js")],
         compatibilityDate = "2025-09-01"
       );`,
    );
    const command = ['node_modules/.bin/workerd', 'serve', 'cloud.capnp'];
    expectAsInNode(await askServer(folder, command, `http://127.0.0.1:${port}/`), false);
  });
});

const path = findChromium();

describe.runIf(path)('in a page, in headless Chromium,', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof preview>>;
  beforeAll(async () => {
    if (project === undefined) return;
    browser = await launch(path!);
    server = await preview({
      ...{ root: folder, configFile: false, logLevel: 'error', appType: 'mpa' },
      ...{ build: { outDir: 'site' }, preview: { host: '127.0.0.1', port: 0 } },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** What the page shows, if it has nothing to complain of. */
  async function visit(address: string): Promise<string> {
    const tab = await browser.newPage();
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(String(error.stack)));
    tab.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await tab.goto(address);
    const shown = tab.waitForSelector('pre:not(:empty)', { timeout: 180_000 });
    const failed = tab.waitForEvent('pageerror', { timeout: 0 });
    failed.catch(() => undefined);
    await Promise.race([shown, failed]).catch((error) => complaints.push(String(error)));
    const text = await tab.textContent('pre');
    await tab.close();
    expect(complaints).toEqual([]);
    return text!;
  }

  const visitSite = (name: string, scripts: string) => {
    project!.write(`site/${name}.html`, pageWith(scripts));
    return visit(`${server.resolvedUrls!.local[0]}${name}.html`);
  };

  test.each(['page', 'worker-page'])('the dev server of Vite: %s', async (page) => {
    project!.write('index.html', pageWith(`<script type="module" src="./${page}.js"></script>`));
    const vite = await createServer({
      ...{ root: folder, configFile: false, logLevel: 'error' },
      server: { host: '127.0.0.1', port: await freePort() },
    });
    await vite.listen();
    const shown = await visit(vite.resolvedUrls!.local[0]!).finally(() => vite.close());
    expectAsInNode(shown);
  });

  describe('webpack', () => {
    beforeAll(() => {
      if (project === undefined) return;
      // Other tests look at minified code; here it would take three quarters of the time.
      project.write(
        'webpack.config.js',
        `export default {
           mode: 'production', performance: { hints: false },
           entry: { page: './page.js', 'worker-page': './worker-page.js' },
           optimization: { minimize: false },
           output: {
             path: ${JSON.stringify(join(folder, 'site'))},
             // The worker is a file of its own.
             filename: ({ chunk }) => (chunk.name ? 'webpack-[name].js' : '[contenthash].js'),
           },
         };`,
      );
      project.write(
        'webpack.mjs',
        `import webpack from 'webpack';
         import config from './webpack.config.js';
         webpack(config, (error, stats) => {
           if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString());
         });`,
      );
      runCommand(folder, 'node webpack.mjs');
    });

    test.each(['page', 'worker-page'])('%s', async (page) => {
      const script = `<script src="./webpack-${page}.js"></script>`;
      expectAsInNode(await visitSite(`webpack-${page}`, script));
    });
  });

  test('esbuild', async () => {
    runCommand(folder, fromGuide('esbuild', 'sh').split('\n')[0]!);
    const script = '<script type="module" src="./page.js"></script>';
    expectAsInNode(await visitSite('esbuild', script));
  });

  test('esbuild, with the worker as a file of its own', async () => {
    const command = fromGuide('Web Worker', 'sh');
    runCommand(folder, command);
    const script = '<script type="module" src="./worker-page.js"></script>';
    expectAsInNode(await visitSite('esbuild-worker', script));
  });

  test('a Web Worker', async () => {
    project!.write(
      'worker.js',
      `import { predict } from './predict.js';
       predict().then(postMessage, (error) => postMessage(String(error.stack)));`,
    );
    runCommand(folder, 'esbuild worker.js --bundle --format=esm --outfile=site/worker.js');
    const code = fromGuide('Web Worker', 'js');
    const script = `${SHOW} ${code} worker.onmessage = ({ data }) => show(data);`;
    expectAsInNode(await visitSite('worker', `<script type="module">${script}</script>`));
  });

  test('a page without a bundler, with an import map', async () => {
    const heading = 'A page without a bundler';
    runCommand(folder, fromGuide(heading, 'sh'));
    project!.write('site/predict.js', PREDICT);
    project!.write('site/plain.js', PAGE);
    const scripts = fromGuide(heading, 'html').replace('./page.js', './plain.js');
    expectAsInNode(await visitSite('plain', scripts));
  });
});
