import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { editableExamples } from '../docs/examples.js';
import { instrument, tidy } from '../docs/instrument.js';

/** A run loads the library first, on a machine that has other tests to run. */
const PATIENCE = 180_000;

/** Pages with one, but of those in Chinese, which have the same code, only the first page. */
const PLACES = [
  ...new Set(
    editableExamples()
      .map(({ where }) => where.replace(/:\d+$/, ''))
      .filter((file) => !file.startsWith('docs/zh/') && !file.startsWith('docs/guide/zh/'))
      .map((file) => file.replace(/^(docs|site\/pages)/, '').replace(/(index)?\.md$/, '')),
  ),
];

/** Runs the examples of every page by their buttons, and compares what they print with their comments. */
export async function runEditableExamples(browser: Browser, address: string) {
  const promised = new Map(editableExamples().map(({ code }) => [code, promiseOf(code)]));
  const page = await browser.newPage();
  const found = new Set<string>();
  for (const place of PLACES) {
    await page.goto(address + place);
    for (const example of await page.locator('.editable').all()) {
      const code = await edit(example);
      expect(promised.has(code), `${place} shows the snippet as it is written`).toBe(true);
      await ran(example);
      const printed = await example.locator('.editable-output pre').allTextContents();
      expect(tidy(printed.join('\n')), place).toBe(promised.get(code));
      found.add(code);
    }
  }
  await page.close();
  expect(found).toEqual(new Set(promised.keys()));
}

/** What a visitor does with one example: mistakes, an endless loop, a chart, and the way back. */
export async function playWithExample(browser: Browser, address: string) {
  const page = await browser.newPage();
  await page.goto(address);
  const example = page.locator('.editable').first();
  const original = await edit(example);
  const area = example.locator('textarea');
  const error = example.locator('.editable-error');

  await area.fill("console.log('before');\nconst x = 1;\nx.y.z();");
  await area.press('Control+Enter');
  await error.waitFor({ timeout: PATIENCE });
  expect(await error.textContent()).toMatch(/^Line 3\. TypeError: /);
  expect(await example.locator('pre').allTextContents()).toEqual(['before']);

  await area.fill("import { lstm } from 'elsewhere';\nconsole.log(lstm);");
  await ran(example);
  expect(await error.textContent()).toContain("This page has no 'elsewhere'.");

  await area.fill('for (;;) {}');
  await press(example);
  await example.locator('.editable-status', { hasText: 'Running' }).waitFor({ timeout: PATIENCE });
  await press(example);
  expect(await example.locator('.editable-status').textContent()).toBe('Stopped.');

  await area.fill(
    "import { historyChart } from 'tfjs-recurrent';\nconsole.log(historyChart({ loss: [3, 2, 1] }));",
  );
  await ran(example);
  await expectPicture(page, example.locator('img'));

  await example.locator('button', { hasText: 'Reset' }).click();
  expect(await edit(example)).toBe(original);
  await page.close();
}

async function edit(example: Locator): Promise<string> {
  await example.locator('button', { hasText: /^(Edit|编辑)$/ }).click();
  return example.locator('textarea').inputValue();
}

const press = (example: Locator) => example.locator('.editable-run').click();

/** Runs an example to its end, or to its error. */
async function ran(example: Locator) {
  await press(example);
  const end = example.locator('.editable-status', { hasText: /\d\.\d\d/ });
  await end.or(example.locator('.editable-error')).first().waitFor({ timeout: PATIENCE });
}

async function expectPicture(page: Page, picture: Locator) {
  await picture.waitFor({ timeout: PATIENCE });
  const width = await picture.evaluate(async (image) => {
    await (image as HTMLImageElement).decode();
    return (image as HTMLImageElement).naturalWidth;
  });
  expect(width).toBeGreaterThan(100);
  expect(await page.locator('.editable-error').count()).toBe(0);
}

function promiseOf(code: string): string {
  const { expected } = instrument(code, '');
  return Object.entries(expected)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, output]) => output)
    .join('\n');
}
