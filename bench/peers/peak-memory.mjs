// Imported before a script, says at its end how much memory it had at most.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => console.log(`peak memory, kB: ${process.resourceUsage().maxRSS}`));
}
