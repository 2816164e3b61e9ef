import { describe, expect, it } from 'vitest';
import { ARTICLE } from '../../examples/imdb/options.js';
import { duration, escapeHtml, percent } from '../../examples/imdb/report/html.js';
import { chooseReviews } from '../../examples/imdb/report/reviews.js';
import { reportPage } from '../../examples/imdb/report.js';
import { countConfusion, type Judged, type RunResult } from '../../examples/imdb/result.js';

const judged: Judged[] = [
  { text: 'Superb.', label: 1, probability: 0.99 },
  { text: 'Fine<br />&lt;script>alert("no")&lt;/script> &amp; good', label: 1, probability: 0.5 },
  { text: 'Not bad at all.', label: 1, probability: 0.04 },
  { text: 'Dull.', label: 0, probability: 0.01 },
  { text: 'I hoped it would be superb.', label: 0, probability: 0.91 },
];

const result: RunResult = {
  accuracy: 0.6,
  loss: 1.2345,
  confusion: countConfusion(judged),
  reviews: { train: 20000, validation: 5000, test: 5 },
  distinctWords: 88582,
  parameters: 145000,
  secondsPerEpoch: [1, 2],
  seconds: { total: 75 },
  increment: { accuracy: 0.8, loss: 0.5, seconds: 3 },
  settings: { ...ARTICLE, data: 'a<b', epochs: 2 },
};

const page = reportPage(result, { accuracy: '<svg id="a"/>', loss: '<svg id="b"/>' }, judged);

describe('the report', () => {
  it('counts one half as positive', () => {
    expect(result.confusion).toEqual({
      truePositive: 2,
      falseNegative: 1,
      trueNegative: 1,
      falsePositive: 1,
    });
  });

  it('is one page that fetches nothing and runs nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|src=|url\(|@import|https?:/i);
    expect(page).toContain('<svg id="a"/>');
    expect(page).toContain('<svg id="b"/>');
  });

  it('takes tags out of reviews, and makes what is left, and settings, harmless', () => {
    expect(page).toContain('Fine &lt;script&gt;alert(&quot;no&quot;)&lt;/script&gt; &amp; good');
    expect(page).toContain('a&lt;b');
    expect(escapeHtml(`<a href='x'>`)).toBe('&lt;a href=&#39;x&#39;&gt;');
  });

  it('shows the figures, and which settings are not the usual ones', () => {
    for (const text of ['60.0 %', '1.2345', '20,000', '75 s', '2 <small>(by default 10)']) {
      expect(page).toContain(text);
    }
    expect(page.match(/by default/g)).toHaveLength(1);
  });

  it('says so when nothing was judged wrong', () => {
    const right = judged.slice(0, 1);
    expect(reportPage(result, { accuracy: '', loss: '' }, right)).toContain(
      'It judged none wrong.',
    );
  });

  it('shows right answers from sure to hesitant, and the boldest errors first, of both classes', () => {
    const { right, wrong } = chooseReviews(judged);
    expect(right.map(({ probability }) => probability)).toEqual([0.99, 0.01, 0.5]);
    expect(wrong.map(({ probability }) => probability)).toEqual([0.04, 0.91]);
    const many = Array.from({ length: 40 }, (_, index) => ({
      text: `${index}`,
      label: 1,
      probability: 0.5 + index / 100,
    }));
    expect(chooseReviews(many).right.map(({ text }) => text)).toEqual(['39', '19', '0']);
  });

  it('writes figures as people read them', () => {
    expect(percent(0.8766)).toBe('87.7 %');
    expect([0.04, 9.94, 12.4, 119.4, 125].map(duration)).toEqual([
      '0.0 s',
      '9.9 s',
      '12 s',
      '119 s',
      '2 min 5 s',
    ]);
  });
});
