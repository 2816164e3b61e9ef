/**
 * What labels must be, and which classes they hold. A label is a number, a
 * boolean, the name of a class, or a row of numbers (one-hot).
 */
import { reject, show } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import type { Column } from './rows.js';
import { warn } from './warn.js';

/**
 * Throws unless every label is usable: a finite number, a boolean, a string, or
 * a row of finite numbers as long as the first row.
 */
export function requireLabels(where: string, name: string, labels: Column): void {
  if (labels instanceof tf.Tensor) {
    if (labels.dtype === 'string') return;
    const values = labels.dataSync();
    const width = values.length / Math.max(1, labels.shape[0] ?? 1);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1) rejectLabel(where, `${name}, row ${Math.floor(bad / width)}`, values[bad]);
    return;
  }
  const width = rowLength(labels[0]);
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index];
    if (rowLength(label) !== width) {
      reject({
        where,
        expected:
          `${name} must be all numbers or all rows of one length, but ${name}[0] ` +
          `${describe(width)} and ${name}[${index}] ${describe(rowLength(label))}`,
        remedy: 'Give every sample the same kind of label.',
        see: 'uneven-data',
      });
    }
    for (const value of isRow(label) ? label : [label]) {
      if (!isLabel(value)) rejectLabel(where, `${name}[${index}]`, value);
    }
  }
}

/**
 * The one class that every label names, as a message shows it, or `undefined`
 * when there are several, or when labels are sequences, of which nothing can be said.
 */
export function singleClass(labels: Column): string | undefined {
  if (labels instanceof tf.Tensor) return singleClassOfTensor(labels);
  const first = labels[0];
  return labels.every((label) => sameLabel(label, first)) ? className(first) : undefined;
}

/** Warns when one part of a split holds a single class. */
export function warnOfSingleClass(
  where: string,
  part: 'training' | 'validation',
  labels: Column,
  remedy: string,
): void {
  const only = singleClass(labels);
  if (only === undefined) return;
  const consequence =
    part === 'training'
      ? 'the model can learn only that class'
      : 'validation accuracy says nothing about other classes';
  warn({ where, expected: `every ${part} label is ${only}, so that ${consequence}`, remedy });
}

function singleClassOfTensor(labels: tf.Tensor): string | undefined {
  if (labels.rank < 1 || labels.rank > 2 || labels.dtype === 'string') return undefined;
  const values = labels.dataSync();
  const width = labels.shape[1] ?? 1;
  const same = values.every((value, index) => value === values[index % width]);
  return same ? className(values.slice(0, width)) : undefined;
}

function sameLabel(label: unknown, other: unknown): boolean {
  if (!isRow(label) || !isRow(other)) return label === other;
  return label.every((value, index) => value === other[index]);
}

function className(label: unknown): string {
  if (!isRow(label)) return show(label);
  return show(label.length === 1 ? label[0] : Array.from(label));
}

function isRow(label: unknown): label is unknown[] {
  return Array.isArray(label) || (ArrayBuffer.isView(label) && 'length' in label);
}

function rowLength(label: unknown): number | undefined {
  return isRow(label) ? label.length : undefined;
}

function describe(length: number | undefined): string {
  return length === undefined ? 'is a single value' : `is a row of ${length}`;
}

function isLabel(value: unknown): boolean {
  return Number.isFinite(value) || typeof value === 'string' || typeof value === 'boolean';
}

function rejectLabel(where: string, what: string, value: unknown): never {
  reject({
    where,
    expected: `${what} must be a finite number`,
    received: value,
    remedy: 'Remove that sample or repair its label.',
    see: 'wrong-labels',
  });
}
