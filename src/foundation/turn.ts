/**
 * Lets everything else that waits (signals, timers, painting) have its turn.
 *
 * tf.nextFrame waits for the next animation frame where there are any: up to
 * 16 ms for nothing each time, and forever in a tab that is not shown.
 */
export function nextTurn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
