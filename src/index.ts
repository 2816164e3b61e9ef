export { FileError, RecurrentError } from './foundation/errors.js';
