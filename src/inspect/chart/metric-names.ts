/**
 * TensorFlow.js logs accuracy as `acc` whatever it was called in compile; Keras
 * and everybody else write `accuracy`.
 */

/** The name to show for a logged quantity: `val_acc` is `val_accuracy`. */
export function displayName(logged: string): string {
  return logged.replace(/(^|_)acc(?=_|$)/g, '$1accuracy');
}
