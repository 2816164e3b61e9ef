import { worthOfAThread } from '../src/kernels/recurrent/layout.js';

/** Small layers have several shards here, as only large ones have otherwise. */
worthOfAThread.multiplyAdds = 0;
