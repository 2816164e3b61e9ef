/** What a saved model of TensorFlow.js consists of, as far as it is read here. */

/** A weight in the list of `model.json`. */
export interface WeightSpec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string; scale?: number; min?: number };
}

/** What handlers of TensorFlow.js hand over: `tf.io.ModelArtifacts`. */
export interface SavedParts {
  modelTopology: object;
  weightSpecs: WeightSpec[];
  /** The bytes of all weights, or of their shards in order. */
  weightData: ArrayBuffer | Uint8Array | readonly (ArrayBuffer | Uint8Array)[];
  trainingConfig?: object;
  userDefinedMetadata?: Record<string, unknown>;
}
