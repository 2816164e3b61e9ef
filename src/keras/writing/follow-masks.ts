/**
 * Walks through a model with the masks that its layers are given here and those that they would be
 * given in Keras 3, and refuses what would not compute the same there.
 */
import { tfl } from '../../foundation/tensorflow.js';
import { type Call, graphOf } from '../../layers/model/graph.js';
import { handsMaskOn } from '../../layers/model/masks.js';
import { isOurs } from '../../layers/model/ours.js';
import { isRecurrent } from '../../layers/model/recurrent.js';
import { builtModel } from '../../layers/model/run-graph.js';
import {
  drawnInKeras,
  heedsMasks,
  type Joined,
  joinedByStock,
  joinedHere,
  joinedInKeras,
  joinsMasks,
  joinsSteps,
  maskRuleOf,
} from './join-masks.js';
import { type DrawnMask, drawConverted, drawMade, type MaskOperation } from './mask-operations.js';
import { madeMask, sameMask, type Term, that } from './mask-terms.js';
import { recurrentSettings, strayOutputs } from './masked-steps.js';
import { type MaskPlace, refuseLeak, refuseMaskedLayer, refuseOtherMask } from './refuse-masks.js';
import { stockOrder } from './stock-order.js';

type Layer = tfl.layers.Layer;

/** What is known of a tensor. */
interface Known {
  /** Equal for equal values. */
  id: string;
  rank: number;
  /** Its mask in the model that is written. */
  here: Term | null;
  /** Its mask in Keras 3, which goes with its values. */
  keras: Term | null;
  /** Its mask as Keras 3 knows it while it builds the model: none where it comes out of a model inside. */
  drawn: DrawnMask | null;
  /** Where its values are others in Keras 3: at the steps that this mask leaves out. */
  stray: { mask: Term; refuse(): never } | null;
}

const NOTHING = { here: null, keras: null, drawn: null, stray: null };

/** What Keras 3 makes of the calls of a model. */
export interface KerasMasks {
  /** The masks that calls are given there, as far as they are part of the graph. */
  given: ReadonlyMap<Call, MaskOperation>;
  /** Those that have to be written, since Keras 3 looks for none where there are states. */
  told: ReadonlySet<Call>;
}

/**
 * Compares the masks of a model with those that it would have in Keras 3.
 *
 * @throws RecurrentError naming the layer that would compute something else.
 */
export function compareMasks(where: string, model: tfl.LayersModel): KerasMasks {
  const walk = new MaskWalk(where, isOurs(model));
  for (const { stray } of walk.through(builtModel(model), [], '')) stray?.refuse();
  return walk;
}

/** Layers that compute each step by itself; Keras hands the mask of their input on. */
const STEP_BY_STEP = new Set([
  ...['Activation', 'AlphaDropout', 'BatchNormalization', 'Dense', 'Dropout', 'ELU'],
  ...['GaussianDropout', 'GaussianNoise', 'LayerNormalization', 'LeakyReLU', 'PReLU', 'ReLU'],
  ...['Rescaling', 'Softmax', 'SpatialDropout1D', 'ThresholdedReLU', 'TimeDistributed'],
]);

/** Layers inside a TimeDistributed that Keras 3 gives the mask of their step. */
const HEEDS_STEP = new Set(['GlobalAveragePooling1D', 'Softmax', 'TimeDistributed']);

class MaskWalk implements KerasMasks {
  readonly given = new Map<Call, MaskOperation>();
  readonly told = new Set<Call>();
  readonly #where: string;
  /** Whether the model is run by our code; TensorFlow.js hands masks on to layers that have none. */
  readonly #isOurs: boolean;
  #walks = 0;
  /** What TensorFlow.js hands on; undefined before there was a mask. */
  #leaked: Term | null | undefined;
  #leaksStates = false;

  constructor(where: string, ours: boolean) {
    this.#where = where;
    this.#isOurs = ours;
  }

  /**
   * @param inputs What is known of the inputs, if anything is.
   * @returns What is known of the outputs.
   */
  through(model: tfl.LayersModel, inputs: readonly Known[], path: string): Known[] {
    const graph = graphOf(model);
    const walk = this.#walks++;
    const known: Known[] = [];
    graph.inputs.forEach(({ tensor }, i) => {
      const { rank } = model.inputs[i]!;
      known[tensor] = inputs[i] ?? { id: `${walk}.${tensor}`, rank, ...NOTHING };
    });
    for (const call of this.#isOurs ? graph.calls : stockOrder(model, graph)) {
      const place = { where: this.#where, path: path + call.layer.name, layer: call.layer };
      const given = call.inputs.map((i) => known[i]!);
      const outputs = this.#follow(place, call, given);
      call.outputs.forEach((tensor, n) => {
        const { rank } = call.node.outputTensors[n]!;
        known[tensor] = { ...NOTHING, ...outputs[n], id: `${walk}.${tensor}`, rank };
      });
    }
    return graph.outputs.map((i) => known[i]!);
  }

  #follow(place: MaskPlace, call: Call, inputs: Known[]): Partial<Known>[] {
    const { layer } = call;
    const name = layer.getClassName();
    const here = this.#givenHere(place, call, inputs);
    if (joinsMasks(name)) return [this.#joined(place, call, inputs, here)];
    const [first] = inputs as [Known];
    if (name === 'Attention' || name === 'AdditiveAttention') {
      return this.#attention(place, call, inputs, here);
    }
    if (isRecurrent(layer)) return this.#recurrent(place, call, inputs, here[0]!);
    if (name === 'Embedding' || name === 'Masking') return [this.#made(call, first)];
    if (layer instanceof tfl.LayersModel) {
      if (!this.#isOurs && this.#leaked !== undefined) refuseLeak(place, 'the mask');
      if (inputs.length === 1) this.#draw(call, first);
      const given = inputs.map((input, i) => ({ ...input, here: here[i]!, drawn: null }));
      const outputs = this.through(builtModel(layer), given, `${place.path}/`);
      return outputs.map((output) => ({ ...output, drawn: null }));
    }
    if (name === 'GlobalAveragePooling1D') {
      const counts = maskRuleOf(layer) === null ? null : here[0]!;
      requireSame(place, first, counts, this.#draw(call, first));
      return [];
    }
    if (name === 'GlobalMaxPooling1D' && maskRuleOf(layer) !== null && here[0]) {
      refuseOtherMask(place, here[0], null);
    }
    if (!this.#keepsSteps(place, call, first)) {
      for (const { stray } of inputs) stray?.refuse();
    }
    const { drawn, keras, stray } = STEP_BY_STEP.has(name) ? first : NOTHING;
    return [{ here: handsMaskOn(layer) && name !== 'Dot' ? first.here : null, drawn, keras, stray }]; // biome-ignore format: short
  }

  /** The mask that Keras 3 gives a layer which takes one, known in the graph or found with the values. */
  #draw(call: Call, { drawn, keras }: Known): Term | null {
    if (drawn) this.given.set(call, drawn.operation);
    return drawn?.term ?? keras;
  }

  /** The masks that a layer is told of here. */
  #givenHere(place: MaskPlace, call: Call, inputs: readonly Known[]): (Term | null)[] {
    const own = inputs.map(({ here }) => here);
    if (this.#isOurs) return call.isMasked ? own : own.map(() => null);
    if (own.some((mask) => mask !== null)) this.#leaked = own[0]!;
    if (isRecurrent(call.layer)) {
      if (this.#leaksStates) refuseLeak(place, 'the initial states');
      if (this.#leaked !== undefined && inputs.length > 1) this.#leaksStates = true;
    }
    return own.map((_, i) => (i === 0 ? (this.#leaked ?? null) : null));
  }

  /** Whether a layer computes each step by itself; throws where it does something with a mask. */
  #keepsSteps(place: MaskPlace, call: Call, input: Known): boolean {
    const { layer } = call;
    const name = layer.getClassName();
    if (name === 'TimeDistributed') {
      const mask = this.#draw(call, input);
      this.#eachStep(place, innerOf(layer), mask, input.rank - 1);
    }
    if (name === 'BatchNormalization')
      requireNormalized(place, this.#draw(call, input), input.rank);
    if (name === 'Softmax') {
      if (input.keras) refuseMaskedLayer(place);
      return false;
    }
    return STEP_BY_STEP.has(name) && !(name === 'LayerNormalization' && spansSteps(layer, input));
  }

  /** What is inside a TimeDistributed gets no mask here; in Keras it may get that of its step. */
  #eachStep(place: MaskPlace, inner: Layer, mask: Term | null, rank: number): void {
    const name = inner.getClassName();
    const isModel = inner instanceof tfl.LayersModel;
    if (mask && (isModel || isRecurrent(inner) || HEEDS_STEP.has(name))) refuseMaskedLayer(place);
    if (name === 'BatchNormalization') requireNormalized(place, mask, rank + 1);
    if (name === 'TimeDistributed') this.#eachStep(place, innerOf(inner), null, rank - 1);
    if (!isModel) return;
    const outputs = this.through(builtModel(inner), [], `${place.path}/${inner.name}/`);
    for (const { stray } of outputs) stray?.refuse();
  }

  #made({ layer, node }: Call, input: Known): Partial<Known> {
    input.stray?.refuse();
    const { maskValue = 0, maskZero } = layer as Layer & { maskValue?: number; maskZero?: boolean };
    const isMasking = layer.getClassName() === 'Masking';
    if (!isMasking && !maskZero) return {};
    const term = madeMask(input.id, input.rank, maskValue, isMasking);
    const operation = drawMade(node.inputTensors[0]!, maskValue, isMasking);
    return { here: term, keras: term, drawn: { term, operation } };
  }

  #joined(place: MaskPlace, call: Call, inputs: Known[], here: (Term | null)[]): Partial<Known> {
    const { layer } = place;
    const rank = Math.max(...inputs.map((input) => input.rank));
    const own = inputs.map((input) => input.here);
    const keras = inputs.map((input) => input.keras);
    const joined: Joined = { layer, rank, ids: inputs.map(({ id }) => id) };
    if ([...here, ...keras].some((mask) => mask !== null)) {
      const fits = inputs.every((input) => !input.keras || (input.keras.rank === 2 && input.rank === rank)); // biome-ignore format: short
      if (rank !== 3 || !fits) refuseMaskedLayer(place);
      const isHeeded = heedsMasks(layer.getClassName());
      const counts = here.map((mask) => (maskRuleOf(layer) === 'keras3' ? mask : null));
      counts.forEach((mask, i) => {
        if (isHeeded && !sameMask(mask, keras[i]!)) refuseOtherMask(place, mask, keras[i]!);
      });
    }
    return {
      here: this.#isOurs ? joinedHere(joined, own) : joinedByStock(joined, own),
      keras: joinedInKeras(joined, keras),
      drawn: drawnInKeras(
        joined,
        inputs.map(({ drawn }) => drawn),
        call.node.inputTensors,
      ),
      stray: strayOf(joined, inputs),
    };
  }

  /** Leaves masked values out, and gives zeros for masked queries; hands the mask of the query on. */
  #attention(
    place: MaskPlace,
    { own }: Call,
    [query, value, key]: Known[],
    here: (Term | null)[],
  ): Partial<Known>[] {
    // Keras 3 finds the masks of all inputs of a list with their values.
    for (const [input, mask] of [[query!, here[0]!] as const, [value!, here[1]!] as const]) {
      if (!sameMask(mask, input.keras)) refuseOtherMask(place, that(mask), that(input.keras));
      if (mask && mask.rank !== 2) refuseMaskedLayer(place);
    }
    // Where no step of a value counts, all of them do.
    value!.stray?.refuse();
    key?.stray?.refuse();
    const isZeroed = query!.stray !== null && sameMask(here[0]!, query!.stray.mask);
    if (query!.stray && (!isZeroed || own.returnAttentionScores)) query!.stray.refuse();
    const drawn = query!.drawn && drawConverted(query!.drawn);
    return [{ here: query!.here, keras: query!.keras, drawn }, {}];
  }

  #recurrent(
    place: MaskPlace,
    call: Call,
    [first, ...states]: Known[],
    mask: Term | null,
  ): Partial<Known>[] {
    const { here, keras, drawn } = first!;
    // Keras 3 looks for the mask of a layer's only tensor, and finds none where there are states.
    const hasStates = states.length > 0;
    const isTold = hasStates && mask !== null && drawn !== null && sameMask(mask, drawn.term);
    if (isTold) this.told.add(call);
    requireSame(place, first!, mask, !hasStates || isTold ? this.#draw(call, first!) : null);
    for (const { stray } of states) stray?.refuse();
    const settings = recurrentSettings(call.layer);
    const refuse = mask && strayOutputs(place, settings, hasStates);
    const stray = refuse && mask && { mask, refuse };
    return call.outputs.map((_, i) => {
      if (i < settings.sequences) return { here, keras, drawn, stray };
      // TensorFlow.js gives all outputs the mask of the first.
      return !this.#isOurs && settings.returnSequences ? { here } : {};
    });
  }
}

function innerOf(layer: Layer): Layer {
  return (layer as unknown as { layer: Layer }).layer;
}

/** Throws unless a layer that leaves steps out does so with one mask, and what strays is left out. */
function requireSame(place: MaskPlace, input: Known, here: Term | null, keras: Term | null): void {
  if (!sameMask(here, keras)) refuseOtherMask(place, that(here), that(keras));
  if (here && here.rank !== 2) refuseMaskedLayer(place);
  if (input.stray && !sameMask(here, input.stray.mask)) input.stray.refuse();
}

/** Keras 3 takes means of a masked input where its mask has one dimension less. */
function requireNormalized(place: MaskPlace, mask: Term | null, rank: number): void {
  if (mask && mask.rank !== rank - 1) refuseMaskedLayer(place);
}

/** What strays of joined inputs; where that is not at the same steps of all, it is refused. */
function strayOf(joined: Joined, inputs: readonly Known[]): Known['stray'] {
  const strays = inputs.map(({ stray }) => stray).filter((stray) => stray !== null);
  const [first = null] = strays;
  const isOne = strays.every(({ mask }) => sameMask(mask, first!.mask));
  const moves = joinsSteps(joined) || heedsMasks(joined.layer.getClassName());
  if (first && (!isOne || moves)) first.refuse();
  return first;
}

/** Whether a LayerNormalization takes the mean over steps, too. */
function spansSteps(layer: Layer, { rank }: Known): boolean {
  const { axis = -1 } = layer as Layer & { axis?: number | number[] };
  return [axis].flat().some((one) => (one < 0 ? rank + one : one) < rank - 1);
}
