import { type Complaint, complain } from '../foundation/errors.js';

/** The one place from which training warns: on the console, in the grammar of errors. */
export function warn(complaint: Complaint): void {
  console.warn(complain(complaint));
}
