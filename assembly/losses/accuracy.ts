// Which rows were predicted as labelled: the largest of the probabilities is that of the label. Labels are
// [rows, classes] or, if `sparse`, [rows].

/** Filled in by src/kernels/losses/categorical-accuracy.ts, field by field in this order. */
@unmanaged
class AccuracyJob {
  first: i32; // of the rows of the shard
  count: i32; // of the shard
  classes: i32;
  sparse: i32;
  labels: usize;
  probabilities: usize; // [rows, classes]
  right: usize; // [rows]: out
}

/** The first of the largest; NaN is larger than nothing, and nothing is larger than one in front. */
function largest(row: usize, classes: i32): i32 {
  let most = load<f32>(row), place = 0;
  for (let i = 1; i < classes; i++) {
    const value = load<f32>(row + (<usize>i << 2));
    if (value > most) {
      most = value;
      place = i;
    }
  }
  return place;
}

export function categoricalAccuracy(pointer: usize): void {
  const job = changetype<AccuracyJob>(pointer), classes = job.classes;
  for (let i = <usize>job.first, end = i + <usize>job.count; i < end; i++) {
    const offset = i * (<usize>classes << 2);
    const label = job.sparse ? load<f32>(job.labels + (i << 2)) : <f32>largest(job.labels + offset, classes);
    const isRight = label == <f32>largest(job.probabilities + offset, classes);
    store<f32>(job.right + (i << 2), isRight ? 1 : 0);
  }
}
