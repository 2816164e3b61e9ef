// What the build for Node imports in place of tfjs-layers. Its million characters of CommonJS are
// searched for names when a module imports them, which takes Node longer than running them; what
// is required is only run. Both ways lead to the same copy.
exports.tfl = require('@tensorflow/tfjs-layers');
