/** Bars of shares in groups, as SVG, light and dark. */

/** A group of bars with the share of each series, from 0 to 1. */
export interface Group {
  name: string;
  shares: readonly number[];
}

const [WIDTH, HEIGHT] = [640, 340];
const PLOT = { left: 68, right: 616, top: 84, bottom: 282 };
const COLOURS = [
  ['#1f6feb', '#79b0ff'],
  ['#bc4c00', '#ff9d4d'],
  ['#8250df', '#c8a6ff'],
  ['#1a7f37', '#5fd38d'],
] as const;
// One series is told from the next without colour, too.
const OPACITY = [1, 0.8, 1, 0.8];

const STYLE = [
  'text{fill:#1f2328}.back{fill:#fff}.muted{fill:#59636e}.grid{stroke:#e4e7eb}',
  ...COLOURS.map(([light], i) => `.s${i}{fill:${light}}`),
  '@media(prefers-color-scheme:dark){text{fill:#e6e9ee}.back{fill:#16191f}.muted{fill:#9aa4b2}.grid{stroke:#2d333d}',
  ...COLOURS.map(([, dark], i) => `.s${i}{fill:${dark}}`),
  '}',
].join('');

/** Draws a bar for each series in each group, its share in percent above it. */
export function shareBars(
  title: string,
  series: readonly string[],
  groups: readonly Group[],
  axis: string,
): string {
  const y = (share: number) => PLOT.bottom - (PLOT.bottom - PLOT.top) * share;
  const groupWidth = (PLOT.right - PLOT.left) / groups.length;
  const barWidth = Math.min(34, (groupWidth - 14) / series.length);
  const percent = (share: number) => `${Math.round(share * 100)}`;
  const told = groups.map(
    ({ name, shares }) =>
      `${name}: ${series.map((one, i) => `${one} ${percent(shares[i]!)} %`).join(', ')}.`,
  );
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(share)}" y2="${y(share)}"/>` +
      `<text class="muted" x="${PLOT.left - 8}" y="${y(share) + 4.5}" text-anchor="end">${percent(share)} %</text>`,
  );
  const bars = groups.flatMap(({ name, shares }, g) => {
    const middle = PLOT.left + groupWidth * (g + 0.5);
    const left = middle - (barWidth * series.length) / 2;
    const label = `<text x="${middle}" y="${PLOT.bottom + 20}" text-anchor="middle">${name}</text>`;
    return [
      label,
      ...shares.map((share, i) => {
        const x = left + i * barWidth;
        const height = Math.max(1, PLOT.bottom - y(share));
        return (
          `<rect class="s${i}" x="${x + 1}" y="${PLOT.bottom - height}" width="${barWidth - 2}" height="${height}" ` +
          `fill-opacity="${OPACITY[i]}"><title>${name}, ${series[i]}: ${percent(share)} %</title></rect>` +
          `<text x="${x + barWidth / 2}" y="${PLOT.bottom - height - 4}" text-anchor="middle" font-size="11">${percent(share)}</text>`
        );
      }),
    ];
  });
  let at = PLOT.left;
  const legend = series.map((name, i) => {
    const entry = `<rect class="s${i}" x="${at}" y="44" width="14" height="12" fill-opacity="${OPACITY[i]}"/><text x="${at + 20}" y="55">${name}</text>`;
    at += 42 + name.length * 7;
    return entry;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" ` +
      `aria-label="${title}. ${told.join(' ')}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${title}</title><style>${STYLE}</style>`,
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}" rx="6"/>`,
    `<text x="${PLOT.left}" y="30" font-size="16" font-weight="600">${title}</text>`,
    ...legend,
    ...lines,
    ...bars,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 44}" text-anchor="middle">${axis}</text>`,
    '</svg>',
    '',
  ].join('\n');
}
