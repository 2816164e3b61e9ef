export { adam } from './adam';
export { denseBackward, denseForward } from './dense';
export { dropout } from './dropout';
export { embeddingGather, embeddingScatterAdd, firstOutside } from './embedding';
export { lstmFold, lstmInference, lstmPrefix } from './lstm-inference';
export { lstmBackward, lstmForward } from './lstm';
export { lstmPack, lstmPackTransposed, lstmUnpackGradient } from './lstm-weights';
export { addFloats } from './simd';
