export { adam } from './adam';
export { dropout } from './dropout';
export { embeddingGather, embeddingScatterAdd } from './embedding';
export { lstmBackward, lstmForward, lstmPack, lstmPackTransposed, lstmUnpackGradient } from './lstm';
export { addFloats } from './simd';
