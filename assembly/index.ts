export { adadelta, adagrad, adam, adamax, momentum, rmsprop, sgd } from './optimizers/steps';
export { scaleToNorm } from './optimizers/clip';
export { attentionContextBackward, attentionContextForward } from './attention/context';
export { attentionWeightsBackward, attentionWeightsForward } from './attention/weights';
export { conv1dBackward, conv1dForward, conv1dSums } from './convolution/conv1d';
export { categoricalAccuracy } from './losses/accuracy';
export { crossentropyBackward, crossentropyForward } from './losses/crossentropy';
export { ctcBackward, ctcForward } from './losses/ctc';
export { penaltyGradient, penaltyTotal } from './losses/penalty';
export { denseBackward, denseForward } from './dense/dense';
export { dropout, dropoutBits } from './dropout/dropout';
export { embeddingGather, embeddingScatterAdd, firstOutside } from './embedding/embedding';
export { elementwiseBackward, elementwiseForward } from './activations/elementwise';
export { softmaxBackward, softmaxForward } from './activations/softmax';
export {
  recurrentBackward, recurrentForward, recurrentInference, recurrentInterleave, recurrentPack, recurrentPrefix,
  recurrentTranspose, recurrentUnpack, recurrentWordsSums,
} from './recurrent/cells';
export { recurrentBounded, recurrentFold } from './recurrent/fold';
export { numberWords } from './recurrent/number-words';
export { copyParts } from './merging/concatenate';
export { mergeValues } from './merging/merge';
export { blockSum } from './merging/sums';
export { recurrentOrder } from './recurrent/order';
export { recurrentPaddingSums } from './recurrent/words';
export { recurrentWordsGradient } from './recurrent/words-gradient';
