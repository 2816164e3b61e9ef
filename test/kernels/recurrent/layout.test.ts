import { describe, expect, it } from 'vitest';
import { shardsOf as shardsOfWork, worthOfAThread } from '../../../src/kernels/recurrent/layout.js';

const PLENTY = 1e12;
const shardsOf = (batch: number, threads: number) => shardsOfWork(batch, threads, PLENTY);

const rowsOf = (batch: number, threads: number) => shardsOf(batch, threads).map(({ rows }) => rows);

describe('the shards of a batch', () => {
  it('are all of it on one thread', () => {
    expect(shardsOf(100, 1)).toEqual([{ firstRow: 0, rows: 100 }]);
  });

  it('are for each thread a large one, and a small one for who is through first', () => {
    expect(rowsOf(100, 2)).toEqual([42, 8, 42, 8]);
    expect(rowsOf(128, 2)).toEqual([52, 12, 52, 12]);
    expect(rowsOf(100, 4)).toEqual([21, 4, 21, 4, 21, 4, 21, 4]);
  });

  it('are even where a thread has few rows', () => {
    expect(rowsOf(32, 2)).toEqual([16, 16]);
    expect(rowsOf(100, 16)).toHaveLength(16);
  });

  it('are fewer than the threads where rows are too few to wake one for', () => {
    expect(rowsOf(7, 2)).toEqual([7]);
    expect(rowsOf(13, 8)).toHaveLength(3);
  });

  it('are as many as the work is worth, and one where it is worth one thread only', () => {
    const before = worthOfAThread.multiplyAdds;
    worthOfAThread.multiplyAdds = 1000;
    try {
      expect(shardsOfWork(100, 2, 1999)).toEqual([{ firstRow: 0, rows: 100 }]);
      expect(shardsOfWork(100, 2, 2000).map(({ rows }) => rows)).toEqual([42, 8, 42, 8]);
      expect(shardsOfWork(24, 4, 3999)).toHaveLength(3);
      expect(shardsOfWork(100, 2, 999, 2)).toEqual([{ firstRow: 0, rows: 100 }]);
    } finally {
      worthOfAThread.multiplyAdds = before;
    }
  });

  it('are every row once, in order, at any size', () => {
    for (let batch = 1; batch <= 260; batch++) {
      for (const threads of [1, 2, 3, 4, 8, 16]) {
        let next = 0;
        for (const { firstRow, rows } of shardsOf(batch, threads)) {
          expect(firstRow).toBe(next);
          expect(rows).toBeGreaterThan(0);
          next += rows;
        }
        expect(next).toBe(batch);
      }
    }
  });
});
