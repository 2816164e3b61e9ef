// Matrices in panels of eight columns, as multiply.ts and outer.ts take them, and rows padded to them.
import { copyFloats } from './simd';

// @ts-ignore: decorator
@inline
export function roundUp8(n: i32): i32 {
  return (n + 7) & ~7;
}

/** W[inputs × units] in panels of eight columns, the last one padded. */
export function pack(inputs: i32, units: i32, kernel: usize, panels: usize): void {
  const row = <usize>units << 2;
  for (let unit = 0; unit < units; unit += 8) {
    let from = kernel + (<usize>unit << 2);
    const count = min(8, units - unit);
    for (const end = panels + (<usize>inputs << 5); panels < end; panels += 32) {
      if (count == 8) {
        v128.store(panels, v128.load(from));
        v128.store(panels, v128.load(from, 16), 16);
      } else {
        memory.fill(panels, 0, 32);
        copyFloats(panels, from, count);
      }
      from += row;
    }
  }
}

/** Wᵀ in panels of eight columns, the last one padded. */
export function packTransposed(inputs: i32, units: i32, kernel: usize, panels: usize): void {
  const panelBytes = <usize>units << 5;
  if (inputs & 7) memory.fill(panels + <usize>(inputs >> 3) * panelBytes, 0, panelBytes);
  for (let k = 0; k < inputs; k++) {
    let to = panels + <usize>(k >> 3) * panelBytes + (<usize>(k & 7) << 2);
    for (const end = kernel + (<usize>units << 2); kernel < end; kernel += 4) {
      store<f32>(to, load<f32>(kernel));
      to += 32;
    }
  }
}

/** Rows whose width is `columns`: themselves, or a copy that has zeros behind each. */
export function padRows(rows: i32, copy: usize, columns: i32, from: usize, width: i32): usize {
  if (columns == width) return from;
  const row = <usize>columns << 2;
  memory.fill(copy, 0, <usize>rows * row);
  copyRows(rows, copy, row, from, <usize>width << 2, width);
  return copy;
}

export function copyRows(rows: i32, to: usize, toRow: usize, from: usize, fromRow: usize, width: i32): void {
  for (let i = 0; i < rows; i++) {
    copyFloats(to, from, width);
    to += toRow;
    from += fromRow;
  }
}
