/**
 * The inputs of an LSTM behind an embedding while a gradient is recorded, taken by words: what
 * all positions of a word have in common is computed once. Equal to the plain path but for
 * rounding. Sources: assembly/words.ts, lstm-words.ts and lstm-words-gradient.ts.
 */
import type { tf } from '../foundation/tensorflow.js';
import { runDropoutBits } from './dropout-jobs.js';
import { type Gathered, gatheredFrom } from './gathered.js';
import { floatBits, ranges, runJobs, writeJob } from './jobs.js';
import { foldTable } from './lstm-fold.js';
import { layout, OUTER_ROWS } from './lstm-jobs.js';
import type { KernelCall, Workplace } from './tensors.js';

// The fields of LstmWords in assembly/lstm-words.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = [
  'time', 'inputs', 'columns', 'different', 'padding', 'firstRow', 'rows', 'goBackwards',
  'words', 'dropped', 'table', 'folded', 'kernel', 'paddingSums', 'starts',
  'plainKernel', 'dFolded', 'dKernel', 'dPadding', 'dTable', 'transposedPanels', 'dxRows', 'dx',
] as const;

// The fields of LstmWordsGradientJob in assembly/lstm-words-gradient.ts, in its order.
// biome-ignore format: one line a group
const GRADIENT_FIELDS = [
  'first', 'count', 'inputs', 'units', 'parts', 'dFolded', 'dTables', 'table', 'transposedPanels',
  'scale', 'rows', 'products', 'padded', 'copy', 'dPanels', 'dBias', 'dTable',
] as const;

const WORDS_TOGETHER = 64; // as in assembly/lstm-words-gradient.ts

// Where fewer words come again, or more inputs are dropped, the plain path is as fast.
const MOST_DIFFERENT = 0.5;
const HIGHEST_RATE = 0.3;

/** Rows of the batch that one thread works on. */
export interface Shard {
  firstRow: number;
  rows: number;
}

/** The weights that meet the inputs, as a backward pass reads them; addresses. */
export interface InputWeights {
  /** [inputs, 4·paddedUnits] */
  plainKernel: number;
  /** packed [4·paddedUnits] → [inputs, padded to 8] */
  transposedPanels: number;
}

/** Where one shard of a backward pass sums up; addresses, 0 for what is not wanted. */
export interface WordSums {
  /** [different words, 4·paddedUnits] */
  dFolded: number;
  /** [inputs, 4·paddedUnits] */
  dKernel: number;
  /** [different words, inputs] */
  dTable: number;
}

const NO_SUMS: WordSums = { dFolded: 0, dKernel: 0, dTable: 0 };
const NO_FORWARD = { folded: 0, kernel: 0, paddingSums: 0, starts: 0 };
const NO_BACKWARD = {
  ...{ ...NO_SUMS, plainKernel: 0, dPadding: 0, transposedPanels: 0, dxRows: 0, dx: 0 },
};

/** The inputs of a batch by words; addresses are of memory that lives as long as its gradient. */
export class LstmWords {
  readonly source: Gathered;
  readonly time: number;
  readonly inputs: number;
  readonly units: number;
  readonly goBackwards: boolean;
  /** How many different words there are. */
  readonly different: number;
  /** The number of index 0, which is padding; -1 if it does not come. */
  readonly padding: number;
  /** [batch, time]: the number of each word. */
  readonly #words: number;
  /** [different]: the row of the table that a number stands for. */
  readonly #rows: number;
  /** [batch, time, inputs/32] bits, or 0 without dropout. */
  readonly #dropped: number;
  /** [different, inputs], scaled as what dropout keeps. */
  readonly #table: number;

  private constructor(
    fields: Pick<
      LstmWords,
      'source' | 'time' | 'inputs' | 'units' | 'goBackwards' | 'different' | 'padding'
    >,
    addresses: { words: number; rows: number; dropped: number; table: number },
  ) {
    this.source = fields.source;
    this.time = fields.time;
    this.inputs = fields.inputs;
    this.units = fields.units;
    this.goBackwards = fields.goBackwards;
    this.different = fields.different;
    this.padding = fields.padding;
    this.#words = addresses.words;
    this.#rows = addresses.rows;
    this.#dropped = addresses.dropped;
    this.#table = addresses.table;
  }

  /** Null where the inputs are no rows of a table, or would not be faster by words. */
  static behind(
    call: KernelCall,
    x: tf.TensorInfo,
    units: number,
    goBackwards: boolean,
    keep: (bytes: number) => number,
  ): LstmWords | null {
    const source = gatheredFrom(x);
    const [, time, inputs] = x.shape as [number, number, number];
    // A reshape keeps the data but makes other vectors of it.
    if (!source || source.width !== inputs) return null;
    const { count, dropping } = source;
    if (dropping && (inputs % 32 !== 0 || dropping.rate > HIGHEST_RATE)) return null;

    const { exports, memory } = call.runtime;
    const vocabulary = source.table.shape[0]!;
    const words = keep(4 * count);
    const rows = keep(4 * Math.min(count, vocabulary));
    const numbers = call.scratch(4 * vocabulary);
    const from = source.indices.address;
    const different = exports.numberWords(count, vocabulary, from, numbers, words, rows);
    if (different > MOST_DIFFERENT * count) return null;

    const dropped = dropping ? keep((count * inputs) / 8) : 0;
    if (dropping) runDropoutBits(call, dropping, count * inputs, dropped);
    const table = keep(4 * different * inputs);
    const scale = scaleOf(dropping);
    exports.scaledRows(different, inputs, rows, source.rows.address, scale, table);
    const padding = memory.integers(rows, different).indexOf(0);
    source.readers++;
    return new LstmWords(
      { source, time, inputs, units, goBackwards, different, padding },
      { words, rows, dropped, table },
    );
  }

  /** A job for each shard of a forward pass; `weights` are addresses. */
  forwardJobs(
    call: KernelCall,
    weights: { kernel: number; recurrentKernel: number; bias: number; hardSigmoid: number },
    shards: readonly Shard[],
  ): number[] {
    const { inputs, units, different } = this;
    const { exports } = call.runtime;
    const { kernel: from, recurrentKernel, hardSigmoid } = weights;
    const bytes = layout(inputs, units);
    const panels = call.scratch(bytes.panels);
    const bias = call.scratch(bytes.packedBias);
    exports.lstmPack(inputs, units, hardSigmoid, from, recurrentKernel, weights.bias, panels, bias);
    const folded = call.scratch(different * bytes.folded);
    foldTable(call, { words: different, inputs, units, table: this.#table, panels, bias, folded });
    const kernel = call.scratch(inputs * bytes.folded);
    exports.lstmInterleave(inputs, units, hardSigmoid, 1, from, kernel);
    const values = this.#table + 4 * inputs * this.padding;
    const paddingSums = this.#padded ? call.scratch(4 * inputs * bytes.folded) : 0;
    if (paddingSums) exports.lstmPaddingSums(inputs, units, values, kernel, paddingSums);
    return shards.map((shard) =>
      writeJob(call, FIELDS, {
        ...NO_BACKWARD,
        ...this.#common(shard),
        ...{ folded, kernel, paddingSums, starts: call.scratch(4 * shard.rows) },
      }),
    );
  }

  /** The kernel as a backward pass reads it. */
  inputWeights(call: KernelCall, kernel: number, keep: (bytes: number) => number): InputWeights {
    const { inputs, units } = this;
    const { exports, memory } = call.runtime;
    const { folded: row } = layout(inputs, units);
    const plainKernel = keep(inputs * row);
    exports.lstmInterleave(inputs, units, 0, 0, kernel, plainKernel);
    const panelBytes = row * this.#wideInputs;
    const transposedPanels = keep(panelBytes);
    memory.bytes(transposedPanels, panelBytes).fill(0);
    exports.lstmPackTransposed(inputs, units, kernel, 0, transposedPanels);
    return { plainKernel, transposedPanels };
  }

  /** Where one shard sums up. */
  sums(call: KernelCall, withTable: boolean): WordSums {
    const { inputs, units, different } = this;
    const { folded: row } = layout(inputs, units);
    return {
      dFolded: call.scratch(different * row),
      dKernel: this.#dropped ? call.scratch(inputs * row) : 0,
      dTable: withTable && this.#dropped ? call.scratch(4 * different * inputs) : 0,
    };
  }

  /** A job for one shard of a backward pass; `dx` is an address or 0. */
  backwardJob(
    place: Workplace,
    shard: Shard,
    weights: InputWeights,
    sums: WordSums | null,
    dx: number,
  ): number {
    const { inputs, units } = this;
    return writeJob(place, FIELDS, {
      ...NO_FORWARD,
      ...this.#common(shard),
      ...weights,
      ...(sums ?? NO_SUMS),
      dPadding: this.#dropped ? place.scratch(inputs * layout(inputs, units).folded) : 0,
      dxRows: dx ? place.scratch(4 * Math.max(shard.rows, OUTER_ROWS) * this.#wideInputs) : 0,
      dx,
    });
  }

  /** From what the shards have summed up to the gradients; `out` are addresses, 0 for none. */
  gradient(
    call: KernelCall,
    { transposedPanels }: InputWeights,
    parts: readonly WordSums[],
    out: { dKernel: number; dBias: number; dTable: number },
  ): void {
    const { inputs, units, different } = this;
    const { exports, memory, threads } = call.runtime;
    const { folded: row, packedBias } = layout(inputs, units);
    const depth = 4 * Math.ceil(inputs / 4);
    const panelBytes = row * depth;
    const addresses = (of: number[]) => {
      const address = call.scratch(4 * of.length);
      memory.integers(address, of.length).set(of);
      return address;
    };
    const common = {
      ...{ inputs, units, parts: parts.length, table: this.#table, transposedPanels },
      dFolded: addresses(parts.map(({ dFolded }) => dFolded)),
      dTables: parts[0]!.dTable ? addresses(parts.map(({ dTable }) => dTable)) : 0,
      scale: floatBits(scaleOf(this.source.dropping)),
      ...{ rows: this.#rows, dTable: out.dTable },
    };
    const jobs = ranges(different, threads, (different * row) / 4, 1).map((range) => ({
      ...range,
      ...common,
      products: call.scratch(4 * WORDS_TOGETHER * this.#wideInputs),
      padded: call.scratch(4 * WORDS_TOGETHER * depth),
      copy: call.scratch(32 * WORDS_TOGETHER),
      dPanels: call.scratch(panelBytes),
      dBias: call.scratch(packedBias),
    }));
    if (out.dTable) memory.bytes(out.dTable, 4 * inputs * this.source.table.shape[0]!).fill(0);
    runJobs(call, 'lstmWordsGradient', GRADIENT_FIELDS, jobs);

    const [first, ...others] = jobs as [(typeof jobs)[0], ...typeof jobs];
    for (const other of others) {
      exports.addFloats(first.dPanels, other.dPanels, panelBytes / 4);
      exports.addFloats(first.dBias, other.dBias, packedBias / 4);
    }
    if (this.#dropped) {
      for (const { dKernel } of parts) {
        exports.addToPanels(inputs, units, depth, dKernel, first.dPanels);
      }
    }
    exports.lstmUnpack(inputs, depth, units, first.dPanels, out.dKernel);
    if (out.dBias) exports.lstmUnpackBias(units, first.dBias, out.dBias);
  }

  get #wideInputs(): number {
    return 8 * Math.ceil(this.inputs / 8);
  }

  /** Whether what is dropped of padding is worth knowing beforehand. */
  get #padded(): boolean {
    return this.#dropped !== 0 && this.padding >= 0;
  }

  #common({ firstRow, rows }: Shard) {
    const { time, inputs, units, different, padding } = this;
    return {
      ...{ time, inputs, columns: layout(inputs, units).folded / 4, different, padding },
      ...{ firstRow, rows, goBackwards: Number(this.goBackwards) },
      ...{ words: this.#words, dropped: this.#dropped, table: this.#table },
    };
  }
}

/** What dropout multiplies with what it keeps. */
function scaleOf(dropping: Gathered['dropping']): number {
  return dropping ? 1 / (1 - dropping.rate) : 1;
}
