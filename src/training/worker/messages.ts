/** What a page and a worker say to each other. Every message is marked, so that others can pass by. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import type { TrainingHistory } from '../history.js';
import type { FitWithSeedOptions } from '../fit-with-seed.js';
import type { FitData } from '../fit-data.js';
import type { TrainingState } from '../checkpoint.js';
import type { CrossingModel } from './crossing-model.js';

/** The events of a run that a page can hear of. */
export const EVENTS = [
  ...(['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd'] as const),
  ...(['onBatchBegin', 'onBatchEnd'] as const),
];

export type EventName = (typeof EVENTS)[number];

/** A model of the page that is to be trained, or data for the function of the worker. */
export type Job =
  | { kind: 'fit'; model: CrossingModel; x: FitData; y: FitData; options: FitWithSeedOptions }
  | { kind: 'train'; data: unknown };

/** What a job ends with. */
export type Outcome =
  | { kind: 'fit'; history: TrainingHistory; state: TrainingState }
  | { kind: 'saved'; artifacts: tf.io.ModelArtifacts }
  | { kind: 'value'; value: unknown };

/** What the page has a run do. */
export type Steering = 'pause' | 'resume' | 'stop' | 'heard';

/** From the page. */
export type ToWorker =
  | { say: 'hello' }
  | { say: 'start'; job: unknown; events: EventName[]; first: Steering[] }
  | { say: Steering };

/** From the worker. */
export type ToPage =
  | { say: 'serving' | 'paused' }
  | { say: 'event'; name: EventName; index: number | undefined; logs: tfl.Logs }
  | { say: 'progress'; value: unknown }
  | { say: 'done'; outcome: unknown }
  | { say: 'failed'; error: CrossingError };

const MARK = 'tfjs-recurrent training';

/** A message, marked. */
export function marked<Message extends ToWorker | ToPage>(message: Message): Message {
  return { ...message, of: MARK } as Message;
}

/** Whether a message is one of these. */
export function isMarked(message: unknown): boolean {
  return Object(message).of === MARK;
}

/** An error without its class, which a clone would lose. */
export interface CrossingError {
  name: string;
  message: string;
  stack: string | undefined;
}

/** What there is to say of anything that was thrown. */
export function describeError(error: unknown): CrossingError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  const { name, message, stack } = error;
  return { name, message, stack };
}
