/**
 * The places of the largest of many scores, the best first; of equal scores the first.
 *
 * A heap of `count` places is kept, the worst on top: n·log(count) steps, where a sort would take n·log(n).
 *
 * @param count At most as many places come back; fewer where there are fewer scores.
 */
export function largest(scores: ArrayLike<number>, count: number): Int32Array {
  const size = Math.min(count, scores.length);
  const heap = new Int32Array(size);
  const worse = (a: number, b: number) =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && a > b);
  const sink = (from: number) => {
    const place = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && worse(heap[child + 1]!, heap[child]!)) child++;
      if (!worse(heap[child]!, place)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = place;
  };
  for (let place = 0; place < size; place++) heap[place] = place;
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at);
  for (let place = size; place < scores.length; place++) {
    if (!worse(heap[0]!, place)) continue;
    heap[0] = place;
    sink(0);
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1));
}
