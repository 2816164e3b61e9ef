import * as tf from '@tensorflow/tfjs-core';

/** A handler that keeps what is saved as the text and the bytes that a server would hold. */
export function inMemory() {
  const saved = { json: '', weights: new ArrayBuffer(0) };
  const handler: tf.io.IOHandler = {
    save: async ({ weightData, ...rest }) => {
      saved.json = JSON.stringify(rest);
      saved.weights = tf.io.CompositeArrayBuffer.join(weightData);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
    load: async () => ({ ...JSON.parse(saved.json), weightData: saved.weights }),
  };
  return { handler, saved };
}
