/**
 * The masks of a functional model, which Keras 3 writes out as operations.
 *
 * `Embedding(mask_zero=True)` and `Masking` leave a `NotEqual` (and an `Any`) in the file, and layers
 * that join masked inputs leave others, whose output every layer after them is given as `mask`. Our
 * models compute the same masks by themselves, so that the operations can go, as long as each layer is
 * given the very mask of its input. Two masks are the same if they are the same term.
 */
import { type Call, readKerasTensor, type TensorReference } from './inbound-nodes.js';
import { type LayerPlace, refuseLayer } from '../settings/layer-config.js';
import { isObject, type JsonObject, property } from '../read-json.js';

/** An operation, with what it is applied to, by use. */
export interface MaskOperation {
  place: LayerPlace;
  name: string;
  /** Of `Concatenate` alone. */
  axis?: number;
  uses: { inputs: TensorReference[]; value?: number }[];
}

/** How many tensors an operation takes. Of those with an axis and no number here, it is the last. */
const OPERATIONS: Readonly<Record<string, { inputs: number | 'list'; axes?: readonly number[] }>> =
  {
    All: { inputs: 1, axes: [-1, 0] },
    Any: { inputs: 1, axes: [-1] },
    Concatenate: { inputs: 'list' },
    ConvertToTensor: { inputs: 1 },
    ExpandDims: { inputs: 1, axes: [-1, 0] },
    LogicalOr: { inputs: 2 },
    NotEqual: { inputs: 1 },
    OnesLike: { inputs: 1 },
    ZerosLike: { inputs: 1 },
  };

/** Whether something in the list of layers is an operation that masks are made of. */
export function isMaskOperation(written: unknown, kerasVersion: number): written is JsonObject {
  if (kerasVersion < 3 || !isObject(written)) return false;
  const className = property(written, 'class_name');
  if (typeof className !== 'string' || !Object.hasOwn(OPERATIONS, className)) return false;
  const module = property(written, 'module');
  if (module !== undefined) {
    return module === `keras.src.ops.${className === 'ConvertToTensor' ? 'core' : 'numpy'}`;
  }
  // An .h5 does not say; an operation has no weights that could be trained.
  const config = property(written, 'config');
  return isObject(config) && !Object.hasOwn(config, 'trainable');
}

/** @throws RecurrentError for an operation that cannot be part of a mask. */
export function readMaskOperation(
  written: JsonObject,
  parentPath: string,
  kerasVersion: number,
): MaskOperation {
  const config = property(written, 'config');
  const settings = isObject(config) ? config : {};
  const name = property(settings, 'name');
  const className = String(property(written, 'class_name'));
  const place = { path: `${parentPath}/${String(name)}`, className, kerasVersion };
  if (typeof name !== 'string') refuseOperation(place, name);
  const { inputs, axes } = OPERATIONS[className]!;
  const axis = property(settings, 'axis');
  const isPlain = (property(settings, 'keepdims') ?? false) === false;
  if (!isPlain || (axes && !axes.includes(axis as number))) refuseOperation(place, settings);
  const nodes = property(written, 'inbound_nodes');
  if (!Array.isArray(nodes)) refuseOperation(place, nodes);
  const uses = nodes.map((node): MaskOperation['uses'][number] => {
    const args = isObject(node) ? property(node, 'args') : undefined;
    const given = Array.isArray(args) ? args : [];
    const tensors = inputs === 'list' ? given[0] : given.slice(0, inputs);
    const read = Array.isArray(tensors) ? tensors.map(readKerasTensor) : [];
    const known = read.filter((tensor) => tensor !== undefined);
    const [value] = className === 'NotEqual' ? given.slice(1) : [];
    const fits = className !== 'NotEqual' || typeof value === 'number';
    if (known.length === 0 || known.length < read.length || !fits) refuseOperation(place, args);
    if (inputs === 2 && known.length < 2) refuseOperation(place, args);
    return { inputs: known, ...(typeof value === 'number' && { value }) };
  });
  return { place, name, uses, ...(typeof axis === 'number' && { axis }) };
}

/** Throws where an operation is used as anything but a mask. */
export function requireMasksAlone(
  operations: readonly MaskOperation[],
  calls: readonly Call[],
  outputs: readonly TensorReference[],
): void {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  for (const reference of [...calls.flatMap(({ inputs }) => inputs), ...outputs]) {
    const operation = byName.get(reference.layer);
    if (operation) refuseOperation(operation.place);
  }
}

/** A mask as a term of operations, each of which has a number: equal terms have one. */
export type Term = number;

/** The numbers of all terms, of a model and of those inside it. */
export class TermNumbers {
  readonly #numbers = new Map<string, Term>();
  #models = 0;

  of(parts: readonly unknown[]): Term {
    const text = JSON.stringify(parts);
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  /** The number of a walk through a model, whose layers have names of their own. */
  nextModel(): number {
    return this.#models++;
  }
}

/** The terms of a model: those of its file, and those of the masks that its layers make. */
export class MaskTerms {
  readonly #numbers: TermNumbers;
  readonly #model: number;
  readonly #operations: Map<string, MaskOperation>;
  readonly #known = new Map<string, Term | null>();

  constructor(operations: readonly MaskOperation[], numbers: TermNumbers) {
    this.#numbers = numbers;
    this.#model = numbers.nextModel();
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
  }

  #number(...parts: unknown[]): Term {
    return this.#numbers.of(parts);
  }

  notEqual = ({ layer, node, tensor }: TensorReference, value: number) =>
    this.#number('NotEqual', this.#model, layer, node, tensor, value);
  any = (term: Term) => this.#number('Any', term, -1);
  all = (term: Term, axis = -1) => this.#number('All', term, axis);
  or = (a: Term, b: Term) => this.#number('LogicalOr', a, b);
  expand = (term: Term, axis = -1) => this.#number('ExpandDims', term, axis);
  like = (name: 'OnesLike' | 'ZerosLike', { layer, node, tensor }: TensorReference) =>
    this.#number(name, this.#model, layer, node, tensor);
  concatenate = (terms: readonly Term[], axis: number) => this.#number('Concatenate', terms, axis);

  /** The term that a file's operations make of a mask; null where they make none. */
  written(reference: TensorReference): Term | null {
    const { layer, node, tensor } = reference;
    const key = JSON.stringify([layer, node, tensor]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, null); // What is made of itself is no mask.
    const operation = this.#operations.get(layer);
    const use = tensor === 0 ? operation?.uses[node] : undefined;
    const term = operation && use ? this.#of(operation, use) : null;
    this.#known.set(key, term);
    return term;
  }

  #of({ place, axis = -1 }: MaskOperation, use: MaskOperation['uses'][number]): Term | null {
    const [first] = use.inputs as [TensorReference];
    const name = place.className;
    if (name === 'NotEqual') return this.notEqual(first, use.value!);
    if (name === 'OnesLike' || name === 'ZerosLike') return this.like(name, first);
    const terms = use.inputs.map((input) => this.written(input));
    if (terms.some((term) => term === null)) return null;
    const [a, b] = terms as [Term, Term];
    // What a layer of attention does with the mask of its query.
    if (name === 'ConvertToTensor') return a;
    if (name === 'Any') return this.any(a);
    if (name === 'All') return this.all(a, axis);
    if (name === 'ExpandDims') return this.expand(a, axis);
    return name === 'LogicalOr' ? this.or(a, b) : this.concatenate(terms as Term[], axis);
  }
}

function refuseOperation(place: LayerPlace, received?: unknown): never {
  refuseLayer(place, {
    expected: 'is an operation that is more than the mask of an Embedding or Masking layer',
    ...(received !== undefined && { received }),
    remedy: 'Operations of keras.ops between layers cannot be loaded.',
  });
}
