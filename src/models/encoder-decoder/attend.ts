/** What the decoder sees of the source at each of its steps. */
import { tfl } from '../../foundation/tensorflow.js';
import { additiveAttention, attention, dense } from '../../layers/layers.js';
import { decoderUnits, type Seeds } from './build.js';
import type { EncoderDecoderSettings } from './options.js';

type Symbol = tfl.SymbolicTensor;

/** The name of the layer whose weights say where the decoder looks. */
export const ATTENTION = 'attention';

/**
 * The outputs of the decoder, together with the mean of the steps of the source, weighted by attention.
 *
 * Luong et al. 2015 score by the product of both states (equation 7, `dot`), Bahdanau et al. 2015 by a
 * small network: v · tanh(W·s + U·h) (appendix A.1.2). With both, the decoder's states are computed first
 * and a tanh layer joins what was found (Luong's equation 5), as AdditiveAttention of Keras is used.
 *
 * @param decoded [batch, target.length, units].
 * @param steps Of the encoder, [batch, source.length, units].
 */
export function attend(
  settings: EncoderDecoderSettings,
  decoded: Symbol,
  steps: Symbol,
  seeds: Seeds,
): Symbol {
  if (settings.attention === 'none') return decoded;
  const context = contextOf(settings, decoded, steps, seeds);
  const both = tfl.layers.concatenate({ name: 'context_and_state' }).apply([context, decoded]);
  return dense({
    name: 'attentional',
    units: decoderUnits(settings),
    activation: 'tanh',
    useBias: false,
    kernelInitializer: seeds.glorot(),
  }).apply(both) as Symbol;
}

function contextOf(
  settings: EncoderDecoderSettings,
  decoded: Symbol,
  steps: Symbol,
  seeds: Seeds,
): Symbol {
  if (settings.attention === 'luong') {
    return attention({ name: ATTENTION }).apply([decoded, steps]) as Symbol;
  }
  const projected = (name: string, of: Symbol, useBias: boolean) =>
    dense({
      ...{ name, units: decoderUnits(settings), useBias },
      kernelInitializer: seeds.glorot(),
    }).apply(of) as Symbol;
  const query = projected('attention_query', decoded, true);
  const key = projected('attention_key', steps, false);
  return additiveAttention({ name: ATTENTION, ...seeds.next() }).apply([
    query,
    steps,
    key,
  ]) as Symbol;
}
