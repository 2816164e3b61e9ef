export * from './index.js';
export { writeFileAtomic } from './files/atomic.js';
export { fileSystem } from './files/file-system.js';
export { type LoadImdbOptions, loadImdb } from './files/imdb.js';
export { type ReadTextDirectoryOptions, readTextDirectory } from './files/text-directory.js';
export { type ProgressBarOptions, progressBar } from './files/progress-bar.js';
export { type CheckpointOptions, checkpoint, type Resumed, resume } from './files/checkpoint.js';
export type { DownloadProgress } from './files/download.js';
export { type DownloadImdbOptions, downloadImdb } from './files/download-imdb.js';
