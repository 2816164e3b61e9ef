#!/usr/bin/env node
// Gives the command a backend to compute with, the one that its user has installed.
try {
  await import('@tensorflow/tfjs-backend-cpu');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(
    'tfjs-recurrent: no backend of TensorFlow.js is installed to compute with. ' +
      'Run npm install @tensorflow/tfjs-backend-cpu first.',
  );
  process.exit(1);
}
const { command } = await import('../dist/in-node/command.js');
process.exitCode = await command(process.argv.slice(2));
