// What a recurrent layer's cell is to the driver (forward.ts, backward.ts, inference.ts): a class
// without fields, whose members are resolved when the driver is compiled for it. A step of time
// weighs the inputs x and the state h into sums, a column for each unit of each gate, and makes the
// next state of them. Gates are of three kinds, and lie in this order in every row of sums:
//   of the inputs  sums of x alone
//   joint          sums of x and h
//   of the state   sums of h alone
// Any kind may be missing, all that weigh h, too. Behind the gates, in every row of sums, lie vectors:
// weights of the cell's own, one for each unit, such as peepholes. Nothing is weighed for them, and
// what `backward` writes to their place in dz is their gradient.
//
//   multiple       4 or 8: units are padded to a multiple of it
//   states         1 for h, 2 for h and c
//   inputGates, jointGates, stateGates
//                  how many there are of each kind
//   vectors        how many there are
//   blocks         how many of `units` columns Keras' kernel has
//   biases         0 or 1, or 2 where h has a bias of its own: Keras' bias is [2, blocks·units]
//   kernelBlock(gate), recurrentBlock(gate)
//                  which of the blocks of Keras' two kernels a gate has, or -1, as a vector has, which
//                  is numbered behind all gates
//   scale(gate, setting), shift(gate, setting)
//                  what `forward` expects to be folded into the weights; `setting` is the cell's own
//   keepsGates     whether `backward` reads what `forward` has left in the sums
//   direct         whether h flows past the gates, too: `backward` then leaves that part of the
//                  gradient in dh, to which what comes through the gates is added
//   late           whether the gates of the inputs are joined by a product that must wait for
//                  `forward`: what it writes to `late`, times the recurrent kernel of these gates
//   forward(padded, setting, bounded, z, h, hTo, c, cTo, late)
//                  one row: from the sums z and the states to the next ones; what is in z afterwards
//                  is kept. Where they are `bounded`, sums lie within CLAMP. States may be changed
//                  in place.
//   finish(padded, setting, z, h, hTo)
//                  with `late`: the rest of it, behind that product
//   backward(padded, setting, z, dz, h, hTo, c, cTo, dh, dc)
//                  from dh and dc, the gradients of the next states, to dz, those of the sums before
//                  scaling, and to those of the states before
//   finishBackward(padded, setting, z, dz, h, dLate, dh)
//                  with `late`: the rest of it, from the gradient of what was written to `late`
//
// Units come by eight, gates interleaved, so that vectors lie side by side; where they are padded to
// four only, the last four by four.
import { roundUp4 } from '../arithmetic/simd';

/** The cell C. */
// @ts-ignore: decorator
@inline
export function the<C>(): C {
  return changetype<C>(<usize>0);
}

// @ts-ignore: decorator
@inline
export function paddedUnits<C>(units: i32): i32 {
  return (units + the<C>().multiple - 1) & -the<C>().multiple;
}

/** How many columns of sums the gates of the inputs have; those of the other kinds alike. */
// @ts-ignore: decorator
@inline
export function inputColumns<C>(units: i32): i32 {
  return the<C>().inputGates * paddedUnits<C>(units);
}

// @ts-ignore: decorator
@inline
export function jointColumns<C>(units: i32): i32 {
  return the<C>().jointGates * paddedUnits<C>(units);
}

// @ts-ignore: decorator
@inline
export function stateColumns<C>(units: i32): i32 {
  return the<C>().stateGates * paddedUnits<C>(units);
}

// @ts-ignore: decorator
@inline
export function gateCount<C>(): i32 {
  return the<C>().inputGates + the<C>().jointGates + the<C>().stateGates;
}

/** How many columns of sums weigh h of the step before. */
// @ts-ignore: decorator
@inline
export function recurrentColumns<C>(units: i32): i32 {
  return jointColumns<C>(units) + stateColumns<C>(units);
}

// @ts-ignore: decorator
@inline
export function vectorColumns<C>(units: i32): i32 {
  return the<C>().vectors * paddedUnits<C>(units);
}

/** Whether h of the step before is multiplied with a kernel. */
// @ts-ignore: decorator
@inline
export function isRecurrent<C>(): bool {
  return the<C>().jointGates + the<C>().stateGates > 0;
}

/** Rows of packed weights: those of x and those of h, both padded. */
// @ts-ignore: decorator
@inline
export function panelDepth<C>(inputs: i32, units: i32): i32 {
  return roundUp4(inputs) + (isRecurrent<C>() ? paddedUnits<C>(units) : 0);
}

// @ts-ignore: decorator
@inline
export function gateColumns<C>(units: i32): i32 {
  return (gateCount<C>() + the<C>().vectors) * paddedUnits<C>(units);
}

/** Bytes of a row of sums: 8 floats more, so that columns do not fall on the same cache sets. */
// @ts-ignore: decorator
@inline
export function gateStride<C>(units: i32): usize {
  return <usize>(gateColumns<C>(units) + 8) << 2;
}

/** Bytes of a row of [x | h]: 4 floats more, as rows of sums have 8. */
// @ts-ignore: decorator
@inline
export function xhStride<C>(inputs: i32, units: i32): usize {
  return <usize>(roundUp4(inputs) + paddedUnits<C>(units) + 4) << 2;
}

/** Bytes of a row of the gradient of h. */
// @ts-ignore: decorator
@inline
export function dhStride<C>(units: i32): usize {
  return <usize>((paddedUnits<C>(units) + 7) & ~7) << 2;
}

/** Where a unit of a gate, or of a vector, is in a row of sums. */
// @ts-ignore: decorator
@inline
export function gateColumn<C>(units: i32, gate: i32, unit: i32): i32 {
  const cell = the<C>(), padded = paddedUnits<C>(units);
  if (gate < cell.inputGates) return columnOf(padded, cell.inputGates, gate, unit);
  gate -= cell.inputGates;
  const before = inputColumns<C>(units);
  if (gate < cell.jointGates) return before + columnOf(padded, cell.jointGates, gate, unit);
  gate -= cell.jointGates;
  if (gate < cell.stateGates) return before + jointColumns<C>(units) + columnOf(padded, cell.stateGates, gate, unit);
  gate -= cell.stateGates;
  return before + recurrentColumns<C>(units) + columnOf(padded, cell.vectors, gate, unit);
}

/** Where interleaved gates put a unit. */
// @ts-ignore: decorator
@inline
function columnOf(padded: i32, gates: i32, gate: i32, unit: i32): i32 {
  const together = unit < (padded & ~7) ? 8 : 4, within = unit & (together - 1);
  return (unit - within) * gates + gate * together + within;
}

/** An infinite input times a weight of zero would leave NaN in the padding of a row of sums. */
// @ts-ignore: decorator
@inline
export function clearPadding<C>(units: i32, z: usize): void {
  for (let unit = units, padded = paddedUnits<C>(units); unit < padded; unit++) {
    for (let gate = 0; gate < gateCount<C>() + the<C>().vectors; gate++) {
      store<f32>(z + (<usize>gateColumn<C>(units, gate, unit) << 2), 0);
    }
  }
}
