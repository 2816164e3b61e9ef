/** The page of `--explain`. */
import { contributionChart, type Explanation } from 'tfjs-recurrent';
import { inWords } from '../predict.js';
import { escapeHtml, percent } from './html.js';
import { STYLE } from './style.js';

// As wide as the page shows them, so that their letters are as large as its own.
const WIDE = 950;
const NARROW = 320;
const LISTED = 12;

const BY_WIDTH = `
.narrow { display: none; }
@media (max-width: 760px) { .wide { display: none; } .narrow { display: block; } main { padding: 24px 12px; } }
@media print { .wide { display: block; } .narrow { display: none; } }
`;

/** One HTML page that needs nothing else: the words in colours, and those that count most in a table. */
export function explanationPage(explanation: Explanation): string {
  const chart = (width: number) =>
    contributionChart(explanation, { width, title: 'Words for and against positive' });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Why ${inWords(explanation.probability)}?</title>
<style>${STYLE}${BY_WIDTH}</style>
</head>
<body>
<main>
<h1>Why ${inWords(explanation.probability)}?</h1>
<p class="soft">What each word adds to the logit, by integrated gradients. The model does not know words in grey, or
they were cut off.</p>
<figure class="card chart wide">${chart(WIDE)}</figure>
<figure class="card chart narrow">${chart(NARROW)}</figure>
<h2>The words that count most</h2>
<section class="card">${strongest(explanation)}</section>
<footer>All words together add ${signed(sum(explanation.contributions))} to the ${explanation.baseline.toFixed(2)} of a
text without words, and should arrive at ${explanation.output.toFixed(2)}: an error of ${percent(explanation.completenessError, 2)}.</footer>
</main>
</body>
</html>
`;
}

function strongest({ words, contributions, prefixProbabilities }: Explanation): string {
  const order = [...words.keys()]
    .filter((i) => contributions[i] !== 0)
    .sort((a, b) => Math.abs(contributions[b]!) - Math.abs(contributions[a]!))
    .slice(0, LISTED);
  if (order.length === 0) return '<p>The model knows none of the words.</p>';
  const rows = order.map((i) => {
    const side = contributions[i]! > 0 ? 'good' : 'bad';
    return (
      `<tr><td class="${side}">${escapeHtml(words[i]!)}</td><td>${i + 1}</td>` +
      `<td>${signed(contributions[i]!)}</td><td>${percent(prefixProbabilities[i]!)}</td></tr>`
    );
  });
  return `<table><tr><th>word</th><th>place</th><th>adds, in logits</th><th>positive, had the text ended there</th></tr>
${rows.join('\n')}</table>`;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
