/** The baselines, and how captions are compared with what is right. */
import type { Captioned } from './scenes.js';

/** Shares of sentences that are right from end to end, and of words that are right at their place. */
export interface Scores {
  exact: number;
  words: number;
}

/** The sentence of the training scene whose vector is nearest: the first baseline. */
export function nearestSentence(train: readonly Captioned[], vector: readonly number[]): string {
  let best = { distance: Number.POSITIVE_INFINITY, sentence: '' };
  for (const { vector: other, sentence } of train) {
    let distance = 0;
    for (let i = 0; i < vector.length; i++) distance += (vector[i]! - other[i]!) ** 2;
    if (distance < best.distance) best = { distance, sentence };
  }
  return best.sentence;
}

/** The commonest sentence about as many things: the second baseline. */
export function commonestSentence(train: readonly Captioned[], things: number): string {
  const counts = new Map<string, number>();
  for (const { scene, sentence } of train) {
    if (scene.length === things) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0])[0];
}

/** Compares sentences, in the order of the scenes, with what is right. */
export function judge(scenes: readonly Captioned[], said: readonly string[]): Scores {
  let [exact, right, all] = [0, 0, 0];
  scenes.forEach(({ sentence }, i) => {
    if (said[i] === sentence) exact++;
    const [expected, received] = [sentence.split(' '), said[i]!.split(' ')];
    right += expected.filter((word, place) => word === received[place]).length;
    all += Math.max(expected.length, received.length);
  });
  return { exact: exact / scenes.length, words: right / all };
}
