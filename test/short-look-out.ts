import { lookOut } from '../src/engine/threads.js';

/** Tests share their processors: threads sleep between two runs, where they would look out for the next. */
lookOut.spins = 200;
