/** healthTable: the measures of a network as lines of text. */
import { requireHealth } from './require-health.js';
import { GATE_NAMES, percent, show } from './findings.js';
import type { LayerHealth } from './layer-health.js';
import type { NetworkHealth } from './network-health.js';

/**
 * What {@link networkHealth} has measured, as plain text for a terminal: a block a layer, then the findings.
 *
 * @param health What `networkHealth` returned.
 * @returns Lines without a last line break.
 * @throws RecurrentError for anything else.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createManyToOne, healthTable, networkHealth } from 'tfjs-recurrent';
 *
 * const model = createManyToOne({ cell: 'simpleRNN', inputs: 1, units: 8, seed: 1 });
 * const [measures, finding] = healthTable(networkHealth(model, tf.zeros([4, 10, 1]))).split('\n\n');
 * console.log(measures);
 * // simple_rnn, SimpleRNN of 8 units
 * //   dead units       8 of 8
 * //   |h| > 0.95       0 %
 * //   norm of h        0 to 0
 * console.log(finding?.split('\n')[0]);
 * // simple_rnn: 8 of 8 units stay at 0.
 * ```
 */
export function healthTable(health: NetworkHealth): string {
  const { layers, findings } = requireHealth('healthTable', health);
  const blocks = layers.map((layer) =>
    [
      `${nameOf(layer)}, ${layer.cell} of ${layer.units} units`,
      ...rowsOf(layer).map(([name, value]) => `  ${name.padEnd(17)}${value}`),
    ].join('\n'),
  );
  const said = findings.map(
    (finding) =>
      `${nameOf(finding)}: ${finding.message}.\n  ${finding.remedy}\n  ${finding.source}`,
  );
  return [...blocks, ...(said.length > 0 ? said : ['Nothing is out of bounds.'])].join('\n\n');
}

/** A layer, and its direction where it has two. */
export function nameOf({ layer, direction }: Pick<LayerHealth, 'layer' | 'direction'>): string {
  return direction ? `${layer}, ${direction}` : layer;
}

function* rows(layer: LayerHealth): Generator<[name: string, value: string]> {
  for (const [name, { mean, closed, open }] of Object.entries(layer.gates)) {
    const shares = `closed ${percent(closed)}, open ${percent(open)}`;
    yield [GATE_NAMES[name]!, `mean ${show(mean)}, ${shares}`];
  }
  const { memory, gradientNorms, gradientRatio } = layer;
  if (memory) {
    const sorted = Array.from(memory).sort((a, b) => a - b);
    const middle = sorted[Math.floor((sorted.length - 1) / 2)]!;
    yield ['memory', `${show(middle)} steps, ${show(sorted.at(-1)!)} at most`];
  }
  yield ['dead units', `${layer.deadUnits.length} of ${layer.units}`];
  if (layer.saturatedStates !== null) yield ['|h| > 0.95', percent(layer.saturatedStates)];
  yield ['norm of h', fromTo(layer.stateNorms)];
  if (layer.cellNorms) yield ['norm of c', fromTo(layer.cellNorms)];
  if (gradientNorms) {
    const ratio = gradientRatio === null ? '' : `, first by last ${show(gradientRatio)}`;
    yield ['norm of ∂loss/∂h', `${fromTo(gradientNorms)}${ratio}`];
  }
}

const rowsOf = (layer: LayerHealth) => [...rows(layer)];

/** At the first and the last step that counts. */
function fromTo(norms: Float32Array): string {
  const kept = norms.filter((norm) => !Number.isNaN(norm));
  return kept.length > 0 ? `${show(kept[0]!)} to ${show(kept.at(-1)!)}` : 'no step counts';
}
