/** A beam search over rows of labels, each with the probability of all its alignments so far. */
import type { CtcPath } from './ctc.js';

/** Labels that have been read, as a node of a tree: the rest of them are on the way to its root. */
interface Prefix {
  label: number;
  parent: Prefix | null;
  children: Map<number, Prefix>;
  /** Log-probabilities of the alignments that end in a blank, and in the last label. */
  blank: number;
  ofLabel: number;
  /** The same, up to the frame that is being read. */
  nextBlank: number;
  nextOfLabel: number;
}

/**
 * The likeliest labels of the frames of one row.
 *
 * @param logits [time, classes], none of them NaN or Infinity.
 * @param blank The class that stands for no label.
 */
export function beamSearchOfFrames(
  logits: ArrayLike<number>,
  classes: number,
  blank: number,
  beamWidth: number,
  topPaths: number,
): CtcPath[] {
  const root = prefixOf(-1, null);
  root.blank = 0;
  let beam = [root];
  for (let start = 0; start < logits.length; start += classes) {
    const logP = logSoftmax(logits, start, classes);
    const reached = new Set<Prefix>(beam);
    for (const prefix of beam) {
      const all = addLogs(prefix.blank, prefix.ofLabel);
      prefix.nextBlank = addLogs(prefix.nextBlank, all + logP[blank]!);
      // The last label goes on, or comes anew behind a blank.
      if (prefix !== root) {
        prefix.nextOfLabel = addLogs(prefix.nextOfLabel, prefix.ofLabel + logP[prefix.label]!);
      }
      for (let k = 0; k < classes; k++) {
        const before = k === prefix.label ? prefix.blank : all;
        if (k === blank || before === -Infinity || logP[k] === -Infinity) continue;
        const longer = childOf(prefix, k);
        longer.nextOfLabel = addLogs(longer.nextOfLabel, before + logP[k]!);
        reached.add(longer);
      }
    }
    beam = likeliest(reached, beamWidth);
  }
  return beam
    .slice(0, topPaths)
    .map((prefix) => ({ labels: labelsOf(prefix), score: scoreOf(prefix) }));
}

/** Those that go on; what the others had is forgotten, as if they had never been reached. */
function likeliest(reached: ReadonlySet<Prefix>, beamWidth: number): Prefix[] {
  const prefixes = [...reached];
  for (const prefix of prefixes) {
    prefix.blank = prefix.nextBlank;
    prefix.ofLabel = prefix.nextOfLabel;
    prefix.nextBlank = prefix.nextOfLabel = -Infinity;
  }
  // Sorting is stable: of equals, the first found stays first.
  prefixes.sort((a, b) => scoreOf(b) - scoreOf(a) || 0);
  for (const { label, parent, children } of prefixes.slice(beamWidth)) {
    // A child that goes on keeps its way to the root, and is found anew by that.
    if (children.size === 0) parent?.children.delete(label);
  }
  for (const lost of prefixes.slice(beamWidth)) lost.blank = lost.ofLabel = -Infinity;
  return prefixes.slice(0, beamWidth).filter((prefix) => scoreOf(prefix) > -Infinity);
}

const prefixOf = (label: number, parent: Prefix | null): Prefix => ({
  label,
  parent,
  children: new Map(),
  blank: -Infinity,
  ofLabel: -Infinity,
  nextBlank: -Infinity,
  nextOfLabel: -Infinity,
});

function childOf(prefix: Prefix, label: number): Prefix {
  const known = prefix.children.get(label);
  if (known) return known;
  const child = prefixOf(label, prefix);
  prefix.children.set(label, child);
  return child;
}

function labelsOf(prefix: Prefix): number[] {
  const labels: number[] = [];
  for (let at = prefix; at.parent; at = at.parent) labels.push(at.label);
  return labels.reverse();
}

const scoreOf = ({ blank, ofLabel }: Prefix) => addLogs(blank, ofLabel);

function addLogs(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}

function logSoftmax(logits: ArrayLike<number>, start: number, classes: number): Float64Array {
  const values = Float64Array.from({ length: classes }, (_, k) => logits[start + k]!);
  const most = values.reduce((a, b) => Math.max(a, b));
  if (most === -Infinity) return values;
  const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
  return values.map((value) => value - most - Math.log(sum));
}
