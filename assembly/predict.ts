// The kernels that predict, for the entry without TensorFlow.js.
export { attentionContextForward } from './attention/context';
export { attentionWeightsForward } from './attention/weights';
export { conv1dForward } from './convolution/conv1d';
export { denseForward } from './dense/dense';
export { embeddingGather, firstOutside } from './embedding/embedding';
export { elementwiseForward } from './activations/elementwise';
export { softmaxForward } from './activations/softmax';
export { recurrentForward, recurrentInference, recurrentPack, recurrentPrefix } from './recurrent/cells';
export { recurrentBounded, recurrentFold } from './recurrent/fold';
export { mergeValues } from './merging/merge';
export { recurrentOrder } from './recurrent/order';
