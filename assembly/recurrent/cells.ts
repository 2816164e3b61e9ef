// The cells by their numbers, which jobs begin with, and what is compiled for each.
import { backward } from './backward';
import { Gru } from './cells/gru';
import { GruResetAfter } from './cells/gru-reset-after';
import { Lstm } from './cells/lstm';
import { MinGru } from './cells/min-gru';
import { PeepholeLstm } from './cells/peephole-lstm';
import { SimpleRnn } from './cells/simple-rnn';
import { forward } from './forward';
import { inference, prefix } from './inference';
import { interleave, pack, transpose, unpack } from './weights';
import { wordsSums } from './words-gradient';

/** The numbers are also in src/kernels/recurrent/cells. */
function run(task: Task, job: usize): void {
  switch (load<i32>(job)) {
    case 0: runFor<Lstm>(task, job); break;
    case 1: runFor<Gru>(task, job); break;
    case 2: runFor<GruResetAfter>(task, job); break;
    case 3: runFor<SimpleRnn>(task, job); break;
    case 4: runFor<MinGru>(task, job); break;
    case 5: runFor<PeepholeLstm>(task, job); break;
    default: unreachable();
  }
}

enum Task { Forward, Backward, Inference, Interleave, Pack, Prefix, Transpose, Unpack, WordsSums }

function runFor<C>(task: Task, job: usize): void {
  switch (task) {
    case Task.Forward: forward<C>(job); break;
    case Task.Backward: if (!PREDICTS) backward<C>(job); break;
    case Task.Inference: inference<C>(job); break;
    case Task.Interleave: if (!PREDICTS) interleave<C>(job); break;
    case Task.Pack: pack<C>(job); break;
    case Task.Prefix: prefix<C>(job); break;
    case Task.Transpose: if (!PREDICTS) transpose<C>(job); break;
    case Task.Unpack: if (!PREDICTS) unpack<C>(job); break;
    case Task.WordsSums: if (!PREDICTS) wordsSums<C>(job); break;
  }
}

export function recurrentForward(job: usize): void { run(Task.Forward, job); }
export function recurrentBackward(job: usize): void { run(Task.Backward, job); }
export function recurrentInference(job: usize): void { run(Task.Inference, job); }
export function recurrentInterleave(job: usize): void { run(Task.Interleave, job); }
export function recurrentPack(job: usize): void { run(Task.Pack, job); }
export function recurrentPrefix(job: usize): void { run(Task.Prefix, job); }
export function recurrentTranspose(job: usize): void { run(Task.Transpose, job); }
export function recurrentUnpack(job: usize): void { run(Task.Unpack, job); }
export function recurrentWordsSums(job: usize): void { run(Task.WordsSums, job); }
