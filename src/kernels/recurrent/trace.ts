/**
 * Every gate and state of a recurrent layer, read from what its fused forward pass keeps for the
 * gradient. Twin: trace-composed.ts.
 */
import type { KernelMemory } from '../../engine/memory.js';
import { runtime } from '../../engine/runtime.js';
import type { Cell } from './cell.js';
import type { RecurrentInputs, RecurrentSettings } from './inputs.js';
import type { ForwardJob } from './jobs.js';
import { layout } from './layout.js';
import { recurrentKept } from './recurrent.js';

/** What each step has computed, [batch, time, units] by the places of the inputs. */
export interface Traced {
  /** By the numbers of the gates in assembly/recurrent/cells; zeros where a step is masked. */
  gates: Float32Array[];
  h: Float32Array;
  /** where the cell has a second state */
  c: Float32Array | null;
}

/** The trace of a layer on a backend that has its kernel. */
export function traceFused(
  cell: Cell,
  inputs: RecurrentInputs,
  settings: Pick<RecurrentSettings, 'goBackwards' | 'setting'>,
): Traced {
  const mask = inputs.mask?.dataSync() ?? null;
  const { kept, release } = recurrentKept(cell, inputs, { ...settings, returnSequences: false });
  try {
    const [batch, time] = kept.shape;
    const { units } = kept.jobs[0]!;
    const counts = cell.gates;
    const count = cell.keepsGates ? counts.inputs + counts.joint + counts.state : 0;
    const make = () => new Float32Array(batch * time * units);
    const traced = {
      gates: Array.from({ length: count }, make),
      h: make(),
      c: cell.states === 2 ? make() : null,
    };
    const loaded = runtime()!;
    loaded.finish();
    for (const job of kept.jobs) read(loaded.memory, cell, job, mask, traced);
    return traced;
  } finally {
    release();
  }
}

/** Reads what a shard has kept; assembly/recurrent/job.ts says where it lies. */
function read(
  memory: KernelMemory,
  cell: Cell,
  job: ForwardJob,
  mask: ArrayLike<number> | null,
  { gates, h, c }: Traced,
): void {
  const { time, units, rows, firstRow } = job;
  const bytes = layout(cell, job.inputs, units);
  const places = gates.map((_, gate) => columnsOf(cell, units, gate));
  for (let t = 0; t < time; t++) {
    const place = job.goBackwards ? time - 1 - t : t;
    for (let row = 0; row < rows; row++) {
      const at = (firstRow + row) * time + place;
      const to = at * units;
      const states = job.xh + (t + 1) * job.xhStepBytes + row * bytes.xh + 4 * bytes.paddedInputs;
      h.set(memory.floats(states, units), to);
      c?.set(memory.floats(job.c + (t + 1) * job.cStepBytes + row * bytes.state, units), to);
      if (mask && !mask[at]) continue;
      const z = memory.floats(
        job.gates + t * job.gatesStepBytes + row * bytes.gates,
        bytes.columns,
      );
      for (let gate = 0; gate < gates.length; gate++) {
        const [values, columns] = [gates[gate]!, places[gate]!];
        for (let unit = 0; unit < units; unit++) values[to + unit] = z[columns[unit]!]!;
      }
    }
  }
}

/** Where the units of a gate are in a row of sums, as `gateColumn` in assembly/recurrent/cell.ts. */
function columnsOf(cell: Cell, units: number, gate: number): Int32Array {
  const { inputs, joint, state } = cell.gates;
  const padded = layout(cell, 0, units).state / 4;
  const kinds = [inputs, joint, state];
  let [before, within] = [0, gate];
  for (const count of kinds) {
    if (within < count) {
      return Int32Array.from({ length: units }, (_, unit) => {
        const together = unit < (padded & ~7) ? 8 : 4;
        const lane = unit & (together - 1);
        return before + (unit - lane) * count + within * together + lane;
      });
    }
    within -= count;
    before += count * padded;
  }
  throw new RangeError(`${cell.name} has no gate ${gate}`);
}
