/** What a run logged: `history.loss[i]` belongs to the epoch numbered `epoch[i]`, from 0. */
export interface TrainingHistory {
  /** The epochs that ran, counted from 0. */
  epoch: number[];
  /** One list a quantity, under the names TensorFlow.js gives them: `loss`, `acc`, `val_loss`, `val_acc`. */
  history: Record<string, number[]>;
}

/**
 * Appends the epochs of `later` to `earlier`, as when a run went on after a pause.
 *
 * @param earlier Changed: its lists grow.
 * @param later What `model.fit` or {@link fitWithSeed} returned; left as it is.
 * @returns `earlier`.
 *
 * @example
 * ```ts
 * import { appendHistory } from 'tfjs-recurrent';
 *
 * const run = { epoch: [0, 1], history: { loss: [0.7, 0.5] } };
 * appendHistory(run, { epoch: [2], history: { loss: [0.4] } });
 * console.log(run.epoch.join(' '), '|', run.history.loss.join(' '));
 * // 0 1 2 | 0.7 0.5 0.4
 * ```
 */
export function appendHistory<H extends TrainingHistory>(
  earlier: H,
  later: { epoch: readonly number[]; history: Readonly<Record<string, readonly unknown[]>> },
): H {
  earlier.epoch.push(...later.epoch);
  const history: Record<string, number[]> = earlier.history;
  for (const [name, values] of Object.entries(later.history)) {
    const list = history[name] ?? [];
    history[name] = list;
    // What fit returns has been read from its tensors already (History.syncData).
    list.push(...(values as readonly number[]));
  }
  return earlier;
}
