/** What kernels are run by: threads that share a memory (runtime.ts), or the calling one alone (one-thread.ts). */
import { nodeBuiltin } from '../foundation/node-builtins.js';
import type { KernelMemory } from './memory.js';

/** Kernels that work on one shard of the work, described by a job in memory. */
export const SHARD_KERNELS = [
  'adadelta',
  'adagrad',
  'adam',
  'adamax',
  'conv1dBackward',
  'attentionContextBackward',
  'attentionContextForward',
  'attentionWeightsBackward',
  'attentionWeightsForward',
  'blockSum',
  'categoricalAccuracy',
  'conv1dForward',
  'conv1dSums',
  'copyParts',
  'crossentropyBackward',
  'crossentropyForward',
  'ctcBackward',
  'ctcForward',
  'denseForward',
  'denseBackward',
  'dropout',
  'dropoutBits',
  'elementwiseBackward',
  'elementwiseForward',
  'embeddingGather',
  'embeddingScatterAdd',
  'momentum',
  'penaltyGradient',
  'penaltyTotal',
  'recurrentBackward',
  'recurrentFold',
  'recurrentForward',
  'recurrentInference',
  'recurrentInterleave',
  'mergeValues',
  'recurrentPack',
  'recurrentPrefix',
  'recurrentTranspose',
  'recurrentUnpack',
  'recurrentWordsGradient',
  'recurrentWordsSums',
  'rmsprop',
  'scaleToNorm',
  'sgd',
  'softmaxBackward',
  'softmaxForward',
] as const;

export type ShardKernel = (typeof SHARD_KERNELS)[number];

/** What assembly/index.ts exports. Addresses and counts only. */
export interface KernelExports extends Record<ShardKernel, (job: number) => void> {
  firstOutside(indices: number, count: number, rows: number): number;
  recurrentBounded(
    vocabulary: number,
    columns: number,
    paddedInputs: number,
    depth: number,
    folded: number,
    panels: number,
    largest: number,
  ): number;
  recurrentOrder(
    rows: number,
    time: number,
    goBackwards: number,
    indices: number,
    mask: number,
    kept: number,
    order: number,
    starts: number,
    ends: number,
  ): number;
  recurrentPaddingSums(
    inputs: number,
    columns: number,
    values: number,
    kernel: number,
    sums: number,
  ): void;
  numberWords(
    count: number,
    vocabulary: number,
    indices: number,
    numbers: number,
    words: number,
    rows: number,
  ): number;
}

/** A loaded binary with its memory. */
export interface Machine {
  /** How many threads share a batch, the calling one included. */
  readonly threads: number;
  readonly memory: KernelMemory;
  /** Whether there is something begun that nobody has waited for. */
  readonly busy: boolean;
  /** What the calling thread runs at once, behind everything that was begun. */
  readonly exports: KernelExports;
  /** The same, beside what was begun, for what neither reads nor writes anything of that. */
  readonly exportsBeside: KernelExports;
  /** Runs one kernel over the jobs of all shards and returns when all are done. */
  run(kernel: ShardKernel, jobs: readonly number[]): void;
  /** The same, beside what was begun, for jobs that neither read nor write anything of that. */
  runBeside(kernel: ShardKernel, jobs: readonly number[]): void;
  /**
   * As {@link run}, but returns when every job is done or has somebody at work on it. What it
   * writes can be handed on to other kernels; who reads it otherwise calls {@link finish} first.
   */
  begin(kernel: ShardKernel, jobs: readonly number[]): void;
  /** As {@link begin}, but leaves the jobs to other threads, where there are any, and returns. */
  leave(kernel: ShardKernel, jobs: readonly number[]): void;
  /** Takes part in what was begun until all of it is done. */
  finish(): void;
}

/** From base64 to bytes. */
export function decodeBinary(base64: string): Uint8Array<ArrayBuffer> {
  const node = nodeBuiltin('node:buffer');
  if (node) return node.Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
