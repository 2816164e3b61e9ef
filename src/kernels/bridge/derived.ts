/**
 * What is computed from weights once and used until they change. TensorFlow.js
 * gives a variable new data when it is assigned, so data that its backend has
 * forgotten means weights that have changed: what was derived from it is dropped
 * before the next kernel runs.
 */
import type { KernelMemory } from '../../engine/memory.js';

/** Which data of a backend still exist. */
export interface DataTable {
  has(dataId: object): boolean;
}

/** Memory that belongs to a set of weights. */
export class Derived {
  readonly weights: readonly object[];
  readonly settings: string;
  readonly #table: DataTable;
  readonly #memory: KernelMemory;
  readonly #addresses = new Set<number>();
  /** How often it was asked for. */
  uses = 0;

  constructor(
    weights: readonly object[],
    settings: string,
    table: DataTable,
    memory: KernelMemory,
  ) {
    this.weights = weights;
    this.settings = settings;
    this.#table = table;
    this.#memory = memory;
  }

  get current(): boolean {
    return this.weights.every((dataId) => this.#table.has(dataId));
  }

  allocate(bytes: number): number {
    const address = this.#memory.allocate(bytes);
    this.#addresses.add(address);
    return address;
  }

  release(address: number): void {
    if (this.#addresses.delete(address)) this.#memory.release(address);
  }

  releaseAll(): void {
    for (const address of this.#addresses) this.#memory.release(address);
    this.#addresses.clear();
  }
}

// Enough for an encoder-decoder of two layers that reads both ways, and for one layer beside it.
const MOST_KEPT = 12;

const kept: Derived[] = [];

/** Finds what was derived from these weights with these settings, or makes a place for it. */
export function derivedFrom<T extends Derived>(
  weights: readonly object[],
  settings: string,
  make: () => T,
): T {
  const found = kept.findIndex(
    (derived) =>
      derived.settings === settings &&
      derived.weights.length === weights.length &&
      derived.weights.every((dataId, i) => dataId === weights[i]),
  );
  const derived = found < 0 ? make() : kept.splice(found, 1)[0]!;
  kept.push(derived);
  if (kept.length > MOST_KEPT) kept.shift()!.releaseAll();
  derived.uses++;
  return derived as T;
}

/** Drops what was derived from weights that have changed. */
export function releaseOutdated(): void {
  for (let i = kept.length - 1; i >= 0; i--) {
    if (!kept[i]!.current) kept.splice(i, 1)[0]!.releaseAll();
  }
}
