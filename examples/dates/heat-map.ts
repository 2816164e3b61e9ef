/** A picture of attention: which characters were read for each that was written. */

const CELL = 22;
const MARGIN = 34;

/**
 * A heat map as SVG.
 *
 * @param weights A row for each character of `written`, a weight for each of `read`.
 */
export function heatMap(
  weights: readonly (readonly number[])[],
  read: readonly string[],
  written: readonly string[],
): string {
  const width = MARGIN + read.length * CELL + 10;
  const height = MARGIN + written.length * CELL + 10;
  const label = (text: string, x: number, y: number) =>
    `<text x="${x}" y="${y}" text-anchor="middle">${escaped(text === ' ' ? '␣' : text)}</text>`;
  const columns = read.map((text, i) => label(text, MARGIN + (i + 0.5) * CELL, MARGIN - 8));
  const rows = written.map((text, i) => label(text, MARGIN - 16, MARGIN + (i + 0.7) * CELL));
  const cells = weights.flatMap((row, y) =>
    row.map((weight, x) => {
      const place = `x="${MARGIN + x * CELL}" y="${MARGIN + y * CELL}"`;
      const title = `${written[y]} looks at ${read[x]}: ${weight.toFixed(3)}`;
      return (
        `<rect ${place} width="${CELL - 1}" height="${CELL - 1}" fill="#1f5fa8" ` +
        `fill-opacity="${(0.04 + 0.96 * weight).toFixed(3)}"><title>${escaped(title)}</title></rect>`
      );
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" role="img" aria-label="Attention from ${escaped(written.join(''))} to ${escaped(read.join(''))}" ` +
      'font-family="ui-monospace, monospace" font-size="14" fill="#444">',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...[...columns, ...rows, ...cells],
    '</svg>\n',
  ].join('\n');
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
