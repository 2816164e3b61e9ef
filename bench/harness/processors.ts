/** On which processors a process runs, where the system can be told (Linux, with taskset). */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The first two processors that this process may use; null where that cannot be known or told. */
export function twoProcessors(): [number, number] | null {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    const status = readFileSync('/proc/self/status', 'utf8');
    const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(status)![1]!; // 0-1,4
    const [first, second] = list.split(',').flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number);
      return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
    });
    return second === undefined ? null : [first!, second];
  } catch {
    return null;
  }
}

/** Has the main thread of a process, or all of its threads, run there and nowhere else. */
export function runOn(
  pid: number,
  processors: readonly number[],
  threads: 'all' | 'main' = 'main',
): void {
  const all = threads === 'all' ? ['-a'] : [];
  execFileSync('taskset', [...all, '-p', '-c', processors.join(','), `${pid}`], {
    stdio: 'ignore',
  });
}
