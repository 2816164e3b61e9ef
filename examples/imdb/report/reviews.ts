import { stripHtmlTags } from 'tfjs-recurrent';
import { isRight, type Judged } from '../result.js';
import { escapeHtml, percent } from './html.js';

const SHOWN_CHARACTERS = 420;
const EACH = 3;

/** The reviews that the report shows: some right answers, from sure to hesitant, and the boldest errors. */
export function chooseReviews(judged: readonly Judged[]): { right: Judged[]; wrong: Judged[] } {
  const sureFirst = [...judged].sort(
    (one, other) => Math.abs(other.probability - 0.5) - Math.abs(one.probability - 0.5),
  );
  const ofClass = (label: number, right: boolean) =>
    sureFirst.filter((review) => review.label === label && isRight(review) === right);
  return {
    right: interleave(spread(ofClass(1, true)), spread(ofClass(0, true))),
    wrong: interleave(ofClass(1, false).slice(0, EACH), ofClass(0, false).slice(0, EACH)),
  };
}

/** The first, the last and those evenly between. */
function spread(reviews: readonly Judged[]): Judged[] {
  if (reviews.length <= EACH) return [...reviews];
  const stride = (reviews.length - 1) / (EACH - 1);
  return Array.from({ length: EACH }, (_, index) => reviews[Math.round(index * stride)] as Judged);
}

function interleave(ones: readonly Judged[], others: readonly Judged[]): Judged[] {
  const longer = Math.max(ones.length, others.length);
  return Array.from({ length: longer }, (_, index) => [ones[index], others[index]])
    .flat()
    .filter((review) => review !== undefined);
}

/** One review as a card: what it is, what the model says and how sure it is. */
export function reviewCard(review: Judged): string {
  const { label, probability } = review;
  const text = stripHtmlTags(review.text);
  const short =
    text.length > SHOWN_CHARACTERS
      ? `${text.slice(0, text.lastIndexOf(' ', SHOWN_CHARACTERS) + 1 || SHOWN_CHARACTERS).trim()} …`
      : text;
  const side = probability >= 0.5 ? 'good' : 'bad';
  return `<article class="card review">
<header><span>is <span class="tag ${label === 1 ? 'good' : 'bad'}">${label === 1 ? 'positive' : 'negative'}</span></span>
<span>called <span class="tag ${side}">${probability >= 0.5 ? 'positive' : 'negative'}</span>, ${sureness(probability)} sure</span></header>
<div class="scale ${side}" title="Probability that the review is positive: ${percent(probability, 2)}"><i style="left:${percent(probability, 2).replace(' ', '')}"></i></div>
<p>${escapeHtml(short)}</p>
</article>`;
}

/** Never quite 100 %: no answer of a model is certain. */
function sureness(probability: number): string {
  const sure = Math.max(probability, 1 - probability);
  return sure > 0.999 ? 'over 99.9 %' : percent(sure);
}
