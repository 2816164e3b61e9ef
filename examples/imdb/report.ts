import { ARTICLE, type Settings } from './options.js';
import { probabilityHistogram } from './report/histogram.js';
import { count, duration, escapeHtml, percent } from './report/html.js';
import { chooseReviews, reviewCard } from './report/reviews.js';
import { STYLE } from './report/style.js';
import type { Confusion, Judged, RunResult } from './result.js';

/** The two curves of a run, as SVG. */
export interface Curves {
  accuracy: string;
  loss: string;
}

/**
 * Writes a run as one HTML page that needs nothing else: no script, no font
 * and no picture from anywhere.
 *
 * @param result The figures.
 * @param curves The charts, inlined as they are.
 * @param judged Every test review with its probability.
 */
export function reportPage(result: RunResult, curves: Curves, judged: readonly Judged[]): string {
  const { settings, reviews } = result;
  const source = settings.data === null ? 'the built-in sample' : 'the Large Movie Review Dataset';
  const { right, wrong } = chooseReviews(judged);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Film reviews: ${percent(result.accuracy)} judged right</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Does the reviewer like the film?</h1>
<p class="soft">An LSTM with ${count(result.parameters)} weights read ${count(reviews.train)} reviews from ${source},
was checked on ${count(reviews.validation)} while it learned, and then judged ${count(reviews.test)} that it had never seen.</p>
<section class="tiles" aria-label="Results">
${tile('test accuracy', percent(result.accuracy), ' lead')}
${tile('test loss', result.loss.toFixed(4))}
${tile('an epoch', result.secondsPerEpoch.length > 0 ? duration(mean(result.secondsPerEpoch)) : '–')}
${tile('all together', duration(result.seconds.total ?? 0))}
</section>
<h2>Learning</h2>
<div class="grid">
<figure class="card chart">${curves.accuracy}</figure>
<figure class="card chart">${curves.loss}</figure>
</div>
<h2>Right and wrong on the test reviews</h2>
<div class="grid">
<section class="card"><h3>Counts</h3>${confusionTable(result.confusion)}</section>
<section class="card"><h3>How sure it is</h3>${probabilityHistogram(judged)}
<small><span class="good">Above</span> the line, the positive reviews; <span class="bad">below</span>, the negative ones.
Four times as high is sixteen times as many.</small></section>
</div>
${reviewSection('Judged right, from sure to hesitant', right, 'It judged none right.')}
${reviewSection('Judged wrong, the boldest errors first', wrong, 'It judged none wrong.')}
<h2>Settings</h2>
<section class="card">${settingsTable(settings)}</section>
<footer>One more epoch, after saving and loading the model, took ${duration(result.increment.seconds)} and
gave a test accuracy of ${percent(result.increment.accuracy)}.</footer>
</main>
</body>
</html>
`;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const tile = (name: string, value: string, kind = '') =>
  `<div class="card tile${kind}"><b>${value}</b><span class="soft">${name}</span></div>`;

function confusionTable(counts: Confusion): string {
  const positive = counts.truePositive + counts.falseNegative;
  const negative = counts.trueNegative + counts.falsePositive;
  const cell = (kind: string, reviews: number, all: number) =>
    `<td class="${kind}">${count(reviews)}<small>${percent(all === 0 ? 0 : reviews / all)}</small></td>`;
  return `<table class="confusion">
<tr><td></td><th scope="col">called positive</th><th scope="col">called negative</th></tr>
<tr><th scope="row">${count(positive)} positive</th>${cell('hit', counts.truePositive, positive)}${cell('miss', counts.falseNegative, positive)}</tr>
<tr><th scope="row">${count(negative)} negative</th>${cell('miss', counts.falsePositive, negative)}${cell('hit', counts.trueNegative, negative)}</tr>
</table>`;
}

function reviewSection(title: string, reviews: readonly Judged[], none: string): string {
  const cards = reviews.map(reviewCard).join('\n');
  const body = cards === '' ? `<p class="soft">${none}</p>` : `<div class="grid">${cards}</div>`;
  return `<h2>${title}</h2>\n${body}`;
}

function settingsTable(settings: Settings): string {
  const rows = Object.entries(settings).map(([name, value]) => {
    const usual = name === 'data' ? value : ARTICLE[name as keyof typeof ARTICLE];
    const note = value === usual ? '' : ` <small>(by default ${escapeHtml(show(usual))})</small>`;
    return `<tr><th scope="row">${escapeHtml(inWords(name))}</th><td>${escapeHtml(show(value))}${note}</td></tr>`;
  });
  const middle = Math.ceil(rows.length / 2);
  return `<div class="columns"><table>${rows.slice(0, middle).join('')}</table><table>${rows.slice(middle).join('')}</table></div>`;
}

const inWords = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const show = (value: unknown) => (value === null ? 'none' : String(value));
