/** Pictures of the playground, as docs/ shows them: a desktop and a phone, light and dark. */
import type { Browser } from 'playwright-core';

export const PICTURES = [
  { name: 'playground', colorScheme: 'light', width: 1000, height: 1360 },
  { name: 'playground-dark', colorScheme: 'dark', width: 1000, height: 1360 },
  { name: 'playground-phone', colorScheme: 'light', width: 360, height: 1240 },
  { name: 'playground-phone-dark', colorScheme: 'dark', width: 360, height: 1240 },
] as const;

const [MOST_KEYS, USUAL] = [20, 3]; // ms

/**
 * The page as a visitor finds it, as the bytes of a PNG.
 *
 * @param style CSS to add, by which a test breaks the page.
 */
export async function takePicture(
  browser: Browser,
  address: string,
  { colorScheme, width, height }: (typeof PICTURES)[number],
  style?: string,
): Promise<Buffer> {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    locale: 'en-US',
  });
  await page.goto(address);
  await page.waitForSelector('.words button[aria-label]');
  // The first verdict tells how long the kernels take when they are new, and a later one may fall
  // behind other work of the machine.
  const text = page.locator('.panel textarea');
  for (let key = 0; key < MOST_KEYS; key++) {
    await page.press('.panel textarea', 'End');
    await text.pressSequentially(' ');
    const took = parseFloat((await page.textContent('.verdict small'))!);
    if (took < USUAL) break;
  }
  await text.blur();
  await page.locator('#kept:not([hidden])').waitFor();
  if (style !== undefined) await page.addStyleTag({ content: style });
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

/** The sides of the squares that are compared, in pixels: wider than a letter. */
const SQUARE = 20;
/** Of 255; the mean of a square of text moves by less with another smoothing of letters. */
const VISIBLE = 24;

/**
 * The share of squares whose mean colours differ visibly, from 0 to 1; 1 where the sizes differ. What
 * is inside of a square does not count, so that letters may be drawn another way.
 */
export async function differenceOf(browser: Browser, one: Buffer, other: Buffer): Promise<number> {
  const page = await browser.newPage();
  const addresses = [one, other].map((png) => `data:image/png;base64,${png.toString('base64')}`);
  const share = await page.evaluate(
    async ([sources, square, visible]) => {
      const squares = sources.map(async (source) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const [width, height] = [image.naturalWidth, image.naturalHeight];
        const context = new OffscreenCanvas(width, height).getContext('2d')!;
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, width, height);
        const across = Math.ceil(width / square);
        const sums = new Float64Array(3 * across * Math.ceil(height / square));
        for (let i = 0; i < width * height; i++) {
          const [x, y] = [i % width, Math.floor(i / width)];
          const place = Math.floor(y / square) * across + Math.floor(x / square);
          for (let c = 0; c < 3; c++) sums[3 * place + c]! += data[4 * i + c]! / square ** 2;
        }
        return { sums, size: `${width} × ${height}` };
      });
      const [a, b] = await Promise.all(squares);
      if (a!.size !== b!.size) return 1;
      let differing = 0;
      for (let i = 0; i < a!.sums.length; i += 3) {
        const most = Math.max(...[0, 1, 2].map((c) => Math.abs(a!.sums[i + c]! - b!.sums[i + c]!)));
        if (most > visible) differing++;
      }
      return differing / (a!.sums.length / 3);
    },
    [addresses, SQUARE, VISIBLE] as const,
  );
  await page.close();
  return share;
}

/** The font that the pictures were taken with: the first one of the system where there is no other. */
export const FONT = 'DejaVu Sans';

/** The font in which a page of this system speaks. */
export async function fontOf(browser: Browser, address: string): Promise<string> {
  const page = await browser.newPage();
  await page.goto(address);
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', {
    ...{ nodeId: root.nodeId, selector: 'h1' },
  });
  const { fonts } = await session.send('CSS.getPlatformFontsForNode', { nodeId });
  await page.close();
  return fonts[0]!.familyName;
}
