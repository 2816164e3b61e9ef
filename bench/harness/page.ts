/** docs/benchmarks.md, from what the rows found out. */
import { median } from './in-turn.js';
import { format, met, type RowResult, type Table, type Verdict } from './row.js';

/** A row that could not be measured. */
export interface FailedRow {
  row: string;
  why: string;
}

/** What all rows had in common. */
export interface Run {
  command: string;
  machine: string;
  date: string;
  minutes: number;
  /** Whether rows of earlier runs are on the page, too. */
  keptRows: boolean;
  /** Processes that wanted a processor, over the last minute, before the first row. */
  load: number;
}

/** The whole page. */
export function benchmarksPage(
  run: Run,
  rows: readonly RowResult[],
  failed: readonly FailedRow[],
): string {
  const versions = Object.assign({}, ...rows.map((row) => row.versions)) as Record<string, string>;
  const missed = rows.flatMap((row) => row.verdicts.filter((verdict) => met(verdict) === false));
  return [
    '# Benchmarks',
    'Written by `npm run bench`; do not edit. Everyone has its turn in each round, in a process of its ' +
      'own with its default threads, so that whatever else the machine does slows all alike. A ratio is ' +
      'that of the medians over the rounds; below 1 we are faster.',
    [
      `- **Machine:** ${run.machine}; load ${run.load.toFixed(1)} before the first row`,
      `- **Versions:** ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}`,
      `- **Command:** \`${run.command}\``,
      `- **Run:** ${run.date}, ${run.minutes.toFixed(0)} minutes` +
        (run.keptRows ? '; the other rows when they say' : ''),
    ].join('\n'),
    '## Targets',
    table(
      ['work', 'measured', 'single rounds', 'target', ''],
      rows.flatMap((row) => row.verdicts.filter(({ target }) => target).map(summary(row))),
    ),
    missed.length > 0
      ? `Missed: ${missed.length} of ${rows.flatMap((row) => row.verdicts.filter(({ target }) => target)).length}.`
      : '',
    ...failed.map(({ row, why }) => `**Not measured:** ${row}: ${why}`),
    ...rows.flatMap(section),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const summary = (row: RowResult) => (verdict: Verdict) => [
  `[${row.title}](#${anchor(row.title)}): ${verdict.what}`,
  `${format(verdict.value)} ${verdict.unit}`,
  range(verdict),
  `${verdict.target!.relation} ${verdict.target!.value}`,
  met(verdict) ? 'met' : '**missed**',
];

/** What the page says of one row, a paragraph each. */
export function section(row: RowResult): string[] {
  const others = row.verdicts.filter(({ target }) => !target);
  return [
    `## ${row.title}`,
    row.method,
    `\`\`\`sh\n${row.command}\n\`\`\``,
    `Measured ${row.measured}.`,
    ...row.tables.map(figures),
    row.verdicts.length > 0
      ? table(
          ['comparison', 'measured', 'single rounds', 'target', ''],
          [...row.verdicts.filter(({ target }) => target), ...others].map((verdict) => [
            verdict.what,
            `${format(verdict.value)} ${verdict.unit}`,
            range(verdict),
            verdict.target ? `${verdict.target.relation} ${verdict.target.value}` : '',
            verdict.target ? (met(verdict) ? 'met' : '**missed**') : '',
          ]),
        )
      : '',
    row.checks.length > 0 ? `Checked in this run: ${row.checks.join('; ')}.` : '',
    row.missing.map(({ name, why }) => `- Missing: ${name} (${why})`).join('\n'),
  ];
}

function figures({ title, unit, entries }: Table): string {
  const notes = entries.some(({ note }) => note);
  return table(
    [[title, unit].filter(Boolean).join(', '), 'median', 'least', 'most', 'rounds'].concat(
      notes ? [''] : [],
    ),
    entries.map(({ name, rounds, note }) =>
      [
        name,
        format(median(rounds)),
        format(Math.min(...rounds)),
        format(Math.max(...rounds)),
        `${rounds.length}`,
      ].concat(notes ? [note ?? ''] : []),
    ),
  );
}

const range = ({ range }: Verdict): string => (range ? range.map(format).join(' to ') : '');

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...body]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** How Markdown on the web names a heading. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
